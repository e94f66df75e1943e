from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md"))]
_TARGET = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target in _TARGET.findall(page.read_text()) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []
