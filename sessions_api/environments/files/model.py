"""What files that list packages have in common: kinds, what is read of one, how one is refused."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from sessions_api.kit.errors import Invalid

BYTES = 2**20
"""The most that a file may have."""
PACKAGES = 2000
"""The most that a file may list; reading is quick enough for that many, and nobody writes more."""

_SHOWN = 100
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


class Kind(StrEnum):
    """What a file is, by the name that such files have."""

    REQUIREMENTS = "requirements.txt"
    PYPROJECT = "pyproject.toml"
    CONDA = "environment.yml"


@dataclass(frozen=True)
class Listed:
    """What a file lists for this computer.

    Attributes:
        requirements: by name only, none with an address; markers are evaluated and gone.
        notes: sentences on what was left out.
    """

    requirements: tuple[Requirement, ...]
    notes: tuple[str, ...] = ()

    def brings(self, name: str) -> bool:
        """Whether it lists a package."""
        return any(canonicalize_name(each.name) == name for each in self.requirements)


@dataclass(frozen=True)
class Place:
    """Where in a file something stands.

    Attributes:
        file: its name, for people.
        field: the input that it came in, `text` or `lock`.
        line: counted from 1; 0: not known.
        key: the key below which it is, in files that have some.
    """

    file: str
    field: str = "text"
    line: int = 0
    key: str = ""

    def at(self, line: int, key: str = "") -> Place:
        """Another place of the same file."""
        return Place(self.file, self.field, line, key or self.key)

    def refusal(self, sentence: str) -> Invalid:
        """The error that says where it is: `environment.yml, line 5, dependencies: …`."""
        where = [self.file, *([f"line {self.line}"] if self.line else []), *([self.key] if self.key else [])]
        return Invalid.field(self.field, f"{', '.join(where)}: {sentence}")


def quoted(text: str) -> str:
    """Something out of a file as a sentence can have it: short, printable, without passwords."""
    shown = _CREDENTIALS.sub("", text)
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in shown)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def require_python(wanted: SpecifierSet, place: Place, written: str) -> None:
    """Lets those through that the Python of this computer's sessions is good for.

    Raises:
        Invalid: it wants another one.
    """
    here = platform.python_version()
    if not wanted.contains(here, prereleases=True):
        raise place.refusal(
            f"it wants Python {quoted(written)}, and sessions here have Python {here}; "
            "let it take that one, or use an image with the other."
        )


def counted(found: Iterable[Requirement], place: Place) -> tuple[Requirement, ...]:
    """The requirements of a file.

    Raises:
        Invalid: there is none.
    """
    requirements = tuple(found)
    if not requirements:
        raise place.refusal("it lists no package for this computer; name at least one.")
    return requirements
