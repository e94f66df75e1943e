"""The file in which an administrator puts resource classes into pools, with what may be taken of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from sessions_api.kit.complaints import place, sentence
from sessions_api.resources import rules
from sessions_api.resources.offers import MOST, Offer, OffersError, Slug


class Limit(rules.Limit):
    """A limit as the file has it."""

    model_config = ConfigDict(alias_generator=to_camel)


class Pool(rules.PoolFields):
    """One pool as the file has it; fields are written in camel case, as in Helm values."""

    model_config = ConfigDict(alias_generator=to_camel)

    slug: Slug
    quota: Limit = Limit()
    per_person: Limit = Limit()
    per_project: Limit = Limit()


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
    slugs = [pool.slug for pool in pools]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise OffersError(f"{path}: there are two pools {slug}; give one another slug.")
    offered = {offer.slug: offer for offer in classes}
    for found in rules.complaints([(pool.slug, pool) for pool in pools], offered):
        field = ".".join(map(to_camel, found.field))
        raise OffersError(f"{path}: {found.pool}.{field}: {found.sentence}")
    return pools
