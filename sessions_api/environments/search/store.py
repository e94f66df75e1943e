"""SQL of searches: all words must be found, the best finds come first.

The rarest word leads. For every kind of place, the stretch of an index that begins with this word is read
until `MOST` environments are found that the viewer may see and that have the other words too; these at most
5 × `MOST` are ranked. So a word that ten thousand environments have costs as much as one of a few hundred.
What is beyond the best of each kind is not found by this search, but by one with more words.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from sessions_api.environments.filters import Filters
from sessions_api.environments.search.terms import Kind, fold
from sessions_api.environments.store import leading as leading_of
from sessions_api.environments.store import narrowed
from sessions_api.environments.tables import Environment, EnvironmentTerm
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project
from sessions_api.sessions.tables import Session

MOST = 100
"""Environments that are looked at of each kind of find."""

_LAST = "\U0010ffff"
_PHRASE = 1000
"""More than the words of a search can add up to."""

Place = tuple[int, int, int, int, str]
"""Where a find is in the order: how it was found, then 0 for default ones, 0 for favourites and what the
asking project uses, how often it is used (negative), slug."""


async def search(
    db: AsyncSession,
    viewer: Viewer,
    words: Sequence[str],
    filters: Filters,
    *,
    phrase: str,
    after: Place | None,
    limit: int,
) -> Sequence[tuple[Environment, Place]]:
    """Environments with every one of `words`, best finds first, at most `limit` of those after a place.

    There is at least one word. `phrase` is the whole search: who searches for a name of several words wants
    what is called so. Both are folded.
    """
    leading, *others = await _rarest_first(db, words)
    said = [*narrowed(viewer, filters), *map(_has, others)]
    if filters.keyword is not None:
        said.append(_has_keyword(fold(filters.keyword)))
    first = leading_of(viewer, filters)
    finds = union_all(*(select(_finds(kind, leading, first, said)) for kind in Kind)).subquery()
    best = (
        select(
            finds.c.id, *(func.min(finds.c[name]).label(name) for name in ("tier", "later", "other", "slug"))
        )
        .group_by(finds.c.id)
        .subquery()
    )
    tier: ColumnElement[int] = best.c.tier
    for word in others:
        tier += _tier_of(word, best.c.id)
    if others:
        tier += _PHRASE * _called(phrase, best.c.id)
    ranked = select(
        best.c.id,
        tier.label("tier"),
        best.c.later,
        best.c.other,
        (-_uses(best.c.id)).label("unused"),
        best.c.slug,
    ).subquery()
    shown = _after(ranked, after).limit(limit).subquery()
    statement = select(Environment, *_place(shown)).join(shown, shown.c.id == Environment.id)
    found = await db.execute(statement.order_by(*_place(shown)))
    return [(row[0], (row[1], row[2], row[3], row[4], row[5])) for row in found]


def _place(ranked: Subquery) -> tuple[ColumnElement[Any], ...]:
    return ranked.c.tier, ranked.c.later, ranked.c.other, ranked.c.unused, ranked.c.slug


def _after(ranked: Subquery, after: Place | None) -> Select[Any]:
    place = _place(ranked)
    statement = select(ranked).order_by(*place)
    return statement if after is None else statement.where(tuple_(*place) > tuple_(*after))


async def _rarest_first(db: AsyncSession, words: Sequence[str]) -> Sequence[str]:
    """The words, those first that the fewest places have; what is frequent is not counted to its end."""
    if len(words) == 1:
        return words
    counts = [
        select(func.count())
        .select_from(
            select(EnvironmentTerm.kind)
            .where(EnvironmentTerm.kind == kind, _begins(word))
            .order_by(EnvironmentTerm.term)
            .limit(MOST)
            .subquery()
        )
        .scalar_subquery()
        for word in words
        for kind in Kind
    ]
    found = iter((await db.execute(select(*counts))).one())
    frequency = {word: sum(islice(found, len(Kind))) for word in words}
    return sorted(words, key=lambda word: (frequency[word], word))


def _begins(word: str) -> ColumnElement[bool]:
    return and_(EnvironmentTerm.term >= word, EnvironmentTerm.term < word + _LAST)


def _tier(word: str) -> ColumnElement[int]:
    """How good a find of a term is, 0 the best: what is called so, what begins so, and so on by kind."""
    called = and_(EnvironmentTerm.kind == Kind.WHOLE, EnvironmentTerm.term == word)
    return case((called, 0), else_=EnvironmentTerm.kind)


def _finds(
    kind: Kind, word: str, first: ColumnElement[bool], said: Sequence[ColumnElement[bool]]
) -> Subquery:
    return (
        select(
            Environment.id,
            _tier(word).label("tier"),
            case((Environment.default, 0), else_=1).label("later"),
            case((first, 0), else_=1).label("other"),
            Environment.slug.label("slug"),
        )
        .join(EnvironmentTerm, Environment.id == EnvironmentTerm.environment_id)
        .where(EnvironmentTerm.kind == kind, _begins(word), *said)
        .order_by(EnvironmentTerm.term, EnvironmentTerm.place, EnvironmentTerm.environment_id)
        .limit(MOST)
        .subquery()
    )


def _has(word: str) -> ColumnElement[bool]:
    return _terms_of(Environment.id, word).correlate(Environment).exists()


def _has_keyword(keyword: str) -> ColumnElement[bool]:
    return (
        select(EnvironmentTerm.kind)
        .where(
            EnvironmentTerm.environment_id == Environment.id,
            EnvironmentTerm.term == keyword,
            EnvironmentTerm.kind == Kind.KEYWORD,
        )
        .correlate(Environment)
        .exists()
    )


def _terms_of(environment_id: ColumnElement[str] | InstrumentedAttribute[str], word: str) -> Select[int]:
    return select(EnvironmentTerm.kind).where(EnvironmentTerm.environment_id == environment_id, _begins(word))


def _tier_of(word: str, environment_id: ColumnElement[str]) -> ScalarSelect[int]:
    return _terms_of(environment_id, word).with_only_columns(func.min(_tier(word))).scalar_subquery()


def _called(phrase: str, environment_id: ColumnElement[str]) -> ColumnElement[int]:
    """0 for what is called so, 1 for what begins so, else 2."""
    whole = _terms_of(environment_id, phrase).where(EnvironmentTerm.kind == Kind.WHOLE)
    best = whole.with_only_columns(func.min(case((EnvironmentTerm.term == phrase, 0), else_=1)))
    return func.coalesce(best.scalar_subquery(), literal(2))


def _uses(environment_id: ColumnElement[str]) -> ScalarSelect[int]:
    """In how many projects an environment has sessions."""
    return (
        select(func.count(Session.project_id.distinct()))
        .join(Project, Project.id == Session.project_id)
        .where(
            Session.environment_id == environment_id,
            Session.removed_at.is_(None),
            Project.removed_at.is_(None),
        )
        .scalar_subquery()
    )
