"""Pulls a session's image onto this computer: by its digest, with the run's registry login."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spawner import leashed
from spawner.containers.engine import Engine, EngineError, environment
from spawner.containers.pull_failures import other_platform, pull_failed
from spawner.failures import LaunchFailedError
from spawner.images import registry
from spawner.outcome import Outcome
from spawner.registry_logins import as_configuration
from spawner.spec import RegistryLogin

_LINES_KEPT = 20
_CONFIGURATION = "config.json"
_PLATFORM = "{{.Os}}/{{.Architecture}}"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
"""What the kernel calls processors whose images are named otherwise."""


async def pull(
    engine: Engine,
    image: str,
    login: RegistryLogin | None,
    *,
    insecure: tuple[str, ...],
    log: Callable[[str], None],
) -> Outcome:
    """Pulls an image unless it is there; its progress goes to `log`.

    Args:
        engine: what pulls.
        image: `REPOSITORY@sha256:…`.
        login: of its registry; without one the engine uses those that it has itself.
        insecure: hosts whose registries are spoken to over http.
        log: takes the engine's lines.

    Raises:
        LaunchFailedError: with one of the codes of `spawner.containers.pull_failures`.
    """
    if await _platform(engine, image) is not None:
        return Outcome(detail="was on this computer")
    began = time.monotonic()
    with _configuration(login) as folder:
        code, said = await _run(await _command(engine, image, folder, insecure), log)
    if code:
        raise LaunchFailedError(pull_failed(image, said, logs_in=login is not None))
    platform, ours = await _platform(engine, image), this_platform()
    if platform is not None and platform != ours:
        raise LaunchFailedError(other_platform(image, platform, ours))
    return Outcome(detail=f"in {time.monotonic() - began:.0f} s")


def this_platform() -> str:
    """The platform whose images run on this computer, for instance `linux/amd64`."""
    machine = os.uname().machine
    return f"linux/{_MACHINES.get(machine, machine)}"


async def _command(engine: Engine, image: str, login: Path | None, insecure: tuple[str, ...]) -> list[str]:
    """The arguments hold the name of a folder, never what is in it."""
    if engine.command == "docker":
        return ["docker", *(await _docker_options(engine, login)), "pull", image]
    command = ["podman", "pull"]
    if login is not None:
        command += ["--authfile", str(login / _CONFIGURATION)]
    host = registry(image)
    if host in insecure or host.rpartition(":")[0] in insecure:
        # Of docker its daemon decides this; it takes registries of this computer without.
        command.append("--tls-verify=false")
    return [*command, image]


async def _docker_options(engine: Engine, login: Path | None) -> tuple[str, ...]:
    """Another configuration has no contexts: where the daemon is has to be said then."""
    if login is None:
        return ()
    host = await engine.ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    return ("--config", str(login), "--host", host)


async def _platform(engine: Engine, image: str) -> str | None:
    """The platform of an image that is there; None: it is not."""
    try:
        return await engine.ask("image", "inspect", "--format", _PLATFORM, image)
    except EngineError:
        return None


async def _run(command: list[str], log: Callable[[str], None]) -> tuple[int, str]:
    """The exit code of a command that ends with us, and its last lines."""
    process = await leashed.start(command, folder=Path("/"), environment=environment())
    kept: deque[str] = deque(maxlen=_LINES_KEPT)

    async def read(stream: asyncio.StreamReader | None) -> None:
        while stream is not None and (line := await stream.readline()):
            text = line.decode(errors="replace").rstrip()
            if text:
                kept.append(text)
                log(text)

    try:
        await asyncio.gather(read(process.stdout), read(process.stderr))
        return await process.wait(), "\n".join(kept)
    finally:
        await leashed.end(process)


@contextmanager
def _configuration(login: RegistryLogin | None) -> Iterator[Path | None]:
    """A folder with Docker's configuration file, readable by nobody else, as long as the pull lasts."""
    if login is None:
        yield None
        return
    # Both are private: mkdtemp makes 0700, and the file is opened with 0600.
    with tempfile.TemporaryDirectory(prefix="sojourn-pull-") as folder:
        path = Path(folder, _CONFIGURATION)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(as_configuration(login))
        yield Path(folder)
