"""The way from this computer to a program behind the gate: a container that holds the program's network.

The program may listen on 127.0.0.1 of its own network only, as it should, and engines publish no such port.
So a relay is there before it: Traefik, which is one file that runs in any image, passes connections on to
127.0.0.1 of the network that the two containers share, and its own port is the one that is published.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

PROGRAM = "/run/sojourn/relay"
SETTINGS = "/run/sojourn/relay.yaml"
"""Where its container sees them."""

_CONFIGURATION = "relay.yaml"
_PORTS = 4180, 4181
_NAME = "relay"
_LOOK_SECONDS = 0.03
_ANSWER_SECONDS = 2.0


def port(program: int) -> int:
    """Where the relay listens in the network that it shares with a program that has this port."""
    return next(port for port in _PORTS if port != program)


def write(run_folder: Path, program: int) -> Path:
    """Writes the relay's configuration into the run's folder; nothing in it is secret.

    Raises:
        OSError: the disk does not take it.
    """
    to = {"loadBalancer": {"servers": [{"address": f"127.0.0.1:{program}"}]}}
    router = {"entryPoints": [_NAME], "rule": "HostSNI(`*`)", "service": _NAME}
    path = run_folder / _CONFIGURATION
    path.write_text(json.dumps({"tcp": {"routers": {_NAME: router}, "services": {_NAME: to}}}))
    path.chmod(0o644)
    return path


def arguments(program: int) -> tuple[str, ...]:
    """The relay's own arguments, for a program that has this port."""
    return (
        f"--entryPoints.{_NAME}.address=:{port(program)}",
        f"--entryPoints.{_NAME}.transport.lifeCycle.graceTimeOut=0",  # there is nobody to be waited for
        f"--providers.file.filename={SETTINGS}",
        "--global.checkNewVersion=false",
        "--global.sendAnonymousUsage=false",
        "--log.level=FATAL",
    )


async def until_it_relays(published: int) -> None:
    """Returns when the relay passes connections on; there is no program yet, so they are closed.

    Before it has read its configuration it answers them itself, with 404.

    Raises:
        TimeoutError: as the caller's `asyncio.timeout`.
    """
    while not await _closes(published):  # noqa: ASYNC110 - the outside world has no event
        await asyncio.sleep(_LOOK_SECONDS)


async def _closes(published: int) -> bool:
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", published)
            try:
                writer.write(b"GET / HTTP/1.0\r\n\r\n")
                return await reader.read(1) == b""
            except ConnectionResetError:
                return True
            finally:
                writer.close()
    return False
