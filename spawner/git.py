"""Runs git for a launch: no prompts, no hooks, no settings of this computer, no token shown, never stuck."""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from spawner import git_logins, leashed
from spawner.git_logins import Login

STALL_SECONDS = 30.0
"""How long git may be silent."""

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
_LONGEST_LINE = 2000
_PROGRESS_SECONDS = 5.0
"""How often a command that takes long says how far it is."""

_NO_SPACE = re.compile(
    r"No space left on device|Disk quota exceeded|file write error|unable to write file", re.IGNORECASE
)
_PROGRESS = re.compile(r"\d+% ")
_PROGRESS_DONE = re.compile(r", done\.?$")
# The folder that git clones into is none that people know.
_NOT_SAID = "Cloning into "


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
    def means_full(self) -> bool:
        """Whether there was no room for what git wrote."""
        return _NO_SPACE.search(self.text) is not None

    @property
    def last_line(self) -> str:
        """The verdict of git itself."""
        verdicts = [line for line in self.lines if line.startswith(("fatal:", "error:"))]
        return (verdicts or list(self.lines) or [""])[-1]


class Git:
    """git, as one repository needs it.

    Args:
        url: where the repository is; decides which protocols git may speak at all.
        log: takes git's lines.
        stall: seconds of silence after which git is ended.
        login: what git logs in with at the repository's own host, when that asks for it.
    """

    def __init__(
        self,
        url: str,
        log: Callable[[str], None],
        *,
        stall: float = STALL_SECONDS,
        login: Login | None = None,
    ) -> None:
        self.url = url
        self._log = log
        self._stall = stall
        self._login = login
        self._next_progress = asyncio.get_running_loop().time() + _PROGRESS_SECONDS
        # Copying within this computer says nothing for as long as it takes.
        self._silence = None if is_local(url) else stall + 5
        access = git_logins.for_command(url, login)
        self._environment = _environment(url) | access.variables
        self._settings = (*_settings(stall), *access.settings)

    def at(self, url: str) -> Git:
        """The same for another repository; the login is used only if that is at the same host."""
        return Git(url, self._log, stall=self._stall, login=self._login)

    async def run(self, *arguments: str, folder: Path, is_remote: bool = True) -> tuple[str, ...]:
        """Runs `git ARGUMENTS` in `folder`, for however long it takes; ended when the caller is cancelled.

        Returns the last lines of what it said. Where the repository's host has no part in it, `is_remote` is
        False, and git may be silent: a large file is written without a word.

        Raises:
            GitFailedError: it ended with an error, or stalled.
            OSError: it could not be started.
        """
        command = ("git", *self._settings, *arguments)
        process = await leashed.start(command, folder=folder, environment=self._environment)
        lines: deque[str] = deque(maxlen=_LINES_KEPT)
        try:
            await self._follow(process, lines, self._silence if is_remote else None)
            status = await process.wait()
        except TimeoutError as timeout:
            raise GitFailedError(lines, silence=self._stall) from timeout
        finally:
            await asyncio.shield(leashed.end(process))
        if status != 0:
            # curl's words for http.lowSpeedTime (CURLE_OPERATION_TIMEDOUT).
            too_slow = any("Operation too slow" in line for line in lines)
            raise GitFailedError(lines, silence=self._stall if too_slow else None)
        return tuple(lines)

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

    async def _follow(
        self, process: asyncio.subprocess.Process, lines: deque[str], silence: float | None
    ) -> None:
        """Reads both outputs to their end; TimeoutError when neither says anything for too long."""
        # Not `wait_for`, which in Python 3.11 forgets that it was cancelled when there is something to read.
        async with asyncio.timeout(silence) as limit:

            def heard() -> None:
                if silence is not None:
                    limit.reschedule(asyncio.get_running_loop().time() + silence)

            outputs = (stream for stream in (process.stdout, process.stderr) if stream is not None)
            await asyncio.gather(*(self._read(stream, heard, lines) for stream in outputs))

    async def _read(self, stream: asyncio.StreamReader, heard: Callable[[], None], lines: deque[str]) -> None:
        """Takes each line; progress overwrites itself with carriage returns."""
        rest = ""
        while chunk := await stream.read(4096):
            heard()
            *whole, rest = re.split(r"[\r\n]+", rest + chunk.decode(errors="replace"))
            rest = rest[:_LONGEST_LINE]
            for line in whole:
                self._take(line.strip(), lines)
        self._take(rest.strip(), lines)

    def _take(self, line: str, lines: deque[str]) -> None:
        if not line or line.startswith(_NOT_SAID):
            return
        line = git_logins.without_token(line, self._login)[:_LONGEST_LINE]
        if _PROGRESS_DONE.search(line) or not _PROGRESS.search(line):
            lines.append(line)
            self._log(line)
        elif self._is_time_for_progress():
            self._log(line)

    def _is_time_for_progress(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._next_progress:
            return False
        self._next_progress = now + _PROGRESS_SECONDS
        return True


def is_local(url: str) -> bool:
    """Whether a repository's URL is a path of this computer."""
    return url.startswith("/")


def host(url: str) -> str:
    """Which computer a URL leads to, for sentences."""
    if is_local(url):
        return "this computer"
    scp_like = re.match(r"^(?:[^@/]+@)?([^:/]+):(?!//)", url)
    return scp_like[1] if scp_like else urlsplit(url).hostname or url


def _settings(stall: float) -> tuple[str, ...]:
    seconds = max(1, round(stall))
    settings = (
        "credential.helper=",
        "core.hooksPath=/dev/null",
        "advice.detachedHead=false",
        # A volume's folders may belong to another user than the one they are written as.
        "safe.directory=*",
        # Larger files are copied in pieces: a pod has less memory than a person's computer.
        "core.bigFileThreshold=32m",
        # However few objects come, they stay packed: to unpack a large one takes memory and says nothing.
        "fetch.unpackLimit=1",
        # Nothing goes on in the background when a command has ended.
        "maintenance.auto=false",
        # The address was checked before the launch; where it would lead to was not.
        "http.followRedirects=false",
        "http.lowSpeedLimit=100",
        f"http.lowSpeedTime={seconds}",
        f"lfs.activitytimeout={seconds}",
        f"lfs.dialtimeout={seconds}",
        "lfs.transfer.maxretries=1",
    )
    return tuple(part for setting in settings for part in ("-c", setting))


def _environment(url: str) -> dict[str, str]:
    passed = {
        name: os.environ[name] for name in (*_PASSED_ON, *_PASSED_ON_CERTIFICATES) if name in os.environ
    }
    environment = passed | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TEMPLATE_DIR": "",
        "GIT_ALLOW_PROTOCOL": "file" if is_local(url) else "http:https:ssh",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=15",
    }
    if not url.startswith(("http:", "https:")):
        # ssh finds its keys in HOME; git itself would also take passwords for HTTP from there (~/.netrc).
        environment["HOME"] = str(Path.home())
    return environment
