"""What a page that means ill does at a session's host, in the browser of whoever opened it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

FETCH = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return {type: answer.type, status: answer.status, body: await answer.text()};
  } catch (error) { return {refused: String(error)}; }
}"""
"""Asks for something; what it is told, or that it is refused."""

FORM = """([url]) => {
  const form = Object.assign(document.createElement("form"),
    {method: "post", action: url, target: "_blank", rel: "opener"});
  document.body.append(form); form.submit();
}"""
"""Sends a form that it made up, from which a new window opens."""


def tried(page: Page, script: str, *given: Any) -> Any:
    """What becomes of something that a page of a session does."""
    return page.evaluate(script, list(given))
