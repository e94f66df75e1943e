"""What a session on this computer uses, of real processes and files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from spawner import usage
from spawner.processes import ProcessRecord
from spawner.usage import Meter, folder_bytes
from tests.served import until

BUSY = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Path]:
    """The folder of a run whose program has a child that is busy."""
    process = subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True)
    began = psutil.Process(process.pid).create_time()
    ProcessRecord(run="run", pid=process.pid, created=began, pgid=process.pid).write(tmp_path)
    yield tmp_path
    for child in psutil.Process(process.pid).children(recursive=True):
        child.kill()
    process.kill()
    process.wait()


def test_the_children_of_a_program_count_too(session: Path) -> None:
    work = session / "work"
    work.mkdir()
    (work / "data").write_bytes(b"x" * 100_000)
    meter = Meter(session, work)
    first = meter.sample(attempt=2)
    record = ProcessRecord.read(ProcessRecord.path(session))
    assert record is not None
    process = psutil.Process(record.pid)
    until(lambda: process.children() or None, "the program has a child")
    later = [found for _ in range(50) if (found := meter.sample(attempt=2)) is not None]

    assert first is not None
    assert (first.attempt, first.cpus) == (2, None)
    assert max(each.memory_bytes for each in later) > 1_000_000
    assert first.disk_bytes is not None
    assert first.disk_bytes >= 100_000
    assert max(each.cpus or 0 for each in later) > 0


def test_of_a_program_that_has_ended_nothing_is_told(tmp_path: Path) -> None:
    assert Meter(tmp_path, tmp_path).sample(attempt=1) is None


def test_nobody_counts_very_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_FILES", 3)
    for number in range(4):
        (tmp_path / str(number)).touch()
    assert folder_bytes(tmp_path) is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "data").write_bytes(b"x" * 1_000_000)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "link").symlink_to(tmp_path / "elsewhere")
    assert (folder_bytes(tmp_path / "work") or 0) < 100_000
