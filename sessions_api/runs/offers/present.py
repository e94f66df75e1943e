"""From classes and pools to what the pages of administrators show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from sessions_api.resources.amounts import Amounts
from sessions_api.resources.editing import Offers, Row, is_of_file
from sessions_api.resources.specs import spec_of_class
from sessions_api.resources.tables import ADMIN, ResourceClass, ResourcePool
from sessions_api.runs.offers.views import OfferForm, OfferRow
from sessions_api.runs.overview.present import LIVE, RESOURCES, amounts_of
from sessions_api.runs.places.free import Use
from sessions_api.web import words
from sessions_api.web.parts import Action, Confirm, Crumb

PATHS = {"class": "/admin/resource-classes", "pool": "/admin/resource-pools"}


def crumbs(last: str) -> tuple[Crumb, ...]:
    """The way to a page of a class or pool."""
    return (Crumb("Admin", LIVE), Crumb("Resources", RESOURCES), Crumb(last))


def path_of(kind: str, one: Row) -> str:
    """What the addresses of a class's or pool's pages begin with."""
    return f"{PATHS[kind]}/{one.slug}"


def _actions(kind: str, one: Row) -> tuple[Action, ...]:
    base = path_of(kind, one)
    if is_of_file(one):
        return ()
    edit = Action("Edit", f"{base}/edit", "sliders")
    if one.withdrawn_at is not None:
        return (edit, Action("Offer again", f"{base}/offer", "retry", post=True))
    return (edit, Action("Withdraw…", f"{base}/withdraw", "trash", ask=True, danger=True))


def _moves(kind: str, one: Row, offers: Offers) -> tuple[Action, ...]:
    own = offers.own(kind)
    if one not in own:
        return ()
    at = own.index(one) + 1
    wanted = ((at - 1, "up"), (at + 1, "down"))
    return tuple(
        Action(f"Move {way}", f"{path_of(kind, one)}/move", way, post=True, fields=(("to", str(to)),))
        for to, way in wanted
        if 1 <= to <= len(own)
    )


def class_row(one: ResourceClass, offers: Offers, taken: Mapping[str, Amounts]) -> OfferRow:
    """A class in the list."""
    pool = next((pool.name for pool in offers.pools if pool.id == one.pool_id), "")
    return OfferRow(
        slug=one.slug,
        name=one.name,
        description=one.description,
        size=words.resources(spec_of_class(one)),
        beside=pool,
        href=f"{LIVE}?{urlencode({'resource_class': one.slug})}",
        amounts=amounts_of(taken.get(one.id, Amounts()), {}),
        hint="",
        warn=False,
        default=one.is_default,
        of_file=is_of_file(one),
        moves=_moves("class", one, offers),
        actions=_actions("class", one),
    )


def pool_row(use: Use, offers: Offers) -> OfferRow:
    """A pool in the list; that more is taken than it now gives is said as long as it is so."""
    pool = use.pool
    over = pool.withdrawn_at is None and use.taken.beyond(pool.quota) is not None
    waiting = f"{words.count(use.waiting, 'start')} waiting." if use.waiting else ""
    hint = (
        "More is taken than the quota gives. Nothing that runs is ended; starts wait until enough has ended."
        if over
        else ""
    )
    return OfferRow(
        slug=pool.slug,
        name=pool.name,
        description=pool.description,
        size=words.listed(tuple(one.name for one in offers.classes_in(pool))) or "no classes",
        beside=f"for {words.listed(tuple(pool.groups))}" if pool.groups else "for everybody",
        href=f"{LIVE}?{urlencode({'pool': pool.slug})}",
        amounts=amounts_of(use.taken, pool.quota),
        hint=" ".join(part for part in (hint, waiting) if part),
        warn=over,
        default=False,
        of_file=is_of_file(pool),
        moves=_moves("pool", pool, offers),
        actions=_actions("pool", pool),
    )


def _choices(pool: ResourcePool | None, offers: Offers) -> tuple[tuple[str, str, str], ...]:
    """The classes that a pool may have: those made here."""
    pools = {each.id: each for each in offers.pools}
    found = []
    for one in offers.classes:
        other = pools.get(one.pool_id or "")
        there = pool is not None and one.pool_id == pool.id
        if one.origin != ADMIN or (one.withdrawn_at is not None and not there):
            continue
        note = words.resources(spec_of_class(one))
        if one.withdrawn_at is not None:
            note += ", withdrawn"
        elif other is not None and not there and other.withdrawn_at is None:
            note += f", in the pool {other.name}"
        found.append((one.slug, one.name, note))
    return tuple(found)


_NOTES = {
    "class": "Changes are for starts from now on; what runs keeps what it has.",
    "pool": "Classes that share a quota. Where there are pools, every session has to be of a class.",
}


def adding(kind: str, offers: Offers) -> OfferForm:
    """The form of a new class or pool."""
    title = f"Add {kind}"
    note = "An offer of CPU, memory, GPUs and disk." if kind == "class" else _NOTES["pool"]
    choices = _choices(None, offers) if kind == "pool" else ()
    return OfferForm(title, crumbs(title), note, "Not added", title, RESOURCES, new=True, choices=choices)


def changing(kind: str, one: Row, offers: Offers) -> OfferForm:
    """The form of one that there is."""
    withdraw = Action("Withdraw…", f"{path_of(kind, one)}/withdraw", ask=True, danger=True)
    return OfferForm(
        one.name,
        crumbs(one.name),
        _NOTES[kind],
        "Not saved",
        "Save",
        RESOURCES,
        new=False,
        choices=_choices(one, offers) if isinstance(one, ResourcePool) else (),
        remove=withdraw if one.withdrawn_at is None else None,
    )


def withdrawing(kind: str, one: Row, uses: Sequence[Use]) -> Confirm:
    """Asks before a class or pool is withdrawn."""
    lines: tuple[str, ...]
    kept: tuple[str, ...]
    if kind == "class":
        lines = ("It is no longer offered to sessions that are not of it. It can be offered again.",)
        kept = ("Sessions that are of it, which start as before", "What runs, and starts that wait")
    else:
        waiting = sum(use.waiting for use in uses)
        lines = (
            "Its classes are then limited by nothing, and offered to everybody. It can be offered again.",
        )
        if waiting:
            lines = (*lines, f"{words.count(waiting, 'start')} waiting for a place will be launched at once.")
        kept = ("Its classes", "What runs")
    return Confirm(
        title=f"Withdraw {one.name}?",
        crumbs=crumbs(one.name),
        lines=lines,
        kept=kept,
        do=Action(f"Withdraw {kind}", f"{path_of(kind, one)}/withdraw", post=True, danger=True),
        back=RESOURCES,
        keep="Keep it",
    )
