"""How a session's program ended, in words."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from spawner.failures import disk_full, is_full
from spawner.launch import Ending
from spawner.reasons import RETRY, SHOW_LOG, Reason

_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")


def ending(front_end: str, status: int | None, *, seconds: float, last_lines: str, work: Path) -> Ending:
    """What to tell about a program that ended by itself.

    Args:
        front_end: what people call the program.
        status: exit code, negative for a signal; None if it was not our child, whose status nobody learns.
        seconds: how long it ran.
        last_lines: the end of its log.
        work: where /work is.
    """
    after = f"{duration(seconds)} after it started" if seconds >= 1 else "right after it started"
    if status is not None and status > 0 and (_NO_SPACE.search(last_lines) or is_full(work)):
        return Ending(disk_full(work, last_lines))
    if status is None:
        code, sentence = "session_ended", f"{front_end} ended, {after}."
    elif status < 0:
        code, sentence = "session_killed", f"{front_end} was ended by {signal_name(-status)}, {after}."
    else:
        code, sentence = "session_crashed", f"{front_end} ended with exit code {status}, {after}."
    reason = Reason(code=code, sentence=sentence, remedies=(SHOW_LOG, RETRY), detail=last_lines)
    return Ending(reason, orderly=status == 0)


def duration(seconds: float) -> str:
    """As people read it: `3 s`, `1 min 20 s`, `2 h 14 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def signal_name(number: int) -> str:
    """The name of a signal, for instance `SIGKILL`."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
