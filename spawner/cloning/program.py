"""What a session pod runs first: clones the repositories, and says on standard output how it goes.

Each line is a JSON object, `{"stage": "clone:bar", "state": "now|done|warn|fail", "detail": "…"}` or
`{"log": "bar: …"}`. When a repository cannot be cloned, the file that Kubernetes takes a container's last
words from (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/) gets the
`Reason`, and the exit code is 1. SIGTERM ends git, leaves nothing half-made, and is exit code 143.

What to do is in a file, `{"repositories": […], "git": {…}, "work": "/work"}`: the repositories of the launch
spec, the logins by their `credential`, and the folder to fill. It was made from checked models; to read it
without them starts the program in a third of the time.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from spawner.cloning import filling
from spawner.cloning.filling import CloneFailedError
from spawner.outcome import Outcome

if TYPE_CHECKING:
    from spawner.reasons import Reason

TERMINATION_LOG = Path("/dev/termination-log")
ENDED_BY_SIGTERM = 128 + signal.SIGTERM

_MOST_REASON_BYTES = 4096
"""Kubernetes keeps no more of a termination message."""


@dataclass(frozen=True)
class Repository:
    """A repository as the launch spec has it."""

    url: str
    ref: str
    commit: str
    branch: str | None
    folder: str
    shallow: bool
    credential: str | None


class Token:
    """Shown only when asked for."""

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """The token itself."""
        return self._value


@dataclass(frozen=True)
class Login:
    """A git login as the run's secrets have it."""

    host: str
    username: str
    token: Token


@dataclass(frozen=True)
class Task:
    """What the program is to do."""

    repositories: tuple[Repository, ...]
    logins: dict[str, Login]
    work: Path

    @classmethod
    def read(cls, file: Path) -> Task:
        """Reads the file.

        Raises:
            OSError, ValueError, TypeError, KeyError: it is not there, or not as described.
        """
        content = json.loads(file.read_bytes())
        logins = {
            credential: Login(login["host"], login["username"], Token(login["token"]))
            for credential, login in content["git"].items()
        }
        repositories = tuple(Repository(**repository) for repository in content["repositories"])
        return cls(repositories, logins, Path(content["work"]))


def main(arguments: Sequence[str]) -> int:
    """Runs the program and answers with its exit code."""
    file, *others = map(Path, arguments)
    try:
        task = Task.read(file)
        filling.remove_unfinished(task.work)
        asyncio.run(_fill(task))
    except asyncio.CancelledError:
        return ENDED_BY_SIGTERM
    except (CloneFailedError, OSError, ValueError, TypeError, KeyError) as error:
        (others[0] if others else TERMINATION_LOG).write_text(_short(_reason(error)))
        return 1
    return 0


async def _fill(task: Task) -> None:
    running = cast("asyncio.Task[None]", asyncio.current_task())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await filling.fill(
        task.repositories, task.work, task.logins, stage=_stage, log=lambda text: _say(log=text)
    )


@asynccontextmanager
async def _stage(folder: str) -> AsyncIterator[Outcome]:
    key, outcome = f"clone:{folder}", Outcome()
    _say(stage=key, state="now", detail="")
    try:
        yield outcome
    except CloneFailedError as failure:
        _say(stage=key, state="fail", detail=_reason(failure).sentence)
        raise
    _say(stage=key, state=outcome.state, detail=outcome.detail)


def _say(**fields: Any) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
    # Whoever follows the log sees each line when it is true.
    sys.stdout.flush()


def _reason(error: Exception) -> Reason:
    # They take longer to import than all the rest; most launches go well.
    from spawner.clone_failures import reason_of  # noqa: PLC0415
    from spawner.reasons import RETRY, Reason  # noqa: PLC0415

    if isinstance(error, CloneFailedError):
        return reason_of(error)
    sentence, detail = "The repositories could not be cloned.", f"{type(error).__name__} in the task"
    return Reason(code="clone_failed", sentence=sentence, remedies=(RETRY,), detail=detail)


def _short(reason: Reason) -> str:
    """The reason with as much of its detail, from the end, as Kubernetes keeps."""
    text = reason.model_dump_json()
    while (too_much := len(text.encode()) - _MOST_REASON_BYTES) > 0 and reason.detail:
        reason = reason.model_copy(update={"detail": reason.detail[too_much:]})
        text = reason.model_dump_json()
    return text
