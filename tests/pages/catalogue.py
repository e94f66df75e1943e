"""Environments as people make them with forms, for the tests of the catalogue's pages."""

from __future__ import annotations

import html

import httpx

from tests.pages.conftest import Person

Fields = dict[str, str | list[str]]

_IMAGE = {
    "made_of": "image",
    "image": f"registry.test/code@sha256:{'a' * 64}",
    "front_end": "VS Code",
    "port": "8443",
    "default_url": "/",
    "login": "strip",
    "ready_path": "/healthz",
}


def image(**changes: str | list[str]) -> Fields:
    """The form of a version that is an image."""
    return {**_IMAGE, **changes}


def made(person: Person, name: str, **changes: str | list[str]) -> str:
    """Makes an environment of an image; its address."""
    answer = person.submit("/environments/add", **image(name=name, **changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def shown(answer: httpx.Response) -> str:
    """A page as people read it."""
    return html.unescape(answer.text.replace("<wbr>", ""))
