from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sojourn.laptop.login_links import new_login_link
from tests.pages.conftest import chromium
from tests.stack import Stack

__all__ = ["chromium"]

expect.set_options(timeout=60_000)


def logged_in(chromium: Browser, stack: Stack, person: str | None = None, **options: Any) -> Page:
    """A browser of its own that followed a login link of somebody's, the owner's unless named."""
    context = chromium.new_context(
        base_url=stack.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **options
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(new_login_link(stack.data, person))
    return page


@pytest.fixture
def page(chromium: Browser, sojourn: Stack) -> Iterator[Page]:
    """The owner's browser."""
    opened = logged_in(chromium, sojourn)
    yield opened
    opened.context.close()
