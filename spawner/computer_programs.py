"""Programs of this computer that a session of packages can be opened in: they are there, or not, for all.

They run behind the gate and log nobody in, so they listen at a Unix socket in the run's own folder, which no
other account of the computer can open.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spawner.recipes import FrontEndPart, GatePart
from spawner.spec import EnvironmentSpec

SOCKET = "program.sock"
"""Below the run's folder; `$SOJOURN_SOCKET` is its path."""
_UNUSED_PORT = 8080
_MOST_SOCKET_BYTES = 107
"""Of a Unix socket's path (`sun_path` in `unix(7)`, less its end)."""


class PathTooLongError(OSError):
    """The path of the run's folder leaves no room for a Unix socket."""


@dataclass(frozen=True)
class ComputerProgram:
    """One program.

    Attributes:
        program: the name it is found by in PATH.
        front_end: how it is run: its command finds `$SOJOURN_SOCKET`, `$SOJOURN_PREFIX` and `$WORK_DIR`.
    """

    program: str
    front_end: FrontEndPart


def _vs_code(program: str, arguments: str, gate: GatePart) -> ComputerProgram:
    command = ("sh", "-c", f"exec {program} {arguments}")
    return ComputerProgram(
        program,
        FrontEndPart(name="VS Code", command=command, port=_UNUSED_PORT, default_url="/", gate=gate),
    )


PROGRAMS = (
    _vs_code(
        "code-server",
        '--config=/dev/null --auth=none --socket="$SOJOURN_SOCKET" --socket-mode=600'
        ' --disable-telemetry --disable-update-check "$WORK_DIR"',
        GatePart(prefix="strip", ready_path="/healthz"),
    ),
    _vs_code(
        "openvscode-server",
        '--socket-path="$SOJOURN_SOCKET" --without-connection-token --server-base-path="${SOJOURN_PREFIX%/}"'
        ' --telemetry-level=off --default-folder="$WORK_DIR"',
        GatePart(prefix="keep", ready_path="/version"),
    ),
)
"""The first of those with one name is taken. Options: `code-server --help`, `openvscode-server --help`."""


def found() -> tuple[str, ...]:
    """The programs that are in this computer's PATH."""
    return tuple(each.program for each in PROGRAMS if shutil.which(each.program))


def front_ends(programs: Iterable[str]) -> tuple[FrontEndPart, ...]:
    """What people can land in by these programs, each name once."""
    named: dict[str, FrontEndPart] = {}
    for each in PROGRAMS:
        if each.program in programs:
            named.setdefault(each.front_end.name, each.front_end)
    return tuple(named.values())


def of(environment: EnvironmentSpec) -> ComputerProgram | None:
    """The program that a launch is to run; None: one of the environment's own."""
    if environment.image is not None:
        return None
    return next((each for each in PROGRAMS if each.front_end.command == environment.command), None)


def socket(run_folder: Path) -> Path:
    """Where the program of a run listens; what an earlier one left there is gone.

    Raises:
        PathTooLongError: no socket can have that path.
    """
    path = run_folder / SOCKET
    if len(os.fsencode(path)) > _MOST_SOCKET_BYTES:
        raise PathTooLongError(
            f"The path of a Unix socket has {_MOST_SOCKET_BYTES} bytes at most, and {path} is longer."
        )
    path.unlink(missing_ok=True)
    return path
