"""What a gate needs of the computer it runs on."""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.gate.conftest import Open
from tests.gate.program import PART
from tests.gate.sessions import Program, environment
from tests.served import REPOSITORY

pytestmark = pytest.mark.slow

MIB = 2**20
MOST_RESIDENT_MIB = 40
WEBSOCKETS = 200


def peak_mib(gate: psutil.Process) -> float:
    """The most that was ever resident."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{gate.pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


async def test_it_stays_small_under_load(open_session: Open, shared_program: Program) -> None:
    session = open_session(shared_program)
    await asyncio.to_thread(session.wait_until_ready)
    headers = {"Authorization": f"token {session.token('ann')}"}
    parts = 25 * MIB // len(PART)
    async with aiohttp.ClientSession(
        session.direct + session.prefix, headers=headers, connector=aiohttp.TCPConnector(limit=0)
    ) as client:
        sockets = [await client.ws_connect("ws") for _ in range(WEBSOCKETS)]

        async def download() -> int:
            async with client.get("download", params={"parts": parts}) as answer:
                return sum([len(part) async for part in answer.content.iter_any()])

        async def upload() -> int:
            async with client.post("upload", data=io.BytesIO(PART * parts)) as answer:
                length: int = (await answer.json())["length"]
                return length

        moved = await asyncio.gather(*(download() for _ in range(4)), *(upload() for _ in range(4)))
        for socket in sockets:
            await socket.send_str("hello")
            assert await socket.receive_str() == "hello"
        for socket in sockets:
            await socket.close()
    assert moved == [parts * len(PART)] * 8
    assert peak_mib(session.gate) <= MOST_RESIDENT_MIB


def test_it_imports_nothing_large() -> None:
    show = (
        "import sys, spawner.gate.__main__; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", show], env=environment(), capture_output=True, text=True, check=True
    ).stdout.split()
    installed = {name for name in packages_distributions() if name in loaded}
    # What the virtual environment loads by itself (`.pth` files) is not the gate's.
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert installed - {name.partition(".")[0] for name in bare} - {"spawner"} == {"httptools"}


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="Only root can make a file system read-only."
)
def test_it_runs_as_nobody_in_particular_on_a_root_file_system_that_cannot_be_written(
    open_session: Open, shared_program: Program, tmp_path: Path
) -> None:
    script = tmp_path / "read-only"
    interpreter = Path(sys.executable).resolve()
    others_can_read = not subprocess.run(
        ["setpriv", "--reuid=1000", str(interpreter), "-V"], check=False, capture_output=True
    ).returncode
    # A Python in the home of root is read with that one right of root's.
    rights = "--bounding-set=-all"
    if not others_can_read:
        rights += ",+dac_read_search --inh-caps=+dac_read_search --ambient-caps=+dac_read_search"
    script.write_text(
        "#!/bin/sh\nset -e\n"
        # In a mount namespace of its own: every file system becomes read-only, then root is given up.
        "mount --make-rprivate /\n"
        "awk '{print $2}' /proc/self/mounts |"
        ' while read -r at; do mount -o remount,bind,ro "$at" || true; done\n'
        f'exec setpriv --reuid=1000 --regid=100 --clear-groups --no-new-privs {rights} "$@"\n'
    )
    script.chmod(0o755)
    session = open_session(
        shared_program, runner=["unshare", "--mount", str(script)], PYTHONPATH=str(REPOSITORY)
    )
    session.wait_until_ready()
    gate = session.gate
    assert gate.uids().effective == 1000
    assert "ro" in _options(gate)
    with session.script("ann") as client:
        assert client.get("x").is_success


def _options(gate: psutil.Process) -> list[str]:
    """How the root file system is mounted for a process."""
    lines = Path(f"/proc/{gate.pid}/mounts").read_text().splitlines()
    return next(fields[3] for line in lines if (fields := line.split())[1] == "/").split(",")
