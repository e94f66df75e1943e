"""The file in which an administrator puts resource classes into pools, with what may be taken of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from sessions_api.kit.complaints import place, sentence
from sessions_api.resources.amounts import KINDS, Amounts, said
from sessions_api.resources.offers import MOST, Offer, OffersError

_CONFIG = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, str_strip_whitespace=True)
_Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class Limit(BaseModel):
    """How much may be taken at once; what is left out is not limited."""

    model_config = _CONFIG

    cpus: Annotated[float, Field(gt=0)] | None = None
    memory_gib: Annotated[float, Field(gt=0)] | None = None
    gpus: Annotated[int, Field(ge=1)] | None = None
    sessions: Annotated[int, Field(ge=1)] | None = None


class Audience(BaseModel):
    """Who may start sessions of a pool's classes; without groups everybody may."""

    model_config = _CONFIG

    groups: tuple[Annotated[str, Field(min_length=1, max_length=255)], ...] = ()


class Pool(BaseModel):
    """One pool as the file has it; fields are written in camel case, as in Helm values."""

    model_config = _CONFIG

    slug: _Slug
    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: Annotated[str, Field(max_length=2000)] = ""
    classes: Annotated[tuple[_Slug, ...], Field(min_length=1, max_length=MOST)]
    quota: Limit = Limit()
    per_person: Limit = Limit()
    per_project: Limit = Limit()
    audience: Audience = Audience()


_POOLS = TypeAdapter(Annotated[tuple[Pool, ...], Field(max_length=MOST)])


def load(path: Path, classes: Sequence[Offer]) -> tuple[Pool, ...]:
    """The pools in the order of the file.

    Raises:
        OffersError: it cannot be read, a field is not what it should be, a pool has a class that is not
            offered or is in another pool too, a limit is smaller than a class, or the default class is not
            for everybody.
    """
    try:
        pools = _POOLS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or [])
    except (OSError, yaml.YAMLError) as error:
        raise OffersError(f"{path}: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise OffersError(f"{path}: {place(first['loc'])}: {sentence(first)}") from error
    for complaint in _complaints(pools, {offer.slug: offer for offer in classes}):
        raise OffersError(f"{path}: {complaint}")
    return pools


def _complaints(pools: Sequence[Pool], classes: dict[str, Offer]) -> Iterator[str]:
    slugs: set[str] = set()
    pool_of: dict[str, str] = {}
    for number, pool in enumerate(pools):
        if pool.slug in slugs:
            yield f"there are two pools {pool.slug}; give one another slug."
        slugs.add(pool.slug)
        for slug in pool.classes:
            field = f"{number}.classes"
            if slug not in classes:
                yield f"{field}: there is no class {slug}; there are: {', '.join(classes) or 'none'}."
            elif slug in pool_of:
                yield f"{field}: the class {slug} is in the pool {pool_of[slug]} already; leave it in one."
            else:
                pool_of[slug] = pool.slug
                yield from _too_small(number, pool, classes[slug])
                if classes[slug].default and pool.audience.groups:
                    yield (
                        f"{number}.audience.groups: new sessions are of the class {slug}, whoever makes "
                        "them; make another class the default, or leave the groups out."
                    )


def _too_small(number: int, pool: Pool, offer: Offer) -> Iterator[str]:
    """A class that is larger than a limit could never be started."""
    needs = Amounts.of(offer)
    for field in ("quota", "per_person", "per_project"):
        limit = getattr(pool, field)
        for kind in KINDS:
            most, needed = getattr(limit, kind), getattr(needs, kind)
            if most is not None and needed > most:
                yield (
                    f"{number}.{to_camel(field)}.{to_camel(kind)}: a session of the class {offer.slug} takes "
                    f"{said(kind, needed)}, which is more than {most:g}; nobody could start one. Make the "
                    "limit larger, or take the class out of the pool."
                )
