"""Who is asking."""

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True)
class Viewer:
    """The person that a request comes from.

    Attributes:
        name: the hub's user name.
        groups: the hub's groups they are in.
        admin: whether they administer the platform.
        csrf: what their forms carry; empty for bearer tokens, which no browser sends by itself.
    """

    name: str
    groups: frozenset[str] = frozenset()
    admin: bool = False
    csrf: str = ""


class Role(IntEnum):
    """What a person may do in a project; each includes the ones before it."""

    VIEWER = 1
    EDITOR = 2
    OWNER = 3

    @property
    def word(self) -> str:
        """As people and JSON write it."""
        return self.name.lower()
