"""How much of what is taken and what may be taken; memory is GiB everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, get_args

Kind = Literal["cpus", "memory_gib", "gpus", "sessions"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_DIGITS = 6
"""Sums of fractions are compared to a millionth: three times 0.1 CPUs fit into 0.3."""


class Sized(Protocol):
    """A class or a run, as far as it takes something."""

    @property
    def cpus(self) -> float | None:
        """CPUs, may be a fraction."""

    @property
    def memory_gib(self) -> float | None:
        """Memory in GiB."""

    @property
    def gpus(self) -> int | None:
        """How many GPUs."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """CPUs, memory in GiB, GPUs, and the number of sessions that take them."""

    cpus: float = 0
    memory_gib: float = 0
    gpus: int = 0
    sessions: int = 0

    @classmethod
    def of(cls, one: Sized) -> Self:
        """What one session takes."""
        return cls(one.cpus or 0, one.memory_gib or 0, one.gpus or 0, 1)

    @classmethod
    def total(cls, parts: Iterable[Amounts]) -> Self:
        """What all of them take together."""
        listed = list(parts)
        return cls(
            cpus=sum(part.cpus for part in listed),
            memory_gib=sum(part.memory_gib for part in listed),
            gpus=sum(part.gpus for part in listed),
            sessions=sum(part.sessions for part in listed),
        )

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts.total((self, other))

    def __sub__(self, other: Amounts) -> Amounts:
        return self + Amounts(-other.cpus, -other.memory_gib, -other.gpus, -other.sessions)

    def beyond(self, limit: Mapping[str, Any]) -> Kind | None:
        """The first kind of which this is more than the limit allows; what a limit leaves out is free."""
        for kind in KINDS:
            if kind in limit and round(getattr(self, kind) - limit[kind], _DIGITS) > 0:
                return kind
        return None


def said(kind: Kind, amount: float) -> str:
    """`4 CPUs`, `0.5 CPUs`, `8 GiB of memory`, `1 GPU`, `2 sessions`."""
    number = f"{round(amount, _DIGITS):g}"
    if kind == "memory_gib":
        return f"{number} GiB of memory"
    one = {"cpus": "CPU", "gpus": "GPU", "sessions": "session"}[kind]
    return f"{number} {one}" if number == "1" else f"{number} {one}s"
