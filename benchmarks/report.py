"""What a benchmark found, as a table and as an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        bound: the most it may be; None is for information only.
    """

    what: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def is_broken(self) -> bool:
        """Whether it is above its bound."""
        return self.bound is not None and self.value > self.bound


def median(values: Iterable[float]) -> float:
    """Half of the values are at most this."""
    return percentile(values, 50)


def percentile(values: Iterable[float], percent: int) -> float:
    """`percent` of the values are at most this, interpolated."""
    measured = list(values)
    return measured[0] if len(measured) == 1 else quantiles(measured, n=100, method="inclusive")[percent - 1]


def show(title: str, figures: Sequence[Figure]) -> bool:
    """Prints the figures; False when one is above its bound."""
    table = Table()
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("at most", justify="right")
    for figure in figures:
        table.add_row(
            figure.what,
            _with_unit(figure.value, figure.unit),
            "" if figure.bound is None else _with_unit(figure.bound, figure.unit),
            style="red" if figure.is_broken else None,
        )
    console = Console(highlight=False)
    console.print(title, style="bold", soft_wrap=True)
    console.print(table)
    return not any(figure.is_broken for figure in figures)


def _with_unit(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if unit == "ms" else f"{value:.2f} {unit}"
