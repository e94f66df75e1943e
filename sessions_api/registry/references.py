"""What people write to name an image, read as Docker and containerd read it.

The rules are those of `ParseNormalizedNamed` in distribution/reference, which Docker and containerd's CRI
share, with the length of a name counted without its host as in its present version, and of
opencontainers/go-digest. Refused beyond them is only what no request can be made to: ports beyond 65535, IPv6
addresses that are none, and `hub.docker.com`, which is a web site.
"""

import ipaddress
import re
from dataclasses import dataclass, field

from sessions_api.kit.errors import Invalid

LENGTH = 4096
"""Characters that are looked at; the longest reference that has a meaning is shorter."""
REPOSITORY_LENGTH = 255
TAG_LENGTH = 128
DEFAULT_TAG = "latest"

_HUB = "docker.io"
_HUB_BEFORE = "index.docker.io"
_HUB_API = "registry-1.docker.io"
_HUB_SITE = "hub.docker.com"
_OFFICIAL = "library/"
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_PORTS = range(65536)

_IMAGE_ID = re.compile(r"[0-9a-f]{64}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?P<name>{_LABEL}(?:\.{_LABEL})*|\[(?P<v6>[0-9A-Fa-f:]+)\])(?::(?P<port>[0-9]+))?")
_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_DIGEST = re.compile(r"(?P<algorithm>[a-z0-9]+(?:[.+_-][a-z0-9]+)*):(?P<digits>[0-9a-f]+)")

_COMMAND = re.compile(r"\$?\s*(?:sudo\s+)?(?:docker|podman|nerdctl|crictl)\s+(?:image\s+)?pull\s+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_QUOTES = "\"'`“”‘’"
_SLASHES = re.compile(r"/{2,}")
_HUB_PAGE = re.compile(
    r"(?:https?://)?hub\.docker\.com/(?:(?P<kind>_|r|layers|repository/docker)/(?P<path>[^?#]*))?",
    re.IGNORECASE,
)
_A_PAGE = "This is a page of Docker Hub, not an image's name."
_FORMS = "Write it as registry.example:5000/name@sha256:…, ghcr.io/owner/name:tag or python:3.12."


@dataclass(frozen=True, slots=True)
class Reference:
    """An image as somebody named it, with what they left out.

    Attributes:
        host: with its port, as it was written (`docker.io`, `localhost:5000`, `[::1]:5000`).
        repository: as the host knows it (`library/python`).
        tag: `latest` where neither a tag nor a digest was given; None where only a digest was. Beside a
            digest it is a remark: the digest decides.
        digest: with its algorithm (`sha256:…`).
        typed: the text itself; empty where there was none.
    """

    host: str
    repository: str
    tag: str | None
    digest: str | None
    typed: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.host}/{self.repository}{self._version}"

    @property
    def familiar(self) -> str:
        """As Docker shows it: without what everybody leaves out, unless that would mean another image."""
        if self.host != _HUB:
            return str(self)
        name = self.repository.removeprefix(_OFFICIAL)
        if "/" in name:
            name = self.repository
        whole = _is_host(name.partition("/")[0]) and "/" in name
        return str(self) if whole else f"{name}{self._version}"

    @property
    def api_host(self) -> str:
        """Where the registry's API is; Docker Hub's has another name than its images."""
        return _HUB_API if self.host == _HUB else self.host

    def pinned(self, digest: str) -> str:
        """The image of that digest in the same repository, whatever the tag says by then."""
        return f"{self.host}/{self.repository}@{digest}"

    @property
    def _version(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{tag}@{self.digest}" if self.digest else tag


def parse(text: str) -> Reference:
    """The image that `text` names.

    Raises:
        Invalid: it names none; the sentence says why, and the field error proposes what will do if that can
            be guessed.
    """
    if len(text) > LENGTH:
        raise _invalid(f"The image's name has {len(text)} characters; {LENGTH} are more than enough.")
    try:
        return _read(text)
    except _NotReadError as refused:
        proposal = _proposal(text)
        sentence = _surroundings(text) or str(refused)
        ending = f"Write it as {proposal}." if proposal else _FORMS
        raise _invalid(f"{sentence} {ending}", proposal) from refused


class _NotReadError(Exception):
    """A text names no image; the message is a sentence."""


def _invalid(sentence: str, proposal: str | None = None) -> Invalid:
    return Invalid.field("image", sentence, value=proposal)


def _read(text: str) -> Reference:
    if not text:
        raise _NotReadError("The image's name is empty.")
    if _IMAGE_ID.fullmatch(text):
        raise _NotReadError("These 64 digits are an image's id, which only the computer that has it knows.")
    named, at, digest = text.partition("@")
    host, rest = _split(named)
    repository, colon, tag = rest.partition(":")
    _check_host(host)
    _check_repository(repository, host)
    if colon:
        _check_tag(tag)
    if at:
        _check_digest(digest)
    default = None if at else DEFAULT_TAG
    return Reference(host, repository, tag or default, digest or None, typed=text)


def _split(named: str) -> tuple[str, str]:
    """The host and what is asked of it; Docker Hub where the first part is no host."""
    first, slash, rest = named.partition("/")
    if not slash or not _is_host(first):
        first, rest = _HUB, named
    if first == _HUB_BEFORE:
        first = _HUB
    if first == _HUB and "/" not in rest:
        rest = f"{_OFFICIAL}{rest}"
    return first, rest


def _is_host(first: str) -> bool:
    """Whether a name's first part, before a slash, is a host: no part of a repository looks like that."""
    return first == "localhost" or "." in first or ":" in first or first.lower() != first


def _check_host(host: str) -> None:
    found = _HOST.fullmatch(host)
    if found is None:
        raise _NotReadError(f"{_shown(host)} is not a host's name.")
    if host.lower() == _HUB_SITE:
        raise _NotReadError(_A_PAGE)
    if found["v6"]:
        try:
            ipaddress.IPv6Address(found["v6"])
        except ValueError as error:
            raise _NotReadError(f"{_shown(host)} is not an IPv6 address.") from error
    if found["port"] and int(found["port"]) not in _PORTS:
        raise _NotReadError(f"{_shown(found['port'])} is not a port; 65535 is the highest.")


def _check_repository(repository: str, host: str) -> None:
    typed = repository.removeprefix(_OFFICIAL) if host == _HUB else repository
    if not typed:
        raise _NotReadError("The image's name ends before it says which image of the registry it is.")
    if typed.startswith("["):
        raise _NotReadError("This is a registry's address without an image on it.")
    if any(character.isspace() for character in typed):
        raise _NotReadError("The image's name has a space in it.")
    if not typed.isascii():
        raise _NotReadError(f"The image's name, {_shown(typed)}, has letters beyond a to z.")
    if typed.lower() != typed:
        raise _NotReadError(f"The image's name, {_shown(typed)}, has upper-case letters; only tags may.")
    for part in repository.split("/"):
        if not part:
            raise _NotReadError("The image's name has an empty part: a slash too many.")
        if not _PART.fullmatch(part):
            raise _NotReadError(
                f"{_shown(part)} cannot be part of an image's name: that has letters a to z and digits, and "
                "between them a dot, one or two underscores, or hyphens."
            )
    if len(repository) > REPOSITORY_LENGTH:
        raise _NotReadError(
            f"The image's name has {len(repository)} characters without its host; {REPOSITORY_LENGTH} is the "
            "most."
        )


def _check_tag(tag: str) -> None:
    if not tag:
        raise _NotReadError("There is no tag after the colon.")
    if len(tag) > TAG_LENGTH:
        raise _NotReadError(f"The tag has {len(tag)} characters; {TAG_LENGTH} is the most.")
    if not _TAG.fullmatch(tag):
        raise _NotReadError(
            f"{_shown(tag)} is not a tag: that has letters a to z of both cases, digits, dots, hyphens and "
            "underscores, and begins with neither dot nor hyphen."
        )


def _check_digest(digest: str) -> None:
    found = _DIGEST.fullmatch(digest)
    if found is None:
        raise _NotReadError(
            f"{_shown(digest)} is not a digest: that has an algorithm, a colon, and digits 0 to 9 and a to f."
        )
    wanted = _DIGITS.get(found["algorithm"])
    if wanted is None:
        raise _NotReadError(
            f"The digest's algorithm, {_shown(found['algorithm'])}, is not one of {', '.join(_DIGITS)}."
        )
    if len(found["digits"]) != wanted:
        raise _NotReadError(
            f"The digest has {len(found['digits'])} digits; one of {found['algorithm']} has {wanted}."
        )


def _shown(text: str) -> str:
    """What was written, as far as a sentence can bear it."""
    short = text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 - about a line
    return "".join(character if character.isprintable() else "\ufffd" for character in short)


def _surroundings(text: str) -> str | None:
    """What is wrong around a name, which is said rather than what the name then lacks."""
    bare = text.strip()
    scheme = _SCHEME.match(bare)
    found = (
        (not bare, "The image's name is empty."),
        (_COMMAND.match(bare), "This is a command; the image's name is what stands at its end."),
        (_HUB_PAGE.match(bare), _A_PAGE),
        (
            scheme,
            f"The image's name begins with {_shown(scheme[0]) if scheme else ''}, which is no part of it.",
        ),
        (bare.strip(_QUOTES) != bare, "The image's name has quotes around it."),
        (bare != text, "The image's name has spaces around it."),
    )
    return next((sentence for wrong, sentence in found if wrong), None)


def _proposal(text: str) -> str | None:
    """What may have been meant, if that can be read."""
    mended = _mended(text)
    try:
        _read(mended)
    except _NotReadError:
        return None
    return mended


def _mended(text: str) -> str:
    """The text without what is often pasted with a name or cannot be seen, in lower case where names are."""
    seen = "".join(character for character in text if character.isprintable() or character.isspace())
    bare = seen.strip().strip(_QUOTES).strip()
    if _COMMAND.match(bare):
        bare = bare.split()[-1].strip(_QUOTES)
    if page := _HUB_PAGE.match(bare):
        return _of_page((page["kind"] or "").lower(), page["path"] or "")
    bare = _SCHEME.sub("", bare, count=1).partition("?")[0].partition("#")[0].rstrip("/:@")
    named, at, digest = bare.partition("@")
    above, slash, last = named.rpartition("/")
    name, colon, tag = last.partition(":")
    path = _SLASHES.sub("/", f"{above}{slash}{name}".lower())
    return f"{path}{colon}{tag}{at}{digest.lower()}"


def _of_page(kind: str, path: str) -> str:
    """The image that a page of Docker Hub is about; empty if it is about none."""
    parts = [part for part in path.split("/") if part]
    if kind == "_":
        return parts[0] if parts else ""
    name = "/".join(parts[:2]).removeprefix(_OFFICIAL)
    tag = f":{parts[2]}" if kind == "layers" and len(parts) > 2 else ""  # noqa: PLR2004 - OWNER/NAME/TAG
    return f"{name}{tag}" if len(parts) > 1 else ""
