"""Whose audit log a request reads, and which entries of it."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AfterValidator

from sessions_api.audit.filters import Filters
from sessions_api.audit.verbs import Verb

KINDS = tuple(dict.fromkeys(verb.partition(".")[0] for verb in Verb))


def _known(verb: str) -> str:
    if verb not in KINDS and verb not in set(Verb):
        raise ValueError(f"Nothing is called {verb}; write it like member.add, or like member for all of it.")
    return verb


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("Say the time zone too, as in 2026-10-02T09:30:00Z.")
    if not YEARS[0] <= at.year < YEARS[1]:
        raise ValueError(f"Choose a year between {YEARS[0]} and {YEARS[1]}.")
    return at


YEARS = 1970, 3000
NO_NUL = r"^[^\x00]*$"
"""What PostgreSQL takes as text."""
Moment = Annotated[datetime, AfterValidator(_aware)]
Person = Annotated[str, Query(max_length=255, pattern=NO_NUL, description="Only what this person did.")]
ProjectSlug = Annotated[
    str, Query(max_length=80, pattern=NO_NUL, description="Only in the projects that were called so.")
]


def filters(
    person: Person | None = None,
    verb: Annotated[
        str | None,
        Query(max_length=40, description="Only this: `member.add`, or `member` for all of the kind."),
        AfterValidator(lambda verb: verb and _known(verb)),
    ] = None,
    since: Annotated[Moment | None, Query(description="Only from this time on.")] = None,
    until: Annotated[Moment | None, Query(description="Only before this time.")] = None,
) -> Filters:
    """Which entries are wanted."""
    return Filters(person=person, verb=verb, since=since, until=until)


Wanted = Annotated[Filters, Depends(filters)]
