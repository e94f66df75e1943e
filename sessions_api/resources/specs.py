"""What a session may use, as a launch spec says it."""

from collections.abc import Mapping
from typing import Protocol

from sessions_api.resources.tables import ResourceClass
from spawner.spec import ResourcesSpec, Toleration


class Configured(Protocol):
    """A session, as far as it says what it may use."""

    resource_class_id: str | None
    cpus: float | None
    memory_gib: float | None
    disk_gib: float | None


def spec_of(session: Configured, classes: Mapping[str, ResourceClass]) -> ResourcesSpec:
    """What the session's class says, or its own numbers where it is of none; the disk may be its own."""
    if session.resource_class_id is None:
        return ResourcesSpec(cpus=session.cpus, memory_gib=session.memory_gib, disk_gib=session.disk_gib)
    return spec_of_class(classes[session.resource_class_id], disk_gib=session.disk_gib)


def spec_of_class(one: ResourceClass, *, disk_gib: float | None = None) -> ResourcesSpec:
    """What a class says; `disk_gib` where a session wants another size."""
    return ResourcesSpec(
        cpus=one.cpus,
        memory_gib=one.memory_gib,
        disk_gib=disk_gib or one.disk_gib,
        gpus=one.gpus,
        gpu_resource=one.gpu_resource,
        resource_class=one.slug,
        node_selector=one.node_selector,
        tolerations=tuple(Toleration.model_validate(toleration) for toleration in one.tolerations),
        affinity=one.affinity,
        priority_class=one.priority_class,
    )
