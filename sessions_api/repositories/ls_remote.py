"""One `git ls-remote`: how it is started, held back, and read."""

import asyncio
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sessions_api.repositories.urls import Address, ReadingRules
from spawner import git_logins, leashed
from spawner.git import GitFailedError
from spawner.spec import GitLogin

SSH_PORT = 22
OUTPUT = 1_000_000
"""Bytes that git may print."""

_PASSED_ON = re.compile(r"(?i)PATH|(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|GIT_SSL_CAINFO|SSH_AUTH_SOCK")
_LINES_KEPT = 20
_REDIRECTED = re.compile(r"returned error: 30[12378]")
_LOCATION = re.compile(r"<= Recv header: location: (\S+)", re.IGNORECASE)
_SERVICE = re.compile(r"/info/refs(\?.*)?$")


class MovedError(GitFailedError):
    """The host answers with another address.

    Attributes:
        url: the other address, where the host said it.
    """

    def __init__(self, lines: tuple[str, ...], url: str | None) -> None:
        super().__init__(lines)
        self.url = url


@dataclass(frozen=True, slots=True)
class Listed:
    """What a repository said of itself.

    Attributes:
        refs: commits or tag objects by full name; a tag's commit also below `NAME^{}`.
    """

    default_branch: str | None
    refs: dict[str, str]

    @property
    def head(self) -> str | None:
        """The commit of the default branch."""
        return self.refs.get("HEAD")

    def commit(self, full: str) -> str | None:
        """The commit of a ref by its full name."""
        return self.refs.get(f"{full}^{{}}") or self.refs.get(full)


def full_names(ref: str) -> tuple[str, ...]:
    """What a ref can be called in full; a branch comes before a tag of the same name."""
    return (ref,) if ref.startswith("refs/") else (f"refs/heads/{ref}", f"refs/tags/{ref}")


async def read(
    url: str,
    address: Address,
    ref: str | None,
    *,
    rules: ReadingRules,
    pins: tuple[str, ...],
    login: GitLogin | None = None,
) -> Listed:
    """Asks for the default branch and for `ref`.

    `pins` are the only addresses that git may talk to; empty: it may look the host up by itself. `login` is
    used when the host asks for one.

    Raises:
        GitFailedError: git ended with an error, or printed too much.
        MovedError: the host answers with another address.
        OSError: git cannot be started.
    """
    names = [name for full in full_names(ref) for name in (full, f"{full}^{{}}")] if ref else []
    access = git_logins.for_command(url, login)
    settings = (*_settings(address, pins), *access.settings)
    arguments = (*settings, "ls-remote", "--symref", "--", url, "HEAD", *names)
    environment = _environment(address, rules, pins) | access.variables
    try:
        return _parse(await _run(arguments, environment))
    except GitFailedError as error:
        lines = tuple(git_logins.without_token(line, login) for line in error.lines)
        if not _REDIRECTED.search(error.text):
            raise GitFailedError(lines) from None
        moved = await _moved_to(arguments, environment)
        raise MovedError(lines, moved) from None


async def _moved_to(arguments: tuple[str, ...], environment: dict[str, str]) -> str | None:
    """Asks once more and reads the other address in git's trace."""
    with tempfile.TemporaryDirectory(prefix="sojourn-") as folder:
        trace = Path(folder) / "trace"
        tracing = {"GIT_TRACE_CURL": str(trace), "GIT_TRACE_CURL_NO_DATA": "1"}
        try:
            await _run(arguments, environment | tracing)
        except GitFailedError:
            found = _LOCATION.search(trace.read_text(errors="replace")) if trace.exists() else None
            return _SERVICE.sub("", found[1]) if found else None
    return None


def _settings(address: Address, pins: tuple[str, ...]) -> tuple[str, ...]:
    settings = ["credential.helper=", "http.followRedirects=false"]
    if pins and address.scheme in {"http", "https"}:
        addresses = ",".join(f"[{pin}]" if ":" in pin else pin for pin in pins)
        settings.append(f"http.curloptResolve={address.host}:{address.port}:{addresses}")
    return tuple(part for setting in settings for part in ("-c", setting))


def _environment(address: Address, rules: ReadingRules, pins: tuple[str, ...]) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)} | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ALLOW_PROTOCOL": "file" if address.scheme == "path" else address.scheme,
        "GIT_SSH_COMMAND": _ssh(address, rules, pins),
        "GIT_SSH_VARIANT": "ssh",
    }
    if address.scheme == "ssh" and rules.own_computer:
        # Not for HTTP, for which git would take passwords from there (~/.netrc).
        environment["HOME"] = str(Path.home())
    return environment


def _ssh(address: Address, rules: ReadingRules, pins: tuple[str, ...]) -> str:
    options = ["BatchMode=yes", "ConnectTimeout=15"]
    if pins:
        options += [f"HostName={pins[0]}", f"HostKeyAlias={address.host}"]
    command = ["ssh", *(part for option in options for part in ("-o", option))]
    if not rules.own_computer:
        # The keys of whoever runs the service are not for those who use it.
        command += ["-F", "none", "-o", "IdentityFile=none", "-o", "IdentityAgent=none"]
    return " ".join(command)


async def _run(arguments: tuple[str, ...], environment: dict[str, str]) -> str:
    process = await leashed.start(("git", *arguments), folder=Path("/"), environment=environment)
    try:
        output, said = await asyncio.gather(_some(process.stdout), _some(process.stderr))
        status = await process.wait()
    finally:
        await asyncio.shield(leashed.end(process))
    if status != 0:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise GitFailedError(lines[-_LINES_KEPT:])
    return output


async def _some(stream: asyncio.StreamReader | None) -> str:
    content = bytearray()
    while stream is not None and (chunk := await stream.read(65536)):
        content += chunk
        if len(content) > OUTPUT:
            raise GitFailedError((f"error: the host sent more than {OUTPUT} bytes",))
    return content.decode(errors="replace")


def _parse(output: str) -> Listed:
    default: str | None = None
    found: dict[str, str] = {}
    for line in output.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: refs/heads/") and name == "HEAD":
            default = value.removeprefix("ref: refs/heads/")
        elif not value.startswith("ref: "):
            found[name] = value
    return Listed(default, found)
