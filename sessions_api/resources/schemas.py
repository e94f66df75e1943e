"""Resource classes as JSON."""

from typing import Any, Self

from sessions_api.kit.schemas import Description, Name, Schema
from sessions_api.resources.tables import ResourceClass


class ResourceClassRead(Schema):
    """An offer of CPU, memory, GPUs and disk.

    Attributes:
        cpus: CPUs, may be a fraction.
        memory_gib: memory in GiB.
        disk_gib: size of /work in GiB; null is the installation's own.
        gpus: how many of `gpu_resource`.
        default: whether new sessions are of this class.
    """

    id: str
    slug: str
    name: Name
    description: Description
    cpus: float
    memory_gib: float
    disk_gib: float | None
    gpus: int
    gpu_resource: str | None
    default: bool

    @classmethod
    def made(cls, found: ResourceClass) -> Self:
        """The class without what only administrators deal with."""
        values: dict[str, Any] = {
            name: getattr(found, name) for name in cls.model_fields.keys() - {"default"}
        }
        return cls(**values, default=found.is_default)
