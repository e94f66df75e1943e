"""Who is asking."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class Reach(IntEnum):
    """What a token may do of what its person may; each includes the ones before it."""

    NOTHING = 0
    READ = 1
    SESSIONS = 2
    EVERYTHING = 3

    @property
    def word(self) -> Literal["read", "sessions", "everything"]:
        """As JSON writes it of a token that may do something."""
        return _REACHES[self]


_REACHES: dict[Reach, Literal["read", "sessions", "everything"]] = {
    Reach.READ: "read",
    Reach.SESSIONS: "sessions",
    Reach.EVERYTHING: "everything",
}


@dataclass(frozen=True)
class Viewer:
    """The person that a request comes from.

    Attributes:
        name: the hub's user name.
        groups: the hub's groups they are in.
        admin: whether they administer the platform.
        reach: how much of what they may the request may; a browser's login may all of it.
        csrf: what their forms carry; empty for bearer tokens, which no browser sends by itself.
    """

    name: str
    groups: frozenset[str] = frozenset()
    admin: bool = False
    csrf: str = ""
    reach: Reach = Reach.EVERYTHING


class Role(IntEnum):
    """What a person may do in a project; each includes the ones before it."""

    VIEWER = 1
    EDITOR = 2
    OWNER = 3

    @property
    def word(self) -> str:
        """As people and JSON write it."""
        return self.name.lower()
