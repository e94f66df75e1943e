"""From environments to what pages show of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sessions_api.environments.filters import Filters
from sessions_api.environments.service import Around
from sessions_api.environments.tables import Environment
from sessions_api.environments.uses.store import Used
from sessions_api.environments.views import Audience, Catalogue, CatalogueRow, Chip, Nothing
from sessions_api.people.viewer import Viewer
from sessions_api.web import words
from sessions_api.web.parts import Action, Crumb, Pager

PATH = "/environments"
KEYWORDS = 12
"""Keywords that a list offers to narrow it by."""


_WANTED = ("q", "keyword", "default", "favourite", "mine", "archived")


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to, as its address says it."""

    q: str = ""
    keyword: str = ""
    default: bool = False
    favourite: bool = False
    mine: bool = False
    archived: bool = False

    def fields(self) -> dict[str, str]:
        """As the parameters of an address; what is not wanted is left out."""
        given = {name: getattr(self, name) for name in _WANTED}
        return {name: "true" if value is True else value for name, value in given.items() if value}

    def href(self, **further: str) -> str:
        """The address of the list."""
        fields = {**self.fields(), **further}
        return f"{PATH}?{urlencode(fields)}" if fields else PATH

    def filters(self) -> Filters:
        """As the rules take it."""
        return Filters(
            keyword=self.keyword or None,
            default=self.default or None,
            favourite=self.favourite or None,
            mine=self.mine or None,
            archived=self.archived,
        )


def crumb(environment: Environment, *, seen: bool) -> Crumb:
    """Its name, which leads to its page those who see it: sessions name theirs to all who see the project."""
    return Crumb(environment.name, path_of(environment) if seen else "")


def path_of(environment: Environment) -> str:
    """The address of an environment's page."""
    return f"{PATH}/{environment.slug}"


def crumbs(*further: Crumb) -> tuple[Crumb, ...]:
    """The way from all environments to a page of one."""
    return (Crumb("Environments", PATH), *further)


def audience(environment: Environment, viewer: Viewer) -> Audience:
    """Who sees an environment."""
    if environment.visibility == "everyone":
        return Audience("Everyone here", "globe")
    if environment.visibility == "projects":
        return Audience("Chosen projects", "users")
    own = environment.created_by == viewer.name
    return Audience("Only you" if own else f"Only {environment.created_by}", "lock")


def star(environment: Environment, around: Around, back: str) -> Action:
    """Makes an environment a favourite of the viewer's, or none; then leads `back`."""
    favourite = environment.id in around.favourites
    return Action(
        f"{environment.name} is a favourite of yours: take it out"
        if favourite
        else f"Make {environment.name} a favourite of yours",
        f"{path_of(environment)}/favourite",
        "starred" if favourite else "star",
        post=True,
        fields=(("favourite", "off" if favourite else "on"), ("back", back)),
    )


def projects(found: Used) -> str:
    """`3 projects` with sessions of an environment, seen or not; `no project yet`."""
    amount = found.projects + found.others
    return words.count(amount, "project") if amount else "no project yet"


def archived(environment: Environment, now: datetime) -> str:
    """`since 2 Oct`; empty: it is not."""
    return "" if environment.archived_at is None else words.since(environment.archived_at, now)


def successor(environment: Environment, around: Around) -> Crumb | None:
    """What to use in the place of an archived environment."""
    found = around.successor(environment)
    return None if found is None else Crumb(found.name, path_of(found))


def keyword_chips(environment: Environment, wanted: Wanted) -> tuple[Chip, ...]:
    """Each keyword of an environment, as a link to what else has it."""
    return tuple(
        Chip(word, replace(wanted, keyword=word).href(), on=word == wanted.keyword)
        for word in environment.keywords
    )


def catalogue(
    listed: Sequence[Environment],
    following: str | None,
    around: Around,
    *,
    wanted: Wanted,
    viewer: Viewer,
    cursor: str | None,
    now: datetime,
) -> Catalogue:
    """The list of environments; `following` is the cursor of the next page, `cursor` that of this one."""
    whole = following is None and cursor is None
    here = wanted.href(**({"cursor": cursor} if cursor else {}))
    return Catalogue(
        title=words.count(len(listed), "environment") if whole else "Environments",
        query=wanted.q,
        kept=tuple((name, value) for name, value in wanted.fields().items() if name != "q"),
        choices=_choices(wanted),
        keywords=_keywords(listed, wanted),
        rows=tuple(_row(each, around, wanted=wanted, viewer=viewer, here=here, now=now) for each in listed),
        nothing=_nothing(wanted),
        pager=Pager(
            words=f"{words.count(len(listed), 'environment')} on this page",
            first=wanted.href() if cursor else "",
            next=wanted.href(cursor=following) if following else "",
        ),
    )


def _row(
    environment: Environment, around: Around, *, wanted: Wanted, viewer: Viewer, here: str, now: datetime
) -> CatalogueRow:
    latest = around.latest[environment.id]
    return CatalogueRow(
        slug=environment.slug,
        name=environment.name,
        description=environment.description,
        front_end=latest.front_end,
        version=latest.number,
        digest=latest.digest,
        default=environment.default,
        audience=audience(environment, viewer),
        used=f"used in {projects(around.used_of(environment))}",
        archived=archived(environment, now),
        successor=successor(environment, around),
        star=star(environment, around, here),
        keywords=keyword_chips(environment, wanted),
    )


def _choices(wanted: Wanted) -> tuple[Chip, ...]:
    return (
        Chip("Default", replace(wanted, default=not wanted.default).href(), wanted.default, "layers"),
        Chip(
            "Favourites",
            replace(wanted, favourite=not wanted.favourite).href(),
            wanted.favourite,
            "star",
        ),
        Chip("Mine", replace(wanted, mine=not wanted.mine).href(), wanted.mine, "user"),
        Chip("Archived", replace(wanted, archived=not wanted.archived).href(), wanted.archived, "lock"),
    )


def _keywords(listed: Sequence[Environment], wanted: Wanted) -> tuple[Chip, ...]:
    if wanted.keyword:
        return (Chip(wanted.keyword, replace(wanted, keyword="").href(), on=True),)
    counted = Counter(word for each in listed for word in each.keywords)
    frequent = sorted(counted, key=lambda word: (-counted[word], word))[:KEYWORDS]
    return tuple(Chip(word, replace(wanted, keyword=word).href()) for word in sorted(frequent))


def _nothing(wanted: Wanted) -> Nothing:
    every = Action("Show all environments", PATH)
    add = Action("Add environment", f"{PATH}/add", "plus")
    match wanted:
        case Wanted("", "", False, False, False, False):
            return Nothing("There are no environments yet.", add)
        case Wanted("", "", True, False, False, False):
            return Nothing("No environment is a default one. Administrators choose them.", every)
        case Wanted("", "", False, True, False, False):
            return Nothing("You have no favourites yet. The star of an environment makes it one.", every)
        case Wanted("", "", False, False, True, False):
            return Nothing(
                "You have made no environment yet. Add one from an image, or duplicate one that is there.",
                add,
            )
        case Wanted("", "", False, False, False, True):
            return Nothing("No environment is archived.", every)
    chosen = ", ".join(chip.label.lower() for chip in _choices(wanted) if chip.on)
    sought = [f"“{wanted.q}”" if wanted.q else "", f"the keyword {wanted.keyword}" if wanted.keyword else ""]
    what = " and ".join(part for part in sought if part) or "this"
    return Nothing(f"No environment matches {what}{f' among {chosen}' if chosen else ''}.", every)
