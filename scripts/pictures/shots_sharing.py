"""Which pictures are taken of sessions that are shared."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.pictures.camera import TWO, Shot
from scripts.pictures.sharing import ANN, BOB, SLUG, SharedSample

PREFIXES = ("shared-",)
"""What the names of these pictures begin with."""


def everything(sample: SharedSample) -> Iterator[Shot]:
    """All of them."""
    yield Shot("shared-with", f"/runs/{sample.run}/shares", ANN)
    yield Shot("shared-run", f"/runs/{sample.run}", ANN, looks=TWO)
    yield Shot("shared-project", f"/projects/{SLUG}", BOB, looks=TWO)
