"""Where pictures are taken: a laptop's Sojourn, and the API of a cluster."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import BrowserContext

from sojourn.laptop.login_links import new_login_link
from tests.pages.conftest import Site
from tests.served import Served


class Place(Protocol):
    """A Sojourn that people log in to."""

    url: str

    def enter(self, context: BrowserContext, person: str) -> None:
        """Logs a person in."""


class Laptop:
    """What `sojourn up` runs."""

    def __init__(self, sojourn: Served) -> None:
        self.url = sojourn.url
        self._data = sojourn.data

    def enter(self, context: BrowserContext, person: str) -> None:
        """Logs a person in by a link."""
        context.new_page().goto(new_login_link(self._data, person))


class Platform:
    """An API that takes a cluster for granted."""

    def __init__(self, site: Site) -> None:
        self.url = site.url
        self._site = site

    def enter(self, context: BrowserContext, person: str) -> None:
        """Logs a person in by a cookie."""
        with self._site.person(person) as logged_in:
            cookie = {"name": "sojourn-login", "value": logged_in.cookie, "url": self.url}
        context.add_cookies([cookie])
