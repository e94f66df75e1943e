"""Environments on this computer: virtual environments built by `uv`, one per content, shared by everybody.

A virtual environment holds its own path (scripts, `pyvenv.cfg`), so it is built where it stays and counts
only once a marker is in it, which is written last. Who builds holds a file lock that the running `uv` holds
too: nobody touches the folder before the last writer is gone, however the builder ended.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import signal
import sys
import sysconfig
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import platformdirs
from uv import find_uv_bin

from spawner import leash
from spawner.build_reasons import build_reason, without_credentials
from spawner.reasons import Reason
from spawner.recipes import Recipe, RecipeError, significant_lines
from spawner.spec import EnvironmentSpec

Log = Callable[[str], None]

_MARKER = "sojourn-environment.json"
_TURN_SECONDS = 0.1
_DOWNLOAD_LINE_SECONDS = 0.5
_LONGEST_LINE = 2**20


class EnvironmentBuildError(Exception):
    """An environment could not be built; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence)
        self.reason = reason


def default_cache() -> Path:
    """The folder that holds what can be built again: $SOJOURN_CACHE or the user's cache folder."""
    return Path(os.environ.get("SOJOURN_CACHE") or platformdirs.user_cache_path("sojourn")).absolute()


async def ensure(environment: EnvironmentSpec, cache: Path, log: Log) -> Path:
    """Answer with the folder of the environment's virtual environment, built before or now.

    Calls at the same time, in this and other processes, build once; the others get the same lines in `log`.
    Cancelling ends the build at once, and whoever else waits for it builds instead.

    Args:
        environment: only its name and its requirements are used.
        cache: where environments are kept, in the folder `environments`; absolute.
        log: gets a line of progress, a few a second at most.

    Raises:
        EnvironmentBuildError: see `build_reason`; environments built earlier are as they were.
    """
    return await _ensure(environment.name, environment.requirements, cache, log)


async def _ensure(name: str, requirements: str, cache: Path, log: Log) -> Path:
    place = _Place(cache / "environments", _key(requirements))
    if place.is_complete():
        return place.venv
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        async with _turn(place, name, log) as lock:
            if not place.is_complete():
                await _build(place, name, requirements, lock, log)
    except OSError as error:
        raise EnvironmentBuildError(build_reason(name, [f"error: {error}"], cache)) from error
    return place.venv


@dataclass(frozen=True)
class _Place:
    """Where one environment is, with the files about it next to it."""

    parent: Path
    key: str

    @property
    def venv(self) -> Path:
        return self.parent / self.key

    @property
    def progress(self) -> Path:
        return self.parent / f"{self.key}.log"

    @property
    def lock(self) -> Path:
        return self.parent / f"{self.key}.lock"

    @property
    def requirements(self) -> Path:
        return self.parent / f"{self.key}.txt"

    def is_complete(self) -> bool:
        """Whether it was built to the end and the Python it was built on is still there."""
        return (self.venv / _MARKER).is_file() and (self.venv / "bin" / "python").exists()


def _key(requirements: str) -> str:
    """Names the content: what is installed, on which Python, for which platform."""
    content = (
        significant_lines(requirements),
        sys.implementation.cache_tag,
        sys.base_prefix,
        sysconfig.get_platform(),
    )
    return hashlib.sha256("\0".join(content).encode()).hexdigest()[:32]


@asynccontextmanager
async def _turn(place: _Place, name: str, log: Log) -> AsyncIterator[int]:
    """Wait until nobody else builds here; give the descriptor that holds the lock.

    A lock belongs to the opened file and not to the process, so it also orders calls within one process.
    """
    with place.lock.open("a", encoding="utf-8") as lock:
        read = -1
        while not _locked(lock.fileno()):
            if read < 0:
                log(f"{name} is being built by another launch")
            read = _pass_on(place.progress, max(read, 0), log)
            await asyncio.sleep(_TURN_SECONDS)
        yield lock.fileno()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pass_on(progress: Path, start: int, log: Log) -> int:
    """Pass on what the builder wrote since `start`; answer where to go on."""
    try:
        with progress.open("rb") as file:
            if os.fstat(file.fileno()).st_size < start:
                start = 0
            file.seek(start)
            new = file.read()
    except FileNotFoundError:
        return 0
    whole = new[: new.rfind(b"\n") + 1]
    for line in whole.decode(errors="replace").splitlines():
        log(line)
    return start + len(whole)


async def _build(place: _Place, name: str, requirements: str, lock: int, log: Log) -> None:
    _discard(place.venv)
    await asyncio.to_thread(_sweep, place.parent)
    started = time.monotonic()
    with place.progress.open("w", encoding="utf-8", buffering=1) as progress:

        def say(line: str) -> None:
            progress.write(f"{line}\n")
            log(line)

        say(f"Building {name}, this happens once")
        try:
            await _run_uv(place, name, requirements, lock, say)
        except BaseException:
            _discard(place.venv)
            await asyncio.to_thread(_sweep, place.parent)
            raise
        _mark(place, name)
        say(f"Built {name} in {time.monotonic() - started:.0f} s")


async def _run_uv(place: _Place, name: str, requirements: str, lock: int, say: Log) -> None:
    place.requirements.write_text(significant_lines(requirements), encoding="utf-8")
    uv = find_uv_bin()
    create = (uv, "venv", "--quiet", "--python", sys.executable, place.venv)
    install = (uv, "pip", "install", "--compile-bytecode", "--python", place.venv / "bin" / "python")
    for command in (create, (*install, "--requirements", place.requirements)):
        argv = tuple(os.fspath(argument) for argument in command)
        code, output = await _run(argv, place.parent, lock, _Progress(say))
        if code != 0:
            raise EnvironmentBuildError(build_reason(name, output, place.parent.parent))


class _Progress:
    """Passes on the lines of `uv` that tell how far it is."""

    def __init__(self, say: Log) -> None:
        self._say = say
        self._next_download = 0.0

    def __call__(self, line: str) -> None:
        if line.startswith(("Resolved", "Prepared", "Installed", "Bytecode compiled")):
            self._say(line)
        elif line.lstrip().startswith("Download") and time.monotonic() >= self._next_download:
            self._next_download = time.monotonic() + _DOWNLOAD_LINE_SECONDS
            self._say(line.lstrip())


async def _run(
    argv: Sequence[str], folder: Path, lock: int, progress: _Progress
) -> tuple[int, tuple[str, ...]]:
    """Run a program on a leash; answer with its exit code and what it said.

    It runs in `folder`, away from configuration files of whatever project this process was started in, and
    with the lock's descriptor open.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        leash.__file__,
        *argv,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=_LONGEST_LINE,
        start_new_session=True,
        pass_fds=(lock,),
    )
    output: list[str] = []
    try:
        async for raw in cast("asyncio.StreamReader", process.stdout):
            line = without_credentials(raw.decode(errors="replace").rstrip())
            output.append(line)
            progress(line)
        return await process.wait(), tuple(output)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _mark(place: _Place, name: str) -> None:
    marker = place.venv / _MARKER
    half = marker.with_suffix(".half")
    half.write_text(json.dumps({"name": name, "python": sys.version.split()[0]}), encoding="utf-8")
    half.replace(marker)


def _discard(venv: Path) -> None:
    """Put what is not complete out of the way at once; removing its thousands of files can wait."""
    with suppress(FileNotFoundError):
        venv.rename(venv.with_name(f".discarded-{uuid.uuid4().hex}"))


def _sweep(parent: Path) -> None:
    for discarded in parent.glob(".discarded-*"):
        shutil.rmtree(discarded, ignore_errors=True)


def build_default(folders: Sequence[Path], cache: Path, say: Log) -> None:
    """Build the environments of the recipes in `folders`, one after the other, before anybody needs them.

    Raises:
        RecipeError: a folder holds no recipe.
        EnvironmentBuildError: see `ensure`.
    """
    for recipe in [Recipe.load(folder) for folder in folders]:
        asyncio.run(_ensure(recipe.name, recipe.requirements, cache, say))
        say(f"{recipe.name} is ready")


def main() -> int:
    """`python -m spawner.environments FOLDER…`: `build_default` into the default cache."""

    def say(line: str) -> None:
        sys.stdout.write(f"  {line}\n")
        sys.stdout.flush()

    try:
        build_default([Path(folder).absolute() for folder in sys.argv[1:]], default_cache(), say)
    except RecipeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except EnvironmentBuildError as error:
        sys.stderr.write(f"{error.reason.detail}\n{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
