"""The file in which an administrator lists the resource classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from sessions_api.kit.complaints import place, sentence
from spawner.spec import Toleration

MOST = 100


class OffersError(ValueError):
    """The file is not usable; the message is one sentence with file, place and remedy."""


class Offer(BaseModel):
    """One class as the file has it; fields are written in camel case, as in Helm values."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, str_strip_whitespace=True
    )

    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    description: Annotated[str, Field(max_length=2000)] = ""
    cpus: Annotated[float, Field(gt=0, le=1024)]
    memory_gib: Annotated[float, Field(gt=0, le=65536)]
    disk_gib: Annotated[float, Field(ge=1, le=65536)] | None = None
    gpus: Annotated[int, Field(ge=0, le=64)] = 0
    gpu_resource: Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[A-Za-z0-9._-]+$", max_length=200)] | None = (
        None
    )
    node_selector: dict[str, str] = {}
    tolerations: tuple[Toleration, ...] = ()
    affinity: dict[str, Any] | None = None
    priority_class: Annotated[str, Field(max_length=253)] | None = None
    default: bool = False

    @model_validator(mode="after")
    def _gpus_have_a_kind(self) -> Offer:
        if (self.gpus > 0) != (self.gpu_resource is not None):
            raise ValueError("gpus and gpuResource go together: say how many, and of which kind")
        return self


_OFFERS = TypeAdapter(Annotated[tuple[Offer, ...], Field(max_length=MOST)])


def load(path: Path) -> tuple[Offer, ...]:
    """The classes in the order of the file.

    Raises:
        OffersError: it cannot be read, a field is not what it should be, a slug comes twice, or there is more
            than one default.
    """
    try:
        offers = _OFFERS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or [])
    except (OSError, yaml.YAMLError) as error:
        raise OffersError(f"{path}: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise OffersError(f"{path}: {place(first['loc'])}: {sentence(first)}") from error
    slugs = [offer.slug for offer in offers]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise OffersError(f"{path}: there are two classes {slug}; give one another slug.")
    if sum(offer.default for offer in offers) > 1:
        raise OffersError(f"{path}: more than one class is the default; leave one.")
    return offers
