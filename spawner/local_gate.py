"""The gate of a session on this computer: a process beside the session's program (see `spawner.gate`).

`start` it before the program; its `record` is on disk, so that a hub that comes back finds it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from spawner import session_variables
from spawner.processes import RUN_VARIABLE, HeldProcess, ProcessRecord
from spawner.reasons import RETRY, SHOW_LOG, Reason
from spawner.spec import GateSpec
from spawner.tail import Tail

RECORD = "gate.json"
_LOG = "gate.log"
_COMMAND = (sys.executable, "-P", "-m", "spawner.gate")
_LAST_LINES = 20


async def start(
    gate: GateSpec, *, run: str, run_folder: Path, hub: Mapping[str, str], port: int, program: int | Path
) -> asyncio.subprocess.Process:
    """Starts the gate of a run; the process is to be held on to as long as it runs.

    Args:
        gate: how the program is reached.
        run: the run's id.
        run_folder: where its record and its log belong.
        hub: what the hub would tell a single-user server (`Spawner.get_env`).
        port: where the gate listens on 127.0.0.1, as the hub knows it.
        program: the port of 127.0.0.1 at which the program behind it is reached, or its Unix socket.

    Raises:
        OSError: the system does not start it.
    """
    variables = {name: value for name, value in hub.items() if name.startswith(session_variables.HUB)}
    held = await HeldProcess.start(
        _COMMAND,
        run=run,
        folder=run_folder,
        environment=variables
        | session_variables.of_gate(gate, port=port, program=program)
        | {RUN_VARIABLE: run, "PATH": os.environ.get("PATH", os.defpath)},
        output=run_folder / _LOG,
    )
    try:
        held.record.write(run_folder, RECORD)
    except BaseException:
        held.abandon()
        raise
    await held.release()
    return held.process


def failed(run_folder: Path, front_end: str) -> Reason:
    """Why a session ended whose gate did."""
    log = run_folder / _LOG
    lines = log.read_text(errors="replace").splitlines()[-_LAST_LINES:] if log.exists() else []
    return Reason(
        code="gate_failed",
        sentence=f"Sojourn's gate in front of {front_end} ended.",
        remedies=(SHOW_LOG, RETRY),
        detail="\n".join(lines),
    )


def tail(run_folder: Path) -> Tail:
    """What the gate of a run says."""
    return Tail(run_folder / _LOG, source="gate")


def record(run_folder: Path) -> ProcessRecord | None:
    """The gate that a run has, or had; `spawner.processes` waits for it and ends it."""
    return ProcessRecord.read(ProcessRecord.path(run_folder, RECORD))
