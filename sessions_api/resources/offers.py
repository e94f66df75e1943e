"""What a resource class is, and the file in which an administrator lists them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import ValidationInfo

from sessions_api.kit.complaints import place, sentence
from sessions_api.kit.schemas import Description, Name
from spawner.spec import Toleration

MOST = 100
"""Classes of one origin, and pools."""
_LONGEST = 20_000
"""Characters of JSON that a class's tolerations or affinity may have."""


class OffersError(ValueError):
    """The file is not usable; the message is one sentence with file, place and remedy."""


def _plain(value: Any) -> Any:
    """Lets through what a database keeps as JSON."""
    given = [each.model_dump() for each in value] if isinstance(value, tuple) else value
    try:
        text = json.dumps(given, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise ValueError("This has a value that JSON cannot say; write texts, numbers and lists") from error
    if "\\u0000" in text:
        raise ValueError("This has a null character; leave it out")
    if len(text) > _LONGEST:
        raise ValueError(f"This has {len(text)} characters as JSON; {_LONGEST} is the most")
    return value


_LABEL = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Cpus = Annotated[float, Field(gt=0, le=1024)]
MemoryGib = Annotated[float, Field(gt=0, le=65536)]
DiskGib = Annotated[float, Field(ge=1, le=65536)]
Gpus = Annotated[int, Field(ge=0, le=64)]
GpuResource = Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[A-Za-z0-9._-]+$", max_length=200)]
NodeSelector = Annotated[
    dict[
        Annotated[str, Field(pattern=rf"^([a-z0-9.-]+/)?{_LABEL}$", max_length=317)],
        Annotated[str, Field(pattern=rf"^({_LABEL})?$", max_length=63)],
    ],
    Field(max_length=50),
]
Tolerations = Annotated[tuple[Toleration, ...], Field(max_length=50), AfterValidator(_plain)]
Affinity = Annotated[dict[str, Any], AfterValidator(_plain)]
PriorityClass = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=253)]


class ClassFields(BaseModel):
    """What a class says, whoever makes it.

    Attributes:
        cpus: CPUs, may be a fraction.
        memory_gib: memory in GiB.
        disk_gib: size of /work in GiB; None is the installation's own.
        gpus: how many of `gpu_resource`, for instance `nvidia.com/gpu`.
        node_selector, tolerations, affinity, priority_class: as in a pod.
        default: whether new sessions are of this class.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Name
    description: Description = ""
    cpus: Cpus
    memory_gib: MemoryGib
    disk_gib: DiskGib | None = None
    gpus: Gpus = 0
    gpu_resource: Annotated[GpuResource | None, Field(validate_default=True)] = None
    node_selector: NodeSelector = {}
    tolerations: Tolerations = ()
    affinity: Affinity | None = None
    priority_class: PriorityClass | None = None
    default: bool = False

    @field_validator("gpu_resource")
    @classmethod
    def _only_with_gpus(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "gpus" in info.data and (info.data["gpus"] > 0) != (value is not None):
            raise ValueError("a number of GPUs and their kind go together: say both, or neither")
        return value


class Offer(ClassFields):
    """One class as the file has it; fields are written in camel case, as in Helm values."""

    model_config = ConfigDict(alias_generator=to_camel)

    slug: Slug


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
