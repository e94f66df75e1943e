"""The folders of sessions on this computer: /work of each person's session, and one folder a run.

DATA/work/SESSION/PERSON   /work of a person's session
DATA/work/.servers/…       which folder belongs to which of the hub's servers
DATA/runs/RUN              record of the process, log
"""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from pydantic import ValidationError

from spawner.part import Part

_DISCARDED = ".discarded-"
_PRIVATE = 0o700


class ServerRecord(Part):
    """What one of the hub's servers has on this computer."""

    work: str
    run: str


class Folders:
    """The folders below one data folder."""

    def __init__(self, data: Path) -> None:
        self.work_root = data / "work"
        self._runs = data / "runs"

    def work(self, work: str) -> Path:
        """Where `work` of a launch spec is.

        Raises:
            ValueError: it would be elsewhere than below DATA/work, or a link leads away from there.
        """
        parts = PurePosixPath(work).parts
        if not parts or any(part in ("/", "..") or part.startswith(".") for part in parts):
            raise ValueError(f"{work!r} names no work folder.")
        path = self.work_root
        for part in parts:
            path /= part
            if path.is_symlink():
                raise ValueError(f"{path} is a link and no work folder.")
        return path

    def open_work(self, work: str) -> Path:
        """The work folder, made if it is not there yet; only its owner may look into it.

        Raises:
            ValueError: see `work`.
            OSError: it cannot be made.
        """
        path = self.work(work)
        for folder in (*reversed(path.relative_to(self.work_root).parents), path.relative_to(self.work_root)):
            (self.work_root / folder).mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        return path

    def run(self, run: str) -> Path:
        """The folder of a run, made if it is not there yet.

        Raises:
            OSError: it cannot be made.
        """
        path = self._runs / run
        path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        return path

    def remember(self, person: str, server: str, record: ServerRecord) -> None:
        """Notes what belongs to a server, for when the hub knows nothing of it any more.

        Raises:
            OSError: the note cannot be written.
        """
        path = self._record(person, server)
        path.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        beside = path.with_suffix(f".{uuid.uuid4().hex[:8]}")
        beside.write_text(record.model_dump_json())
        beside.replace(path)

    def remembered(self, person: str, server: str) -> ServerRecord | None:
        """What belongs to a server, if it was ever launched here."""
        try:
            return ServerRecord.model_validate_json(self._record(person, server).read_bytes())
        except (OSError, ValidationError):
            return None

    def discard_work(self, person: str, server: str) -> None:
        """Puts the work folder of a server where `delete_discarded` finds it: at once, whatever its size.

        Raises:
            ValueError: see `work`.
            OSError: it cannot be moved.
        """
        record = self.remembered(person, server)
        if record is None:
            return
        path = self.work(record.work)
        if path.exists():
            path.rename(self.work_root / f"{_DISCARDED}{uuid.uuid4().hex}")
        _remove_empty(path.parent, self.work_root)
        self._record(person, server).unlink(missing_ok=True)

    def delete_discarded(self) -> list[Path]:
        """Deletes what was discarded, now or before; links go, what they lead to stays.

        Returns what could not be deleted; it is tried again the next time.
        """
        for folder in self.work_root.glob(f"{_DISCARDED}*"):
            _open_up(folder)
            shutil.rmtree(folder, ignore_errors=True)
        return list(self.work_root.glob(f"{_DISCARDED}*"))

    def _record(self, person: str, server: str) -> Path:
        return self.work_root / ".servers" / f"{quote(person, safe='')}:{quote(server, safe='')}.json"


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and next(folder.iterdir(), None) is None:
        folder.rmdir()
        folder = folder.parent


def _open_up(folder: Path) -> None:
    """People make folders read-only; they are theirs all the same and go with the rest."""
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(stat.S_IRWXU)
