"""The containers of a pod: the session's program, its gate, and the cloning before both."""

from __future__ import annotations

from typing import Any

from kubernetes_asyncio.client.models import (
    V1Container,
    V1ContainerPort,
    V1EnvVar,
    V1ResourceRequirements,
    V1SecurityContext,
    V1VolumeMount,
)

from spawner.pod import names, resources, secret, security
from spawner.pod.frame import as_model
from spawner.pod.settings import PodSettings
from spawner.pod.variables import gate_port
from spawner.spec import EnvironmentSpec, LaunchSpec

PORT_NAME = "notebook-port"
"""The port at which the hub reaches the session. KubeSpawner finds it by this name."""
_BEHIND_GATE = "program"

_PULL = "IfNotPresent"
_LAST_LINES = "FallbackToLogsOnError"
"""Without a message of its own, a program's last lines are what it ended with."""


def lay_session(
    container: Any,
    spec: LaunchSpec,
    environment: list[V1EnvVar],
    mounts: list[V1VolumeMount],
    arguments: tuple[str, ...],
) -> None:
    """Makes the frame's container (a `V1Container`, filled as KubeSpawner does) the session's program."""
    version = spec.environment
    container.image = version.image
    container.image_pull_policy = container.image_pull_policy or _PULL
    container.command = list(version.command) or None
    added = () if version.gate else arguments
    container.args = [*version.arguments, *added] or None
    container.working_dir = version.working_folder
    container.env = environment
    container.resources = resources.of_session(
        container.resources, spec.resources, behind_gate=version.gate is not None
    )
    container.security_context = security.of_session(container.security_context, version)
    container.termination_message_policy = _LAST_LINES
    port_name = PORT_NAME if version.gate is None else _BEHIND_GATE
    container.ports = _ports(container.ports, V1ContainerPort(name=port_name, container_port=version.port))
    container.volume_mounts = _over(container.volume_mounts, mounts)


def gate(environment: EnvironmentSpec, variables: list[V1EnvVar], settings: PodSettings) -> V1Container:
    """The gate, as a container beside the program's.

    Not as a sidecar among the init containers, though those are started again when they end: the kubelet goes
    on from one of these to the next when it looks at the pod again, which takes it up to a second.
    """
    container = _ours(names.GATE, "spawner.gate", environment, settings)
    container.env = variables
    container.ports = [V1ContainerPort(name=PORT_NAME, container_port=gate_port(environment))]
    container.resources = resources.of_gate()
    return container


def clone(
    environment: EnvironmentSpec,
    variables: list[V1EnvVar],
    settings: PodSettings,
    session: V1ResourceRequirements,
) -> V1Container:
    """What clones the repositories before the session starts."""
    container = _ours(names.CLONE, "spawner.cloning", environment, settings)
    container.args = [names.CLONE_SPEC]
    container.env = variables
    container.resources = resources.of_clone(session, settings.clone_memory_gib)
    container.volume_mounts = [
        V1VolumeMount(name=names.WORK, mount_path=names.WORK_FOLDER),
        secret.clone_mount(),
        V1VolumeMount(name=names.CLONE_TMP, mount_path=names.TMP_FOLDER),
    ]
    return container


def _ours(name: str, module: str, environment: EnvironmentSpec, settings: PodSettings) -> V1Container:
    return V1Container(
        name=name,
        image=settings.sojourn_image,
        image_pull_policy=_PULL,
        command=["python", "-m", module],
        security_context=as_model(V1SecurityContext, security.of_ours(environment)),
        termination_message_policy=_LAST_LINES,
    )


def _ports(frame: list[Any] | None, ours: V1ContainerPort) -> list[V1ContainerPort]:
    """Our port and the frame's others; KubeSpawner's is one for all images."""
    others = (as_model(V1ContainerPort, entry) for entry in frame or ())
    taken = {ours.name, PORT_NAME}
    return [
        ours,
        *(one for one in others if one.name not in taken and one.container_port != ours.container_port),
    ]


def _over(frame: list[Any] | None, ours: list[V1VolumeMount]) -> list[V1VolumeMount]:
    """The frame's mounts and ours; of two at the same path, ours."""
    taken = {mount.mount_path for mount in ours}
    others = (as_model(V1VolumeMount, entry) for entry in frame or ())
    return [*(other for other in others if other.mount_path.rstrip("/") not in taken), *ours]
