"""Runs git for a launch: no prompts, no credentials, no hooks, no settings of this computer, never stuck."""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from spawner.processes import end_helper, start_helper

_PASSED_ON = (
    "PATH",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
    "all_proxy",
    "ALL_PROXY",
)
_PASSED_ON_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO")
_LINES_KEPT = 20
_PROGRESS = re.compile(r"\d+% ")
_PROGRESS_DONE = re.compile(r", done\.?$")


class GitFailedError(Exception):
    """git ended with an error.

    Attributes:
        lines: the last lines of what it said.
        silence: seconds the other side was silent for, if that was why; else None.
    """

    def __init__(self, lines: Sequence[str], *, silence: float | None = None) -> None:
        self.lines = tuple(lines)
        self.silence = silence
        super().__init__(self.last_line)

    @property
    def text(self) -> str:
        """All kept lines."""
        return "\n".join(self.lines)

    @property
    def last_line(self) -> str:
        """The verdict of git itself."""
        verdicts = [line for line in self.lines if line.startswith(("fatal:", "error:"))]
        return (verdicts or list(self.lines) or [""])[-1]


class Git:
    """git, as one clone needs it.

    Args:
        url: where the repository is; decides which protocols git may speak at all.
        log: takes git's lines.
        stall: seconds of silence after which git is ended.
    """

    def __init__(self, url: str, log: Callable[[str], None], stall: float) -> None:
        self._log = log
        # Copying within this computer says nothing for as long as it takes.
        self._silence = None if is_local(url) else stall + 5
        self._stall = stall
        self._environment = _environment(url)
        self._settings = (
            *("-c", "credential.helper="),
            *("-c", "core.hooksPath=/dev/null"),
            *("-c", "advice.detachedHead=false"),
            # The address was checked before the launch; where it would lead to was not.
            *("-c", "http.followRedirects=false"),
            *("-c", "http.lowSpeedLimit=100"),
            *("-c", f"http.lowSpeedTime={max(1, round(stall))}"),
        )

    async def run(self, *arguments: str, folder: Path) -> None:
        """Runs `git ARGUMENTS` in `folder`, for however long it takes; ended when the caller is cancelled.

        Raises:
            GitFailedError: it ended with an error, or stalled.
            OSError: it could not be started.
        """
        command = ("git", *self._settings, *arguments)
        process = await start_helper(command, folder=folder, environment=self._environment)
        lines: deque[str] = deque(maxlen=_LINES_KEPT)
        try:
            await self._follow(cast("asyncio.StreamReader", process.stderr), lines)
            status = await process.wait()
        except TimeoutError as timeout:
            raise GitFailedError(lines, silence=self._stall) from timeout
        finally:
            await asyncio.shield(end_helper(process))
        if status != 0:
            # curl's words for http.lowSpeedTime (CURLE_OPERATION_TIMEDOUT).
            too_slow = any("Operation too slow" in line for line in lines)
            raise GitFailedError(lines, silence=self._stall if too_slow else None)

    async def ask(self, *arguments: str, folder: Path) -> str | None:
        """What `git ARGUMENTS` prints, None on an error; for questions answered in milliseconds."""
        process = await asyncio.create_subprocess_exec(
            *("git", *self._settings, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env=self._environment,
        )
        output, _ = await process.communicate()
        return output.decode(errors="replace").strip() if process.returncode == 0 else None

    async def _follow(self, stream: asyncio.StreamReader, lines: deque[str]) -> None:
        """Reads to the end. Progress overwrites itself with carriage returns; only its last word counts."""
        rest = ""
        while chunk := await self._read(stream):
            *whole, rest = re.split(r"[\r\n]+", rest + chunk.decode(errors="replace"))
            for line in whole:
                self._take(line.strip(), lines)
        self._take(rest.strip(), lines)

    async def _read(self, stream: asyncio.StreamReader) -> bytes:
        # Not `wait_for`, which in Python 3.11 forgets that it was cancelled when there is something to read.
        async with asyncio.timeout(self._silence):
            return await stream.read(4096)

    def _take(self, line: str, lines: deque[str]) -> None:
        # git names the folder it clones into, which is none that people know.
        if not line or line.startswith("Cloning into "):
            return
        if _PROGRESS_DONE.search(line) or not _PROGRESS.search(line):
            lines.append(line)
            self._log(line)


def is_local(url: str) -> bool:
    """Whether a repository's URL is a path of this computer."""
    return url.startswith("/")


def host(url: str) -> str:
    """Which computer a URL leads to, for sentences."""
    if is_local(url):
        return "this computer"
    scp_like = re.match(r"^(?:[^@/]+@)?([^:/]+):(?!//)", url)
    return scp_like[1] if scp_like else urlsplit(url).hostname or url


def _environment(url: str) -> dict[str, str]:
    passed = {
        name: os.environ[name] for name in (*_PASSED_ON, *_PASSED_ON_CERTIFICATES) if name in os.environ
    }
    environment = passed | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ALLOW_PROTOCOL": "file" if is_local(url) else "http:https:ssh",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=15",
    }
    if not url.startswith(("http:", "https:")):
        # ssh finds its keys in HOME; git itself would also take passwords for HTTP from there (~/.netrc).
        environment["HOME"] = str(Path.home())
    return environment
