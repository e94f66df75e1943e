"""Passes a session's log on to the API, within bounds; a hub that comes back goes on where it was."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from spawner.reporter import Reporter

LINES_AT_ONCE = 100
"""Lines passed on with one look; what else a talkative program wrote is only in its file."""

_LOOK_SECONDS = 0.2
_FURTHEST_BEHIND = 256 * 1024
_LAST_LINES_BYTES = 16 * 1024


class Tail:
    """The log of one program of a run; `source` names it in reports.

    How far the API has it stands in a file beside it, so that a later hub neither repeats nor loses lines.
    """

    def __init__(self, log: Path, *, source: str = "session") -> None:
        self._log = log
        self._source = source
        self._mark = log.with_name(f"{log.name}.sent")
        self._offset = self._sent()

    def skip_to_end(self) -> None:
        """Leaves out what is there: the log of earlier attempts."""
        self._offset = self._size()
        self._remember(self._offset)

    async def follow(self, reporter: Reporter) -> None:
        """Passes on what is written, until cancelled."""
        while True:
            self.pass_on(reporter)
            await asyncio.sleep(_LOOK_SECONDS)

    def pass_on(self, reporter: Reporter, *, is_last: bool = False) -> None:
        """Passes on what was written since the last look; a line without its end waits, unless `is_last`."""
        left_out = max(0, self._size() - self._offset - _FURTHEST_BEHIND)
        if left_out:
            reporter.log(self._source, f"… {left_out // 1024} KiB left out; all of it is in {self._log}")
            self._offset += left_out
        new = self._read()
        whole = new if is_last else new[: new.rfind(b"\n") + 1]
        if not whole:
            return
        self._offset += len(whole)
        lines = [line for line in whole.decode(errors="replace").splitlines() if line.strip()]
        if len(lines) > LINES_AT_ONCE:
            left_out = len(lines) - LINES_AT_ONCE
            reporter.log(self._source, f"… {left_out} lines left out; all are in {self._log}")
        passed_on = lines[-LINES_AT_ONCE:]
        offset = self._offset
        for number, line in enumerate(passed_on, start=1):
            is_end = number == len(passed_on)
            delivered = (lambda: self._remember(offset)) if is_end else None
            reporter.log(self._source, line, on_delivered=delivered)

    def last_lines(self, count: int) -> str:
        """The last lines of the log."""
        with contextlib.suppress(OSError), self._log.open("rb") as file:
            file.seek(max(0, self._size() - _LAST_LINES_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
        return ""

    def _read(self) -> bytes:
        with contextlib.suppress(OSError), self._log.open("rb") as file:
            file.seek(self._offset)
            return file.read(_FURTHEST_BEHIND)
        return b""

    def _size(self) -> int:
        with contextlib.suppress(OSError):
            return self._log.stat().st_size
        return 0

    def _sent(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            return int(self._mark.read_text())
        return 0

    def _remember(self, offset: int) -> None:
        # Without the mark a later hub repeats lines, which is no reason to disturb this one.
        with contextlib.suppress(OSError):
            beside = self._mark.with_name(f"{self._mark.name}.new")
            beside.write_text(str(offset))
            beside.replace(self._mark)
