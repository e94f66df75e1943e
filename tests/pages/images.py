"""Images that are checked on pages: an example, and what the pages' forms then hold."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx

from tests.pages.conftest import Person

WEB_APP = {
    "Entrypoint": ["serve"],
    "ExposedPorts": {"8501/tcp": {}},
    "User": "1001:1002",
    "Labels": {"org.opencontainers.image.title": "Tide gauge"},
}


def filled(answer: httpx.Response) -> dict[str, str]:
    """What the page's form would send: its inputs and chosen ones; text areas and buttons aside."""
    sent = {}
    for tag in re.findall(r"<input [^>]*>", answer.text):
        settings = {key: html.unescape(text) for key, text in re.findall(r'(\w+)="([^"]*)"', tag)}
        if settings.get("type") not in {"radio", "checkbox"} or tag.endswith(" checked>"):
            sent[settings.get("name", "")] = settings.get("value", "")
    return sent


def version(person: Person, path: str, number: int) -> Any:
    """A version as programs read it."""
    return person.get(f"/api/v1{path}/versions/{number}").raise_for_status().json()
