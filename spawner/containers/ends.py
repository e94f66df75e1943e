"""How a session's container ended, in words."""

from __future__ import annotations

import signal
from pathlib import Path

from spawner import start_failures
from spawner.containers.pull_failures import CHOOSE, not_for_this_computer
from spawner.containers.records import ContainerRecord, End
from spawner.endings import ending
from spawner.launch import Ending
from spawner.reasons import RETRY, SHOW_LOG, Reason, Remedy

CONFIGURE = Remedy(action="configure", label="Configure the session")

_SIGNALLED = 128
"""A program that a signal ended has this and the signal's number as its exit code."""


def ending_of(
    end: End, front_end: str, container: ContainerRecord, *, seconds: float, last_lines: str, work: Path
) -> Ending:
    """What to tell about a container that ended by itself, or did not begin.

    Args:
        end: what its engine says.
        front_end: what people call the program.
        container: what was written down of it.
        seconds: how long it ran.
        last_lines: the end of its log, and of what the engine said.
        work: where /work is.
    """
    if not end.began:
        return Ending(_not_begun(front_end, container.image, last_lines))
    if end.out_of_memory:
        return Ending(_out_of_memory(front_end, container.memory_gib, last_lines))
    status = _SIGNALLED - end.status if end.status > _SIGNALLED else end.status
    told = ending(front_end, status, seconds=seconds, last_lines=last_lines, work=work)
    if status == -signal.SIGKILL and container.memory_gib is not None:
        return Ending(_maybe_out_of_memory(told.reason, container.memory_gib))
    return told


def _not_begun(front_end: str, image: str, said: str) -> Reason:
    if start_failures.PLATFORM.search(said):
        return not_for_this_computer(image, said)
    if found := start_failures.told(front_end, image, said):
        code, sentence = found
        return Reason(code=code, sentence=sentence, remedies=(CHOOSE, RETRY), detail=said)
    return Reason(
        code="start_failed",
        sentence=f"{front_end} did not start: its container could not be.",
        remedies=(SHOW_LOG, RETRY, CHOOSE),
        detail=said,
    )


def _out_of_memory(front_end: str, memory_gib: float | None, last_lines: str) -> Reason:
    """The kernel ends what has used up its limit."""
    used = f"all of its {memory_gib:g} GiB of memory" if memory_gib else "all the memory there was"
    return Reason(
        code="out_of_memory",
        sentence=f"{front_end} was ended: it had used {used} and wanted more.",
        hint="Give the session more memory, or load less at once.",
        remedies=(CONFIGURE, RETRY),
        detail=last_lines,
    )


def _maybe_out_of_memory(reason: Reason, memory_gib: float) -> Reason:
    """Not every engine and kernel say who ended a program and why."""
    hint = f"A program ends so, too, that has used all of its {memory_gib:g} GiB of memory and wants more."
    return reason.model_copy(update={"hint": hint, "remedies": (CONFIGURE, *reason.remedies)})
