"""What an image is built for, and whether that runs somewhere.

Names are brought into one form, and variants compared, as containerd does it (containerd/platforms,
`Normalize` and `Only`), except that 32-bit images do not count as running on 64-bit processors: not all can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

_ARCHITECTURES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "i386": ("386", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
_PLAIN = {"arm64": "v8", "amd64": "v1"}
"""The variant that is meant where none is given, and that is left out."""
_ARM = "v7"
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system and a processor, in their usual form.

    Attributes:
        os: `linux`; empty where an image does not say.
        architecture: as Go and Kubernetes name it (`amd64`, `arm64`); empty where an image does not say.
        variant: `v7` of `arm`; empty where it is the usual one.
    """

    os: str
    architecture: str
    variant: str = ""

    @classmethod
    def of(cls, os: str, architecture: str, variant: str = "") -> Self:
        """A platform as an image or a node names it."""
        architecture, usual = _ARCHITECTURES.get(architecture.lower(), (architecture.lower(), ""))
        variant = variant.lower() or usual
        if variant.isdecimal():
            variant = f"v{variant}"
        if architecture == "arm":
            variant = variant or _ARM
        return cls(os.lower(), architecture, "" if variant == _PLAIN.get(architecture) else variant)

    def __str__(self) -> str:
        """`linux/amd64`, `linux/arm/v6`."""
        named = f"{self.os or _UNKNOWN}/{self.architecture or _UNKNOWN}"
        return f"{named}/{self.variant}" if self.variant else named

    @property
    def is_unknown(self) -> bool:
        """Whether it is what lists of images say of entries that are none (`unknown/unknown`)."""
        return _UNKNOWN in {self.os, self.architecture}

    def runs_on(self, machine: Self) -> bool:
        """Whether an image of this platform runs there: the same, or built for an earlier variant."""
        if (self.os, self.architecture) != (machine.os, machine.architecture):
            return False
        return self.variant == machine.variant or 0 <= self._level <= machine._level

    def fitness(self) -> int:
        """The higher, the newer the processors that it makes use of; for choosing among those that run."""
        return self._level

    @property
    def _level(self) -> int:
        """The variant's number; -1 where it is none, which is like no other."""
        number = (self.variant or _PLAIN.get(self.architecture, "v0")).removeprefix("v")
        return int(number) if number.isascii() and number.isdecimal() else -1


def best(offered: Iterable[Platform], wanted: Sequence[Platform]) -> Platform | None:
    """The platform that runs on the first of the wanted ones for which there is any."""
    candidates = tuple(offered)
    for machine in wanted:
        fitting = [platform for platform in candidates if platform.runs_on(machine)]
        if fitting:
            return max(fitting, key=Platform.fitness)
    return None
