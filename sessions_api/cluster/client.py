"""The Kubernetes API, as far as the service uses it: pods and claims of its own installation, by label.

The official client is synchronous and takes long to import: it is used in threads, and imported only where
there is a cluster. The service has no right to read Secrets; it never asks for one.
"""

# mypy: untyped-calls-exclude=kubernetes
from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from spawner.pod import labels
from spawner.pod.names import SESSION

if TYPE_CHECKING:
    from kubernetes.client import CoreV1Api

PAGE = 500
SECONDS = 20
"""How long one request may take."""

_NO = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)

_Answer = TypeVar("_Answer")


class ClusterAwayError(Exception):
    """The Kubernetes API did not answer, or refused."""


class ClusterRefusedError(ClusterAwayError):
    """The Kubernetes API said no; its words are the error's."""


@dataclass(frozen=True)
class Found:
    """A pod or claim.

    Attributes:
        labels: all of its labels; their names are in `spawner.pod.labels`.
        node: where a pod is; None: nowhere yet.
    """

    name: str
    uid: str
    created: datetime
    labels: dict[str, str]
    node: str | None = None


@dataclass(frozen=True)
class Metered:
    """What the program of a session's pod uses.

    Attributes:
        pod: its pod's name, and `labels` what that says.
        cpus: CPUs that are busy.
    """

    pod: str
    labels: dict[str, str]
    cpus: float
    memory_bytes: int


@dataclass(frozen=True)
class Program:
    """The container of a session's program, and how large it is.

    Attributes:
        pod: its pod's name, and `version` which state of the pod this is.
        limits, requests: what it is to have, as quantities.
        actual: limits that are in force; None: the kubelet does not say.
        pending: why a change waits, as Kubernetes has it (`Infeasible`, `Deferred`, `Error`), and `said` what
            it says about that; empty: it does not.
        is_heard: whether the kubelet has seen what is wanted.
    """

    pod: str
    version: str
    limits: dict[str, str]
    requests: dict[str, str]
    actual: dict[str, str] | None
    pending: str
    said: str
    is_heard: bool


class Cluster:
    """One namespace of one cluster, and in it what one installation made.

    Attributes:
        selector: what its objects are found by.
        resizes: whether it changes CPU and memory of what runs; learned by `learn`.
        snapshots: whether it makes snapshots of volumes, likewise.
    """

    def __init__(self, namespace: str, installation: str) -> None:
        self._namespace = namespace
        self.selector = f"{labels.INSTALLATION}={installation}"
        self._core: CoreV1Api | None = None
        self.resizes = self.snapshots = False

    async def learn(self) -> None:
        """Learns what this cluster can do: Kubernetes 1.33 and later have `pods/resize`.

        Raises:
            ClusterAwayError: it is not known, and taken as before.
        """
        found = await asyncio.to_thread(
            _translated, lambda: self._connected().get_api_resources(_request_timeout=SECONDS)
        )
        self.resizes = found is not None and any(each.name == "pods/resize" for each in found.resources)
        group = await asyncio.to_thread(
            _translated,
            lambda: self._custom().get_api_resources(
                "snapshot.storage.k8s.io", "v1", _request_timeout=SECONDS
            ),
        )
        self.snapshots = group is not None

    async def pods(self) -> list[Found]:
        """The pods of all sessions.

        Raises:
            ClusterAwayError: they are not known.
        """
        return await self._listed(lambda core: core.list_namespaced_pod, labels.RUN)

    async def work_claims(self) -> list[Found]:
        """The claims that are somebody's /work.

        Raises:
            ClusterAwayError: they are not known.
        """
        return await self._listed(lambda core: core.list_namespaced_persistent_volume_claim, labels.WORK)

    async def metered(self) -> list[Metered] | None:
        """What the programs of all sessions use; None: the cluster has no metrics API.

        https://github.com/kubernetes/metrics, served by metrics-server, which hands the pods' labels on.

        Raises:
            ClusterAwayError: it is not known.
        """
        selector = f"{self.selector},{labels.RUN}"
        answer = await self.custom(
            "list_namespaced_custom_object", "metrics.k8s.io", "v1beta1", "pods", label_selector=selector
        )
        if answer is None:
            return None
        return [one for item in answer.get("items", ()) if (one := _metered(item)) is not None]

    def _custom(self) -> Any:
        from kubernetes.client import CustomObjectsApi  # noqa: PLC0415 - see `_connected`

        return CustomObjectsApi(self._connected().api_client)

    async def custom(self, method: str, group: str, version: str, plural: str, **arguments: Any) -> Any:
        """Calls a method of the client for objects of kinds that it does not know; None: there is none.

        Raises:
            ClusterRefusedError: the cluster says no.
            ClusterAwayError: it is not known.
        """
        return await self._call(
            lambda _core: partial(getattr(self._custom(), method), group, version, plural=plural), **arguments
        )

    async def claim(self, name: str) -> Found | None:
        """The claim of that name, whoever made it; None when there is none.

        Raises:
            ClusterAwayError: it is not known.
        """
        read = await self._call(lambda core: core.read_namespaced_persistent_volume_claim, name=name)
        return None if read is None else _found(read)

    async def program(self, run: str, attempt: int) -> Program | None:
        """The container of the program of an attempt of a run, once it runs.

        Raises:
            ClusterAwayError: it is not known.
        """
        selector = f"{self.selector},{labels.RUN}={run},{labels.ATTEMPT}={attempt}"
        found = await self._call(lambda core: core.list_namespaced_pod, label_selector=selector)
        return next((made for pod in found.items if (made := _program(pod)) is not None), None)

    async def resize(self, program: Program, *, limits: dict[str, str], requests: dict[str, str]) -> bool:
        """Asks for another size of a program that runs; False: its pod changed meanwhile, or is gone.

        https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/

        Raises:
            ClusterRefusedError: the cluster does not take it.
            ClusterAwayError: it is not known whether it was taken.
        """
        resources = {"limits": limits, "requests": requests}
        answer = await self._call(
            lambda core: core.patch_namespaced_pod_resize,
            name=program.pod,
            body={
                "metadata": {"resourceVersion": program.version},
                "spec": {"containers": [{"name": SESSION, "resources": resources}]},
            },
            _content_type="application/strategic-merge-patch+json",
        )
        return answer is not None

    async def delete_pod(self, pod: Found) -> None:
        """Deletes exactly this pod; harmless when it is gone.

        Raises:
            ClusterAwayError: it is not known whether it will go.
        """
        await self._delete(lambda core: core.delete_namespaced_pod, pod)

    async def delete_claim(self, claim: Found) -> None:
        """Deletes exactly this claim, and with it what is in the volume; harmless when it is gone.

        Raises:
            ClusterAwayError: it is not known whether it will go.
        """
        await self._delete(lambda core: core.delete_namespaced_persistent_volume_claim, claim)

    async def _listed(self, method: Callable[[CoreV1Api], Callable[..., Any]], label: str) -> list[Found]:
        found: list[Found] = []
        following: str | None = None
        while True:
            page = await self._call(
                method,
                label_selector=f"{self.selector},{label}",
                limit=PAGE,
                **({"_continue": following} if following else {}),
            )
            found.extend(_found(item) for item in page.items)
            following = getattr(page.metadata, "_continue", None)
            if not following:
                return found

    async def _delete(self, method: Callable[[CoreV1Api], Callable[..., Any]], one: Found) -> None:
        # The uid: another object of the same name, made this moment, is not meant.
        await self._call(method, name=one.name, body={"preconditions": {"uid": one.uid}})

    async def _call(self, method: Callable[[CoreV1Api], Callable[..., Any]], **arguments: Any) -> Any:
        def call() -> Any:
            core = self._connected()
            return method(core)(namespace=self._namespace, _request_timeout=SECONDS, **arguments)

        return await asyncio.to_thread(_translated, call)

    def _connected(self) -> CoreV1Api:
        if self._core is None:
            from kubernetes import client, config  # noqa: PLC0415 - takes a second; a laptop has no cluster

            config.load_config()
            self._core = client.CoreV1Api()
        return self._core


def _found(item: Any) -> Found:
    return Found(
        name=item.metadata.name,
        uid=item.metadata.uid,
        created=item.metadata.creation_timestamp,
        labels=dict(item.metadata.labels or {}),
        node=getattr(item.spec, "node_name", None),
    )


def _program(pod: Any) -> Program | None:
    containers = {each.name: each for each in pod.spec.containers}
    running = {each.name: each for each in pod.status.container_statuses or ()}
    if SESSION not in containers or SESSION not in running or pod.metadata.deletion_timestamp is not None:
        return None
    asked, has = containers[SESSION].resources, running[SESSION].resources
    waits = next(
        (
            each
            for each in pod.status.conditions or ()
            if each.status == "True"
            and (each.type == "PodResizePending" or (each.type == "PodResizeInProgress" and each.reason))
        ),
        None,
    )
    return Program(
        pod=pod.metadata.name,
        version=pod.metadata.resource_version,
        limits=dict((asked and asked.limits) or {}),
        requests=dict((asked and asked.requests) or {}),
        actual=None if has is None else dict(has.limits or {}),
        pending=waits.reason or "" if waits else "",
        said=waits.message or "" if waits else "",
        is_heard=(pod.status.observed_generation or 0) >= (pod.metadata.generation or 0),
    )


def _metered(item: dict[str, Any]) -> Metered | None:
    from kubernetes.utils.quantity import parse_quantity  # noqa: PLC0415 - see `_connected`

    for container in item.get("containers", ()):
        if container["name"] == SESSION:
            used = container["usage"]
            return Metered(
                pod=item["metadata"]["name"],
                labels=dict(item["metadata"].get("labels") or {}),
                cpus=float(parse_quantity(used["cpu"])),
                memory_bytes=int(parse_quantity(used["memory"])),
            )
    return None


def _translated(call: Callable[[], _Answer]) -> _Answer | None:
    from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - see `_connected`
    from kubernetes.config import ConfigException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - what the client raises when nobody answers

    try:
        return call()
    except ApiException as error:
        if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            return None
        if error.status in _NO:
            raise ClusterRefusedError(_said(error)) from error
        raise ClusterAwayError(f"Kubernetes answered {error.status} {error.reason}") from error
    except (ConfigException, HTTPError, OSError) as error:
        raise ClusterAwayError(f"Kubernetes does not answer: {error}") from error


def _said(error: Any) -> str:
    """What the API says about its no, in its own words."""
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, ValueError, KeyError):
        return f"Kubernetes answered {error.status} {error.reason}"
