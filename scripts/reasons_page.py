"""`python scripts/reasons_page.py` writes the codes of clusters and of registries into docs/reasons.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sessions_api import registry
from spawner.kubernetes import why

PAGE = Path(__file__).parents[1] / "docs" / "reasons.md"
MARK = "<!-- From here on the page is written by scripts/reasons_page.py. -->\n"


def written(page: str) -> str:
    """The page with the codes of today."""
    before, _, _ = page.partition(MARK)
    lines = (
        *_table("On a cluster", why.codes()),
        *_table("Reading an image from its registry", registry.codes()),
    )
    return before + MARK + "".join(f"{line}\n" for line in lines)


def _table(title: str, codes: tuple[why.Code | registry.Code, ...]) -> Iterator[str]:
    yield f"\n## {title}\n\n| code | when | the person is offered |\n| --- | --- | --- |"
    for code in codes:
        remedies = ", ".join(f"*{remedy.label}*" for remedy in code.remedies)
        yield f"| `{code.code}` | {code.means} | {remedies} |"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
