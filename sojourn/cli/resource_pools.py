"""`sojourn resource-pool`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn.cli import output
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation

if TYPE_CHECKING:
    from sojourn.client.models import Amounts, Limit, ResourcePool

group = new_group("Pools that resource classes are taken from, and what is free of them.")

_WORDS = {"cpus": "CPU", "memory_gib": "GiB", "gpus": "GPU", "sessions": "sessions"}


def _rest(limit: Limit, taken: Amounts) -> str:
    """`4 of 16 CPU, 1 of 2 GPU`; empty where nothing is limited."""
    return ", ".join(
        f"{max(0.0, most - getattr(taken, kind)):g} of {most:g} {word}"
        for kind, word in _WORDS.items()
        if (most := getattr(limit, kind)) is not None
    )


COLUMNS: output.Columns[ResourcePool] = {
    "Pool": lambda pool: pool.slug,
    "Name": lambda pool: pool.name,
    "Classes": lambda pool: ", ".join(pool.classes),
    "Free": lambda pool: _rest(pool.quota, pool.taken),
    "Left to you": lambda pool: _rest(pool.per_person, pool.own),
    "Waiting": lambda pool: pool.waiting,
}


@command(group, "list")
def listing(invocation: Invocation) -> None:
    """List the pools that are for you, and what is free of them now."""
    none = "There are no pools; what sessions take is not limited."
    invocation.listing(invocation.client.resource_pools.list(), COLUMNS, none=none)
