"""Names of images as people compare them, and what registries' errors mean, whoever pulls."""

from __future__ import annotations

import re

PLATFORM = re.compile(
    r"no match for platform in manifest|no matching manifest for|"
    r"no image found in (manifest list|image index) for"
)
DENIED = re.compile(
    r"insufficient_scope|pull access denied|authorization failed|unauthorized|"
    r"\b(401 Unauthorized|403 Forbidden)|no basic auth credentials|requested access .* is denied|denied:|"
    r"requested resource is not authorized|invalid username/password",
    re.IGNORECASE,
)
UNTRUSTED = re.compile(r"x509:|certificate signed by|gave HTTP response to HTTPS client|tls: ")
NO_SPACE = re.compile(r"no space left on device", re.IGNORECASE)
NO_ANSWER = re.compile(
    r"dial tcp|no such host|connection re(fused|set)|i/o timeout|TLS handshake timeout|deadline exceeded|"
    r"Client\.Timeout|unexpected EOF|\bEOF$|server misbehaving|network is unreachable|no route to host|"
    r"\b(429|500|502|503|504) |toomanyrequests|connection timed out",
    re.IGNORECASE | re.MULTILINE,
)
NOT_FOUND = re.compile(
    r"not found|manifest unknown|name unknown|does not exist|NAME_UNKNOWN|MANIFEST_UNKNOWN", re.IGNORECASE
)
_LAST_WORDS = (
    (re.compile(r"no such host|server misbehaving"), "its name is not known"),
    (re.compile(r"connection refused"), "it refuses connections"),
    (re.compile(r"\b429 |toomanyrequests", re.IGNORECASE), "it was asked too often"),
    (re.compile(r"\b(5\d\d) "), "it has trouble of its own"),
)
_DIGEST = re.compile(r"@(sha256:[0-9a-f]{12})[0-9a-f]+")


def short(image: str) -> str:
    """An image's name with as much of its digest as people compare."""
    return _DIGEST.sub(r"@\1…", image)


def registry(image: str) -> str:
    """The registry an image's name leads to; a name without a host is Docker Hub's."""
    first, slash, _rest = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"


def qualified(image: str) -> str:
    """Its name with the registry in it, which some ask for: `python` is `docker.io/library/python`."""
    host = registry(image)
    if image.startswith(f"{host}/"):
        return image
    return f"{host}/{image}" if "/" in image else f"{host}/library/{image}"


def host_and_rest(image: str) -> tuple[str, str]:
    """Its registry, and its short name there."""
    host = registry(image)
    return host, short(image).removeprefix(f"{host}/")


def why_silent(said: str) -> str | None:
    """Why a registry did not answer, where its error tells."""
    return next((words for pattern, words in _LAST_WORDS if pattern.search(said)), None)
