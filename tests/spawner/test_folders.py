"""Where sessions keep their work on this computer, and that deleting it never reaches further."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from spawner.folders import Folders, ServerRecord


def with_work(data: Path) -> tuple[Folders, Path]:
    folders = Folders(data)
    folders.remember("ann", "demo", ServerRecord(work="session/ann", run="r"))
    return folders, folders.open_work("session/ann")


@pytest.mark.parametrize("work", ["", ".", "..", "../up", "a/../../up", "/etc", ".servers", "a/.hidden"])
def test_a_work_folder_is_never_elsewhere(tmp_path: Path, work: str) -> None:
    with pytest.raises(ValueError, match="names no work folder"):
        Folders(tmp_path).work(work)


def test_a_link_is_no_work_folder(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "work" / "session").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="is a link"):
        Folders(tmp_path).open_work("session/ann")


def test_a_server_that_never_ran_here_has_nothing_to_delete(tmp_path: Path) -> None:
    folders, work = with_work(tmp_path)
    folders.discard_work("ann", "other")
    assert folders.delete_discarded() == []
    assert work.is_dir()


def test_only_the_work_of_the_server_goes(tmp_path: Path) -> None:
    folders, work = with_work(tmp_path)
    others = folders.open_work("session/bob")
    (work / "file").write_text("x")

    folders.discard_work("ann", "demo")

    assert not work.exists()
    assert others.is_dir()
    assert folders.remembered("ann", "demo") is None
    assert folders.delete_discarded() == []


def test_a_name_with_slashes_and_dots_stays_a_name(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    record = ServerRecord(work="session/ann", run="r")
    folders.remember("../ann@example.org", "..", record)
    assert folders.remembered("../ann@example.org", "..") == record
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of a user without root's rights, as whom the test goes on."""
    folder = Path(tempfile.mkdtemp(prefix="sojourn-"))
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        shutil.rmtree(folder)


def test_read_only_folders_go_too(as_nobody: Path) -> None:
    folders, work = with_work(as_nobody)
    locked = work / "a" / "locked"
    locked.mkdir(parents=True)
    (locked / "file").write_text("x")
    outside = as_nobody / "outside"
    outside.mkdir(mode=0o500)
    (locked / "link").symlink_to(outside)
    locked.chmod(0o400)
    locked.parent.chmod(0o500)

    folders.discard_work("ann", "demo")

    assert folders.delete_discarded() == []
    assert outside.stat().st_mode & 0o777 == 0o500
