"""How a stage of a launch ends when it does not fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass
class Outcome:
    """How a stage ended. `warn`: the launch goes on, and `detail` says what is not as it was asked for."""

    state: Literal["done", "warn"] = "done"
    detail: str = ""

    def take(self, other: Outcome) -> None:
        """Becomes what a step returned."""
        self.state, self.detail = other.state, other.detail
