"""Which host a git login is for."""

import re

from sessions_api.kit.errors import Invalid
from spawner import git_logins

LENGTH = 300

_NAME = re.compile(r"([a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?")


def check(text: str) -> str:
    """The host as `git_logins.host_of` writes it; the address of a repository on it will do, too.

    Raises:
        Invalid: it is the name of no host.
    """
    url = text if "://" in text else f"https://{text}"
    try:
        host = git_logins.host_of(url)
    except ValueError:
        host = None
    if host is None or "@" in url or not _NAME.fullmatch(host):
        raise Invalid.field(
            "host",
            f"{_shown(text)} is not a host's name; write it as in the repository's address, such as "
            "git.example.org or git.example.org:8443.",
        )
    return host


def _shown(text: str) -> str:
    """What was given, unless it may carry a password."""
    return "This" if "@" in text else text
