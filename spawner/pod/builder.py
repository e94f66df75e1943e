"""From a launch spec to the objects that the cluster is asked for; nothing here asks it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from kubernetes_asyncio.client.models import (
    V1Container,
    V1EmptyDirVolumeSource,
    V1LocalObjectReference,
    V1ObjectMeta,
    V1PersistentVolumeClaim,
    V1PersistentVolumeClaimVolumeSource,
    V1Pod,
    V1Secret,
    V1Volume,
    V1VolumeMount,
)

from spawner.failures import LaunchFailedError
from spawner.pod import claims, containers, names, placement, pulling, secret, security, storages
from spawner.pod.frame import Frame
from spawner.pod.marks import Marks
from spawner.pod.settings import PodSettings
from spawner.pod.storages import Mounted
from spawner.pod.variables import Environment, environment
from spawner.reasons import RETRY, Reason, Remedy
from spawner.spec import EnvironmentSpec, LaunchSpec, RunSecrets


@dataclass(frozen=True)
class Objects:
    """What a launch asks the cluster for.

    Attributes:
        pod: refers to the claims and to the Secret by name.
        secret: to be made right after the pod, as something the pod owns; the pod waits for it.
        pull_secret: likewise, and before `secret`: the pod does not wait for it. None: the image needs none.
        work: the claim of /work; one that is there already is kept, and grows when this one is larger.
        claims: of storages; those that are there already are kept as they are.
        notes: what the session does not get as it was configured, in sentences.
    """

    pod: V1Pod
    secret: V1Secret = field(repr=False)
    pull_secret: V1Secret | None = field(repr=False)
    work: V1PersistentVolumeClaim
    claims: tuple[V1PersistentVolumeClaim, ...]
    notes: tuple[str, ...]


def build(spec: LaunchSpec, secrets: RunSecrets, frame: Frame, settings: PodSettings) -> Objects:
    """The objects of a launch: the spec laid over the frame, which stays as it is.

    Raises:
        LaunchFailedError: no cluster can run this (`environment_without_image`, `environment_runs_as_root`,
            `storage_unsupported`, `secret_too_large`).
    """
    _check(spec.environment)
    marks = Marks(spec, settings.installation)
    pod = copy.deepcopy(frame.pod)
    name, namespace = pod.metadata.name, pod.metadata.namespace
    secret_name = names.secret(name, spec.run, spec.attempt)
    session = _session(pod)
    variables = environment(spec, secrets, session.env or (), secret_name)
    stored = storages.mounted(spec, settings, secret_name)

    pod.metadata.labels = {**(pod.metadata.labels or {}), **marks.of_run()}
    pod.metadata.annotations = {**(pod.metadata.annotations or {}), **marks.names()}
    _lay_pod(pod.spec, spec)
    pulls = _pull_secret(pod, spec, secrets, marks)
    containers.lay_session(
        session, spec, variables.session, _session_mounts(spec.environment, stored), frame.arguments
    )
    if spec.environment.gate is not None:
        gate = containers.gate(spec.environment, variables.gate, settings)
        pod.spec.containers.insert(pod.spec.containers.index(session) + 1, gate)
    if spec.repositories:
        clone = containers.clone(spec.environment, variables.clone, settings, session.resources)
        pod.spec.init_containers = [*(pod.spec.init_containers or ()), clone]
    pod.spec.volumes = [
        *(pod.spec.volumes or ()),
        *_volumes(spec, secrets, frame.claim.metadata.name, secret_name),
        *stored.volumes,
    ]
    return Objects(
        pod=pod,
        secret=secret.secret(
            V1ObjectMeta(name=secret_name, namespace=namespace, labels=marks.of_run()),
            spec,
            secrets,
            variables.secret,
        ),
        pull_secret=pulls,
        work=claims.work(frame.claim, spec, settings, marks),
        claims=claims.of_storages(spec.storages, marks, namespace),
        notes=_notes(spec, secrets, variables),
    )


def _lay_pod(pod: Any, spec: LaunchSpec) -> None:
    """What holds for all containers; `pod` is a `V1PodSpec` with fields as KubeSpawner fills them."""
    pod.security_context = security.of_pod(pod.security_context, spec.environment)
    # A session that ends has ended; starting it again is the person's decision.
    pod.restart_policy = "Never"
    pod.enable_service_links = False
    if pod.service_account_name is None:
        pod.automount_service_account_token = False
    placement.lay(pod, spec.resources)


def _pull_secret(pod: V1Pod, spec: LaunchSpec, secrets: RunSecrets, marks: Marks) -> V1Secret | None:
    """The Secret that the image is pulled with, named in the pod; None: the run has no login for it."""
    if secrets.registry is None:
        return None
    name = names.pull_secret(pod.metadata.name, spec.run, spec.attempt)
    # Of two logins for the same registry the kubelet tries the first one first: the person's own.
    pod.spec.image_pull_secrets = [V1LocalObjectReference(name=name), *(pod.spec.image_pull_secrets or ())]
    metadata = V1ObjectMeta(name=name, namespace=pod.metadata.namespace, labels=marks.of_run())
    return pulling.secret(metadata, secrets.registry)


def _session_mounts(version: EnvironmentSpec, stored: Mounted) -> list[V1VolumeMount]:
    mounts = [
        V1VolumeMount(name=names.WORK, mount_path=names.WORK_FOLDER),
        *stored.mounts,
        secret.session_mount(),
    ]
    if version.read_only_root:
        mounts.append(V1VolumeMount(name=names.TMP, mount_path=names.TMP_FOLDER))
    return mounts


def _volumes(spec: LaunchSpec, secrets: RunSecrets, claim: str, secret_name: str) -> list[V1Volume]:
    """The volumes of every session; a container that needs them mounts them."""
    work = V1PersistentVolumeClaimVolumeSource(claim_name=claim)
    volumes = [
        V1Volume(name=names.WORK, persistent_volume_claim=work),
        secret.session_volume(secret_name, spec, secrets),
    ]
    if spec.repositories:
        volumes += [
            secret.clone_volume(secret_name),
            V1Volume(name=names.CLONE_TMP, empty_dir=V1EmptyDirVolumeSource()),
        ]
    if spec.environment.read_only_root:
        volumes.append(V1Volume(name=names.TMP, empty_dir=V1EmptyDirVolumeSource()))
    return volumes


def _notes(spec: LaunchSpec, secrets: RunSecrets, variables: Environment) -> tuple[str, ...]:
    notes = []
    if variables.left_out:
        taken = ", ".join(variables.left_out)
        notes.append(f"Variables that Sojourn sets itself are left out: {taken}.")
    if spec.registry is not None and secrets.registry is None:
        notes.append(f"The registry login for {spec.registry} is gone; the image is pulled without one.")
    if gone := [one.name for one in spec.secrets if one.name not in secrets.values]:
        notes.append(f"Secrets that the project no longer has are left out: {', '.join(gone)}.")
    return tuple(notes)


def _session(pod: V1Pod) -> V1Container:
    return next(container for container in pod.spec.containers if container.name == names.SESSION)


def _check(version: EnvironmentSpec) -> None:
    """Refuses what could only fail later, and less clearly."""
    which = f"{version.name} version {version.version}"
    if version.image is None:
        raise LaunchFailedError(
            _refusal("environment_without_image", f"{which} has no image, and a cluster runs images only.")
        )
    if version.uid == 0:
        raise LaunchFailedError(
            _refusal("environment_runs_as_root", f"{which} runs as root, which no session may.")
        )


def _refusal(code: str, sentence: str) -> Reason:
    other = Remedy(action="choose_environment", label="Choose another environment")
    return Reason(code=code, sentence=sentence, remedies=(other, RETRY))
