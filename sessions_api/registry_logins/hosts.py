"""Which registry a login is for."""

import re
from urllib.parse import urlencode

from sessions_api.kit.errors import Invalid
from sessions_api.registry.references import Reference, parse

LENGTH = 300

_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def of(reference: Reference) -> str:
    """What logins call the registry of an image: its host, in lower case as DNS has no other."""
    return reference.host.lower()


def entry(host: str) -> str:
    """Address of the page where people enter a login of their own for a registry."""
    return f"/me/registry-logins/add?{urlencode({'host': host})}"


def check(text: str) -> str:
    """The registry's host as `of` writes it; the name of an image in it will do, too.

    Raises:
        Invalid: it is the name of no registry.
    """
    given = _SCHEME.sub("", text.strip(), count=1).partition("/")[0]
    try:
        host = of(parse(f"{given}/image"))
    except Invalid:
        host = ""
    # A first part that is no registry's name is taken for an image's on Docker Hub.
    if not host or (host != given.lower() and given.lower() != "index.docker.io"):
        raise Invalid.field(
            "host",
            f"{_shown(text)} is not a registry's name; write it as image names begin, such as ghcr.io, "
            "docker.io or registry.example.org:5000.",
        )
    return host


def _shown(text: str) -> str:
    """What was given, unless it may carry a password."""
    return "This" if "@" in text else text
