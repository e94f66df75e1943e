"""`sojourn resource-pool`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from sojourn.cli import output
from sojourn.cli.arguments import variable
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation

if TYPE_CHECKING:
    from sojourn.client.models import Amounts, Limit, ResourcePool
    from sojourn.client.offer_calls import OfferedPool, PoolChanges, PoolDetails

group = new_group("Pools that resource classes are taken from; platform admins make and change them.")

_WORDS = {"cpus": "CPU", "memory_gib": "GiB", "gpus": "GPU", "sessions": "sessions"}
_KINDS = {"cpus": "cpus", "memory": "memory_gib", "gpus": "gpus", "sessions": "sessions"}
_NONE = "none"


def _rest(limit: Limit, taken: Amounts) -> str:
    """`4 of 16 CPU, 1 of 2 GPU`; empty where nothing is limited."""
    return ", ".join(
        f"{max(0.0, most - getattr(taken, kind)):g} of {most:g} {word}"
        for kind, word in _WORDS.items()
        if (most := getattr(limit, kind)) is not None
    )


def _said(limit: Limit | Amounts) -> str:
    amounts = ((getattr(limit, kind), word) for kind, word in _WORDS.items())
    return ", ".join(f"{amount:g} {word}" for amount, word in amounts if amount)


COLUMNS: output.Columns[ResourcePool] = {
    "Pool": lambda pool: pool.slug,
    "Name": lambda pool: pool.name,
    "Classes": lambda pool: ", ".join(pool.classes),
    "Free": lambda pool: _rest(pool.quota, pool.taken),
    "Left to you": lambda pool: _rest(pool.per_person, pool.own),
    "Waiting": lambda pool: pool.waiting,
}
OFFERED: output.Columns[OfferedPool] = {
    "Pool": lambda pool: pool.slug,
    "Name": lambda pool: pool.name,
    "Classes": lambda pool: ", ".join(pool.classes),
    "Quota": lambda pool: _said(pool.quota),
    "Taken": lambda pool: _said(pool.taken) or "nothing",
    "Waiting": lambda pool: pool.waiting,
}

Slug = Annotated[str, typer.Argument(metavar="POOL", help="As listed.", show_default=False)]
Text = Annotated[str | None, typer.Option("--description", help="What it is for.", show_default=False)]
Classes = Annotated[
    list[str] | None,
    typer.Option("--class", metavar="CLASS", help="One that was made here; may be repeated."),
]
Quota = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT=MOST",
        help="What all may take together: cpus=, memory= (GiB), gpus=, sessions=; may be repeated; none.",
    ),
]
PerPerson = Annotated[
    list[str] | None, typer.Option(metavar="WHAT=MOST", help="What each person may take; as --quota.")
]
PerProject = Annotated[
    list[str] | None, typer.Option(metavar="WHAT=MOST", help="What each project may take; as --quota.")
]
Groups = Annotated[
    list[str] | None,
    typer.Option("--group", metavar="GROUP", help="Only for its members; may be repeated; none: everybody."),
]


@command(group, "list")
def listing(
    invocation: Invocation,
    *,
    every: Annotated[bool, typer.Option("--all", help="All of them; for platform admins.")] = False,
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="Those that were withdrawn; for platform admins.")
    ] = False,
) -> None:
    """List the pools that are for you, and what is free of them now."""
    if every or withdrawn:
        found = invocation.client.resource_pools.every(withdrawn=withdrawn)
        none = "No pool was withdrawn." if withdrawn else "There are no pools."
        invocation.listing(found, OFFERED, none=none)
        return
    none = "There are no pools; what sessions take is not limited."
    invocation.listing(invocation.client.resource_pools.list(), COLUMNS, none=none)


@command(group, "show")
def show(invocation: Invocation, pool: Slug) -> None:
    """Show all of a pool and what is taken of it; for platform admins."""
    one = invocation.client.resource_pools.get(pool)
    pairs = [
        *((heading, value(one)) for heading, value in OFFERED.items()),
        ("Each person", _said(one.per_person)),
        ("Each project", _said(one.per_project)),
        ("Only for", ", ".join(one.groups)),
        ("From", "the installation's file" if one.origin == "file" else "an administrator"),
        ("Withdrawn", "yes" if one.withdrawn_at else ""),
    ]
    invocation.show(one, pairs)


@command(group, "create")
def create(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.", show_default=False)],
    *,
    resource_class: Annotated[
        list[str],
        typer.Option("--class", metavar="CLASS", help="One that was made here; may be repeated."),
    ],
    slug: Annotated[
        str | None, typer.Option(help="What programs call it.", show_default="derives from the name")
    ] = None,
    description: Text = None,
    quota: Quota = None,
    per_person: PerPerson = None,
    per_project: PerProject = None,
    group: Groups = None,
) -> None:
    """Make a pool; for platform admins. Where there are pools, every session has to be of a class."""
    fields = _fields(resource_class, group, description=description, limits=(quota, per_person, per_project))
    made = invocation.client.resource_pools.create(name, slug=slug, **cast("PoolDetails", fields))
    invocation.done(f"Sessions of {', '.join(made.classes)} are taken from the pool {made.slug} now.", made)


@command(group, "change")
def change(
    invocation: Invocation,
    pool: Slug,
    *,
    name: Annotated[str | None, typer.Option(help="What people call it.", show_default=False)] = None,
    description: Text = None,
    resource_class: Classes = None,
    quota: Quota = None,
    per_person: PerPerson = None,
    per_project: PerProject = None,
    group: Groups = None,
    position: Annotated[
        int | None, typer.Option(help="Its place among those made here, from 1.", min=1, show_default=False)
    ] = None,
) -> None:
    """Change a pool: what is given takes the place of what was, and nothing is ended. For platform admins."""
    fields = _fields(
        resource_class,
        group,
        name=name,
        description=description,
        position=position,
        limits=(quota, per_person, per_project),
    )
    changed = invocation.client.resource_pools.change(pool, **cast("PoolChanges", fields))
    waiting = f", and {changed.waiting} wait" if changed.waiting else ""
    taken = _said(changed.taken) or "nothing"
    invocation.done(f"Changed the pool {changed.slug}. Taken now: {taken}{waiting}.", changed)


@command(group, "withdraw")
def withdraw(invocation: Invocation, pool: Slug) -> None:
    """Take a pool away: its classes are limited by nothing then, and for everybody. For platform admins."""
    gone = invocation.client.resource_pools.withdraw(pool)
    invocation.done(f"The pool {gone.slug} limits nothing any more.", gone)


@command(group, "offer")
def offer(invocation: Invocation, pool: Slug) -> None:
    """Bring a withdrawn pool back; for platform admins."""
    back = invocation.client.resource_pools.offer(pool)
    invocation.done(f"The pool {back.slug} is there again.", back)


def _fields(
    classes: list[str] | None,
    groups: list[str] | None,
    *,
    limits: tuple[list[str] | None, ...],
    **given: object,
) -> dict[str, Any]:
    """What was given, as the API takes it."""
    found = {name: value for name, value in given.items() if value is not None}
    if classes:
        found["classes"] = classes
    if groups:
        found["audience"] = {"groups": [] if groups == [_NONE] else groups}
    for name, limit in zip(("quota", "per_person", "per_project"), limits, strict=True):
        if limit:
            found[name] = {} if limit == [_NONE] else dict(map(_amount, limit))
    return found


def _amount(text: str) -> tuple[str, float]:
    """Reads `cpus=4`.

    Raises:
        typer.BadParameter: it is something else.
    """
    name, value = variable(text)
    if name not in _KINDS or not value.replace(".", "", 1).isdecimal():
        raise typer.BadParameter(f"{text} is no cpus=NUMBER, memory=GIB, gpus=NUMBER or sessions=NUMBER.")
    return _KINDS[name], float(value)
