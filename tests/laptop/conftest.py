from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sojourn.laptop.data import DataFolder
from tests.laptop.stack import Stack


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of the test's own, not started."""
    stack = Stack(tmp_path)
    yield stack
    stack.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that the tests of a module share and leave as they found it; `ada` may log in too."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    try:
        stack.start("--person", "ada")
        yield stack
    finally:
        stack.close()
