"""What the pages of classes and pools show."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.web.parts import Action, Crumb


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A class or pool in a list.

    Attributes:
        size: `8 CPU, 64 GiB, 1 GPU` of a class; the classes of a pool.
        beside: its pool; whom a pool is for.
        href: the live runs that take it.
        amounts: what is taken, with the limit where there is one.
        hint: that more is taken than the quota, or who waits.
        moves: one place up and down.
    """

    slug: str
    name: str
    description: str
    size: str
    beside: str
    href: str
    amounts: str
    hint: str
    warn: bool
    default: bool
    of_file: bool
    moves: tuple[Action, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class OfferForm:
    """The form of a class or pool.

    Attributes:
        refused: the words above what is wrong.
        note: below the heading.
        choices: of a pool's classes: slug, name, and what there is to say of it.
        new: whether it may be given a slug.
    """

    title: str
    crumbs: tuple[Crumb, ...]
    note: str
    refused: str
    do: str
    back: str
    new: bool
    choices: tuple[tuple[str, str, str], ...] = ()
    remove: Action | None = None
