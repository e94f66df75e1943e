"""What has to hold between pools and the classes in them, whoever made them: a file, or an administrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sessions_api.kit.schemas import Description, Name
from sessions_api.resources.amounts import KINDS, Amounts, said
from sessions_api.resources.offers import MOST, ClassFields, Slug

_MOST_AMOUNT = 1_000_000
_Amount = Annotated[float, Field(gt=0, le=_MOST_AMOUNT)]
_Number = Annotated[int, Field(ge=1, le=_MOST_AMOUNT)]
Classes = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=MOST)]


class Limit(BaseModel):
    """How much may be taken at once, memory in GiB; what is left out is not limited."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    cpus: _Amount | None = None
    memory_gib: _Amount | None = None
    gpus: _Number | None = None
    sessions: _Number | None = None


class Audience(BaseModel):
    """Who may start sessions of a pool's classes; without groups everybody may."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    groups: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], Field(max_length=MOST)
    ] = ()


class PoolFields(BaseModel):
    """What a pool says, whoever makes it.

    Attributes:
        classes: slugs of the classes in it.
        quota: what everybody together may take; a start beyond it waits.
        per_person, per_project: what one of them may take; a start beyond it is refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Name
    description: Description = ""
    classes: Classes
    quota: Limit = Limit()
    per_person: Limit = Limit()
    per_project: Limit = Limit()
    audience: Audience = Audience()


@dataclass(frozen=True, slots=True)
class Complaint:
    """What does not hold.

    Attributes:
        pool: the number of the pool.
        field: of the pool, which is one way to mend it.
        of_class, class_field: the class that does not go with it, and its field: the other way.
    """

    pool: int
    field: tuple[str, ...]
    sentence: str
    of_class: str = ""
    class_field: str = ""


def complaints(
    pools: Sequence[tuple[str, PoolFields]], classes: Mapping[str, ClassFields]
) -> Iterator[Complaint]:
    """What does not hold between pools, by slug and in their order, and the classes that there are."""
    pool_of: dict[str, str] = {}
    for number, (name, pool) in enumerate(pools):
        for slug in pool.classes:
            field = ("classes",)
            if slug not in classes:
                there_are = ", ".join(classes) or "none"
                yield Complaint(number, field, f"there is no class {slug}; there are: {there_are}.", slug)
            elif slug in pool_of:
                yield Complaint(
                    number,
                    field,
                    f"the class {slug} is in the pool {pool_of[slug]} already; leave it in one.",
                    slug,
                )
            else:
                pool_of[slug] = name
                yield from _too_small(number, pool, slug, classes[slug])
                if classes[slug].default and pool.audience.groups:
                    yield Complaint(
                        number,
                        ("audience", "groups"),
                        f"new sessions are of the class {slug}, whoever makes "
                        "them; make another class the default, or leave the groups out.",
                        slug,
                        "default",
                    )


def _too_small(number: int, pool: PoolFields, slug: str, one: ClassFields) -> Iterator[Complaint]:
    """A class that is larger than a limit could never be started."""
    needs = Amounts.of(one)
    for field in ("quota", "per_person", "per_project"):
        limit = getattr(pool, field)
        for kind in KINDS:
            most, needed = getattr(limit, kind), getattr(needs, kind)
            if most is not None and needed > most:
                yield Complaint(
                    number,
                    (field, kind),
                    f"a session of the class {slug} takes {said(kind, needed)}, which is more than {most:g}; "
                    "nobody could start one. Make the limit larger, or take the class out of the pool.",
                    slug,
                    kind,
                )
