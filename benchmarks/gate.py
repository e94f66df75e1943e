"""What the gate costs: memory, CPU time a request, and how much slower a program is behind it than without.

Programs, hub and gate share the machine with whatever measures, so the bound is on the gate's own CPU time.
The load comes from `wrk` where it is installed, else from a client of our own, which is slower itself.

`python -m benchmarks.gate PORT` is the program behind the gate: it answers everything at once with one word.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil

from benchmarks.report import Figure, median
from tests.gate.sessions import GateHub, Program, Session
from tests.spawner.hub import free_port
from tests.spawner.stand_in_api import StandInApi

MOST_RESIDENT_MIB = 40.0
MOST_CPU_MS = 1.0
"""A thousand requests a second on one core."""

ROUNDS = 5
CONNECTIONS = 32
SECONDS = 3
ONE_BY_ONE = 500

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


class _Hello(asyncio.Protocol):
    """The program: as little as possible of its own."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


def measure(folder: Path) -> list[Figure]:
    """Alternates between the program itself and the gate before it."""
    port = free_port()
    program = Program(sys.executable, "-m", "benchmarks.gate", str(port), port=port, folder=folder)
    with StandInApi() as api:
        hub = GateHub(folder, api)
        try:
            hub.start()
            program.start()
            session = hub.session("ann", "app", program)
            session.wait_until_ready()
            return _figures(session, f"http://127.0.0.1:{port}/")
        finally:
            program.end()
            hub.close()


def _figures(session: Session, direct: str) -> list[Figure]:
    gate, token = session.gate, session.token("ann")
    behind = session.direct + session.prefix
    rates: dict[str, list[float]] = {direct: [], behind: []}
    cpu = []
    for round_ in range(ROUNDS + 1):
        for address, found in rates.items():
            before, began = sum(gate.cpu_times()[:2]), time.perf_counter()
            requests = _load(address, token)
            seconds, used = time.perf_counter() - began, sum(gate.cpu_times()[:2]) - before
            if round_:
                found.append(requests / seconds)
                if address == behind:
                    cpu.append(1000 * used / requests)
    alone = {address: asyncio.run(_one_by_one(address, token)) for address in rates}
    return [
        Figure("requests a second, the program itself", median(rates[direct]), ""),
        Figure("requests a second, behind the gate", median(rates[behind]), ""),
        Figure("CPU time of the gate, one request", median(cpu), "ms of CPU", MOST_CPU_MS),
        Figure("one request at a time, the program itself, median", alone[direct], "ms of waiting"),
        Figure("one request at a time, behind the gate, median", alone[behind], "ms of waiting"),
        Figure("ratio of the two", alone[behind] / alone[direct], "×"),
        Figure("resident memory of the gate, at its peak", _peak_mib(gate), "MiB", MOST_RESIDENT_MIB),
    ]


def _load(address: str, token: str) -> int:
    """As many requests as go through in a few seconds."""
    if (wrk := shutil.which("wrk")) is None:
        return asyncio.run(_own_load(address, token))
    said = subprocess.run(
        [
            *(wrk, "--threads=1", f"--connections={CONNECTIONS}", f"--duration={SECONDS}s"),
            *(f"--header=Authorization: token {token}", address),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"(\d+) requests in", said)
    assert found, said
    return int(found[1])


async def _own_load(address: str, token: str) -> int:
    until = time.perf_counter() + SECONDS

    async def one_connection() -> int:
        requests = 0
        reader, writer, request = await _connected(address, token)
        while time.perf_counter() < until:
            writer.write(request)
            await _answer(reader)
            requests += 1
        writer.close()
        return requests

    return sum(await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS))))


async def _one_by_one(address: str, token: str) -> float:
    """Milliseconds, the median."""
    reader, writer, request = await _connected(address, token)
    waited = []
    for _ in range(ONE_BY_ONE):
        began = time.perf_counter()
        writer.write(request)
        await _answer(reader)
        waited.append(1000 * (time.perf_counter() - began))
    writer.close()
    return median(waited)


async def _connected(address: str, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
    host, _, path = address.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    request = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: token {token}\r\n\r\n"
    return reader, writer, request.encode()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    await reader.readexactly(5)


def _peak_mib(gate: psutil.Process) -> float:
    """The most that was ever resident (`VmHWM` in proc_pid_status(5))."""
    status = Path(f"/proc/{gate.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


async def _program(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Hello, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_program(int(sys.argv[1])))
