"""Where a repository may be: URLs that git may be given, and the folder that follows from one."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from sessions_api.kit import folders
from sessions_api.kit.errors import Invalid
from sessions_api.settings import Settings

URL_LENGTH = 2000

_TRANSPORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!:)")
_SCP = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):(?!//)([^-].*)")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_FORMS = "Write it as https://host/name.git, http://host/name.git or git@host:name.git."


@dataclass(frozen=True)
class ReadingRules:
    """What the installation allows of repositories.

    Attributes:
        own_computer: the service runs on the person's own computer: paths of it may be repositories, and its
            ssh keys are theirs to use.
        private_addresses: a repository's host may have an address that is not public.
    """

    own_computer: bool = False
    private_addresses: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules that the settings make."""
        return cls(own_computer=settings.local_repositories, private_addresses=settings.private_addresses)

    def may_log_in(self, url: str) -> bool:
        """Whether a token may go to the host of `url`: over https, else only in a network of one's own."""
        return url.lower().startswith("https:") or self.private_addresses or self.own_computer


@dataclass(frozen=True)
class Address:
    """A URL that passed `parse`.

    Attributes:
        scheme: `https`, `http`, `ssh`, or `path` for a folder of this computer.
        host: empty for a path.
        port: None for a path and for the scp form, whose port is ssh's own.
        path: as the host knows it.
    """

    scheme: str
    host: str
    port: int | None
    path: str


def check(url: str, rules: ReadingRules) -> str:
    """The URL, when git may be given it.

    Raises:
        Invalid: it may not; the sentence says why and what to write instead.
    """
    parse(url, rules)
    return url


def parse(url: str, rules: ReadingRules) -> Address:
    """The parts of a URL that git may be given.

    Raises:
        Invalid: it may not; the sentence says why and what to write instead.
    """
    _check_characters(url)
    if url.startswith("-"):
        raise _refused("The URL begins with a hyphen, which git reads as an option.")
    if _TRANSPORT.match(url):
        transport = url.split("::", 1)[0]
        raise _refused(f"The URL asks git to start a helper ({transport}::).")
    if url.startswith("/"):
        return _path(url, rules)
    if " " in url:
        raise _refused("The URL has a space in it; write %20 where the address has one.", forms=False)
    if scp := _SCP.fullmatch(url):
        return Address("ssh", scp[2], None, scp[3])
    return _url(url, rules)


def derive_folder(url: str) -> str:
    """The folder that a repository becomes when nobody names one: its URL's last part, made safe."""
    last = unquote(re.split(r"[/:]", url.rstrip("/"))[-1])
    return folders.derive(last.removesuffix(".git"), otherwise="repository")


def _check_characters(url: str) -> None:
    if not url:
        raise _refused("The URL is empty.")
    if len(url) > URL_LENGTH:
        raise _refused(f"The URL has {len(url)} characters; {URL_LENGTH} is the most.", forms=False)
    if not url.isprintable() or not unquote(url).isprintable():
        raise _refused("The URL has control characters; leave them out.", forms=False)


def _path(url: str, rules: ReadingRules) -> Address:
    if not rules.own_computer:
        raise _refused(f"The URL is a path, and Sojourn cannot read {url} on your computer.")
    if url.startswith("//"):
        raise _refused("The URL begins with two slashes; write the path with one.", forms=False)
    return Address("path", "", None, url)


def _url(url: str, rules: ReadingRules) -> Address:
    found = _SCHEME.match(url)
    scheme = found[1].lower() if found else ""
    if scheme == "file":
        path = unquote(urlsplit(url).path)
        if rules.own_computer and path.startswith("/"):
            raise _refused(
                f"The URL begins with file:; write the path itself, {path}.", forms=False, value=path
            )
        raise _refused("The URL begins with file:, and files of the server are nobody's repository.")
    if not url[len(scheme) :].startswith("://"):
        raise _refused("This is not a URL.")
    if scheme not in {"https", "http", "ssh"}:
        raise _refused(f"The URL's scheme, {scheme}, is not one of https, http and ssh.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("The URL's host or port cannot be read.") from error
    _check_login(url, parts, scheme)
    _check_host(parts)
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        bare = re.split(r"[?#]", url, maxsplit=1)[0]
        raise _refused(
            f"The URL goes on after the repository's address; leave out what follows {bare}.",
            forms=False,
            value=bare,
        )
    return Address(
        scheme, parts.hostname or "", port or {"https": 443, "http": 80, "ssh": 22}[scheme], parts.path
    )


def _check_login(url: str, parts: SplitResult, scheme: str) -> None:
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return
    if scheme == "ssh" and _USER.fullmatch(login):
        return
    bare = url.replace(parts.netloc, host, 1)
    raise _refused(
        "The URL carries a user name or password, which everyone in the project would see; "
        f"write it without, as {bare}, and add a git login for {parts.hostname}.",
        forms=False,
        value=bare,
        code="url_credentials",
    )


def _check_host(parts: SplitResult) -> None:
    host = parts.hostname or ""
    if not host:
        raise _refused("The URL names no host.")
    if not host.isascii():
        raise _refused(
            f"The URL's host, {host}, has letters beyond ASCII; write the form that begins with xn--.",
            forms=False,
        )
    if not _HOST.fullmatch(host):
        raise _refused(f"The URL's host, {host}, is not a host's name.")
    if len(parts.path.strip("/")) == 0:
        raise _refused(f"The URL names a host, {host}, but no repository on it.")


def _refused(
    sentence: str, *, forms: bool = True, value: str | None = None, code: str | None = None
) -> Invalid:
    return Invalid.field("url", f"{sentence} {_FORMS}" if forms else sentence, value=value, code=code)
