"""The page about images says what a check asks for, and every verdict."""

from __future__ import annotations

from typing import get_args

from sessions_api.environments.checks.verdicts import MUST_HAVE, Kind
from tests.served import REPOSITORY

PAGE = " ".join((REPOSITORY / "docs" / "images.md").read_text().split())
WORDS = PAGE.replace("`", "")


def test_the_page_asks_of_an_image_what_a_check_does() -> None:
    missing = [each for each in MUST_HAVE if each.removesuffix(".") not in WORDS]
    assert missing == []


def test_the_page_explains_every_verdict() -> None:
    assert [kind for kind in get_args(Kind) if f"| `{kind}` |" not in PAGE] == []
