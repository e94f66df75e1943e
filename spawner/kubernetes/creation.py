"""Makes what one launch needs in the cluster, and takes it away again."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator

from kubernetes_asyncio import client
from kubernetes_asyncio.client import ApiException
from kubespawner.objects import make_owner_reference

from spawner.failures import LaunchFailedError
from spawner.kubernetes.requests import Cluster, ClusterAwayError, refusal
from spawner.kubernetes.view import PodView, come
from spawner.kubernetes.why.catalogue import reason
from spawner.pod import labels

LAUNCH = f"{labels.PREFIX}launch"
"""Annotation by which a launch knows the pod it made, when the answer to its request was lost."""

_LATE_SECONDS = 30.0
"""How much longer than its grace period a pod may take to end before it is taken away without its node."""
_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 5.0

# A task that nobody holds may be collected before it has run to its end (asyncio.create_task).
_deletions: set[asyncio.Task[None]] = set()


async def make_pod(
    cluster: Cluster, pod: client.V1Pod, view_of: Callable[[str], PodView], *, grace: float
) -> str:
    """Creates the pod and returns its uid; one of its name that an earlier launch left is ended first.

    Raises:
        LaunchFailedError: the cluster does not take it.
    """
    name, metadata = pod.metadata.name, pod.metadata
    launch = uuid.uuid4().hex
    metadata.annotations = {**(metadata.annotations or {}), LAUNCH: launch}
    while True:
        made = await cluster.create_pod(pod) or await cluster.read_pod(name)
        if made is None:
            continue
        if (made.metadata.annotations or {}).get(LAUNCH) == launch:
            return str(made.metadata.uid)
        _check_owner(made, pod)
        await end_pod(cluster, view_of(made.metadata.uid), grace=grace)


async def make_secret(cluster: Cluster, secret: client.V1Secret, *, pod: str, uid: str) -> None:
    """Creates the pod's Secret, which goes with the pod.

    Raises:
        LaunchFailedError: the cluster does not take it.
    """
    secret.metadata.owner_references = [make_owner_reference(pod, uid)]
    await cluster.put_secret(secret)


@contextlib.contextmanager
def as_failures() -> Iterator[None]:
    """Turns an API that is away, or says no, into a failed launch."""
    try:
        yield
    except (ClusterAwayError, ApiException) as problem:
        raise LaunchFailedError(refusal(problem)) from problem


async def end_pod(cluster: Cluster, view: PodView, *, grace: float, waits: bool = True) -> None:
    """Ends a pod and, if `waits`, returns when it is gone; one that somebody deletes already is left to them.

    Raises:
        ClusterAwayError: the API stayed away.
        ApiException: it said no.
    """
    if view.is_gone:
        return
    if not view.is_leaving:
        await cluster.delete_pod(view.name, uid=view.uid, grace=grace)
    if not waits or await _is_gone(cluster, view, grace + _LATE_SECONDS):
        return
    await cluster.delete_pod(view.name, uid=view.uid, grace=0)
    await _is_gone(cluster, view, _LATE_SECONDS)


async def _is_gone(cluster: Cluster, view: PodView, seconds: float) -> bool:
    """Waits for the news, and asks now and then whether it was missed."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    news = asyncio.Event()
    with view.news(news):
        while not view.is_gone:
            if loop.time() > deadline:
                return False
            news.clear()
            if await come(news, _LOOK_SECONDS):
                continue
            found = await cluster.read_pod(view.name)
            if found is None or found.metadata.uid != view.uid:
                return True
    return True


def end_later(cluster: Cluster, name: str, uid: str | None, *, grace: float, log: logging.Logger) -> None:
    """Goes on asking for the end of a pod in the background, as long as the API is away."""

    async def end() -> None:
        while True:
            try:
                await cluster.delete_pod(name, uid=uid, grace=grace)
            except (ClusterAwayError, ApiException) as problem:
                log.warning("Pod %s is still to be deleted: %s", name, problem)
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    task = asyncio.create_task(end(), name=f"deletion of pod {name}")
    _deletions.add(task)
    task.add_done_callback(_deletions.discard)


def _check_owner(found: client.V1Pod, wanted: client.V1Pod) -> None:
    """A pod of another installation's is never touched."""
    theirs = (found.metadata.labels or {}).get(labels.INSTALLATION)
    ours = (wanted.metadata.labels or {}).get(labels.INSTALLATION)
    if theirs is not None and theirs != ours:
        sentence = f"Pod {found.metadata.name} belongs to another installation of Sojourn, {theirs}."
        hint = "Installations that share a namespace need names of their own for pods (`pod_name_template`)."
        raise LaunchFailedError(reason("pod_invalid", sentence, hint=hint))
