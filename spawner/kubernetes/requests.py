"""Asks the Kubernetes API for one thing at a time, each of which may be asked twice."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
from kubernetes_asyncio import client
from kubernetes_asyncio.client import ApiException

from spawner.failures import LaunchFailedError
from spawner.kubernetes import why
from spawner.kubernetes.outages import outages
from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.quantities import number
from spawner.reasons import Reason

UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError)
"""What is raised when the API does not answer at all."""

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 3.0
_LONGEST_WAIT = 30.0
"""Seconds of `Retry-After` that are believed."""
_GONE_PAUSE = 0.3
_LEAVING_SECONDS = 60.0
_PASSING = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)

_Answer = TypeVar("_Answer")


class ClusterAwayError(Exception):
    """The Kubernetes API did not answer, or had no time, for as long as was waited."""


def retry_after(problem: BaseException) -> float | None:
    """Seconds that the API asks to be left alone (RFC 9110: `Retry-After`), if it does."""
    headers = getattr(problem, "headers", None) or {}
    said = str(headers.get("Retry-After") or "")
    return min(float(said), _LONGEST_WAIT) if said.isdecimal() else None


def refusal(problem: BaseException, *, kind: str = "pod") -> Reason:
    """The reason for a request that the API did not answer, or said no to."""
    if not isinstance(problem, ApiException):
        return why.refused(0, f"{type(problem).__name__}: {problem}", kind=kind)
    body = problem.body or problem.reason or ""
    return why.refused(
        problem.status or 0, body.decode() if isinstance(body, bytes) else str(body), kind=kind
    )


class Cluster:
    """One namespace of the cluster.

    Args:
        request_seconds: how long one request may take.
        retry_seconds: how long a request is repeated while the API is away.
    """

    def __init__(
        self,
        api: client.CoreV1Api,
        namespace: str,
        *,
        request_seconds: float,
        retry_seconds: float,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._namespace = namespace
        self._request_seconds = request_seconds
        self._retry_seconds = retry_seconds
        self._log = log

    async def create_pod(self, pod: client.V1Pod) -> client.V1Pod | None:
        """Creates a pod; None: there is one of that name, maybe made by this very request.

        Raises:
            LaunchFailedError: the cluster does not take it.
        """
        return await self._create("pod", lambda: self._api.create_namespaced_pod(self._namespace, pod))

    async def read_pod(self, name: str) -> client.V1Pod | None:
        """The pod of that name, if there is one.

        Raises:
            ClusterAwayError: the API stayed away.
            ApiException: it said no.
        """
        return await self._find(lambda: self._api.read_namespaced_pod(name, self._namespace))

    async def delete_pod(self, name: str, *, uid: str | None, grace: float) -> None:
        """Asks for the end of a pod; of that `uid` only, if given. It may be gone already.

        Raises:
            ClusterAwayError: the API stayed away.
            ApiException: it said no.
        """
        options = client.V1DeleteOptions(
            grace_period_seconds=round(grace), preconditions=client.V1Preconditions(uid=uid) if uid else None
        )
        await self._delete(lambda: self._api.delete_namespaced_pod(name, self._namespace, body=options))

    async def put_secret(self, secret: client.V1Secret) -> None:
        """Creates a Secret that a pod owns.

        Raises:
            LaunchFailedError: the cluster does not take it.
        """
        name = secret.metadata.name
        await self._put(
            "secret",
            secret.metadata,
            create=lambda: self._api.create_namespaced_secret(self._namespace, secret),
            read=lambda: self._api.read_namespaced_secret(name, self._namespace),
            delete=lambda: self._api.delete_namespaced_secret(name, self._namespace),
        )

    async def put_service(self, service: client.V1Service) -> None:
        """Creates a Service that a pod owns.

        Raises:
            LaunchFailedError: the cluster does not take it.
        """
        name = service.metadata.name
        await self._put(
            "service",
            service.metadata,
            create=lambda: self._api.create_namespaced_service(self._namespace, service),
            read=lambda: self._api.read_namespaced_service(name, self._namespace),
            delete=lambda: self._api.delete_namespaced_service(name, self._namespace),
        )

    async def _put(
        self,
        kind: str,
        metadata: client.V1ObjectMeta,
        *,
        create: Callable[[], Awaitable[Any]],
        read: Callable[[], Awaitable[Any]],
        delete: Callable[[], Awaitable[Any]],
    ) -> None:
        """Creates what a pod owns; one of that name that another pod owns is on its way out, and replaced."""
        owner = metadata.owner_references[0].uid
        while await self._create(kind, create) is None:
            found = await self._find(read)
            if found is None:
                continue
            if any(each.uid == owner for each in found.metadata.owner_references or ()):
                return
            await self._delete(delete)

    async def ensure_claim(self, claim: client.V1PersistentVolumeClaim) -> str:
        """Makes a claim, or finds it and lets it grow; returns what a person should know of it, or nothing.

        Raises:
            LaunchFailedError: the cluster does not take it.
        """
        name = claim.metadata.name

        def create() -> Awaitable[client.V1PersistentVolumeClaim]:
            return self._api.create_namespaced_persistent_volume_claim(self._namespace, claim)

        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LEAVING_SECONDS
        while True:
            failure = None
            try:
                made = await self._create("claim", create)
            except LaunchFailedError as error:
                # A quota is looked at before whether the claim is there already.
                made, failure = None, error
            if made is not None:
                return ""
            found = await self._find(
                lambda: self._api.read_namespaced_persistent_volume_claim(name, self._namespace)
            )
            if found is not None and not _is_leaving(found.metadata):
                if (source := _source(claim)) and source != _source(found):
                    sentence = "An earlier /work of this session is still there."
                    hint = "Delete that first, then start from what is kept again."
                    raise LaunchFailedError(reason("work_is_there", sentence, hint=hint))
                return await self._grow(found, claim)
            if failure is not None:
                raise failure
            if loop.time() > deadline:
                sentence = f"Claim {name} of an earlier run is still being deleted."
                hint = "A pod that uses it is not gone yet; its node may not answer."
                raise LaunchFailedError(reason("volume_not_bound", sentence, hint=hint))
            # The claim of an earlier run, which is kept until its pod is gone.
            await asyncio.sleep(_GONE_PAUSE)

    async def _grow(
        self, found: client.V1PersistentVolumeClaim, wanted: client.V1PersistentVolumeClaim
    ) -> str:
        size, now = _size(wanted), _size(found)
        if number(size) <= number(now):
            return ""
        body = {"spec": {"resources": {"requests": {"storage": size}}}}
        try:
            await self._asked(
                lambda: self._api.patch_namespaced_persistent_volume_claim(
                    found.metadata.name, self._namespace, body
                )
            )
        except ApiException as problem:
            said = str(_status(problem).get("message") or problem.reason)
            self._log.warning("Claim %s stays at %s: %s", found.metadata.name, now, said)
            return f"it keeps its {_gib(number(now))}: its volume cannot grow"
        return f"grown from {_gib(number(now))} to {_gib(number(size))}"

    async def delete_claim(self, name: str) -> None:
        """Deletes a claim and, with its storage class, the volume; it may be gone already.

        Raises:
            ClusterAwayError: the API stayed away.
            ApiException: it said no.
        """
        await self._delete(lambda: self._api.delete_namespaced_persistent_volume_claim(name, self._namespace))

    async def _create(self, kind: str, ask: Callable[[], Awaitable[_Answer]]) -> _Answer | None:
        try:
            return await self._asked(ask)
        except ClusterAwayError as away:
            raise LaunchFailedError(refusal(away, kind=kind)) from away
        except ApiException as problem:
            if problem.status == HTTPStatus.CONFLICT and _status(problem).get("reason") == "AlreadyExists":
                return None
            raise LaunchFailedError(refusal(problem, kind=kind)) from problem

    async def _find(self, ask: Callable[[], Awaitable[_Answer]]) -> _Answer | None:
        try:
            return await self._asked(ask)
        except ApiException as problem:
            if problem.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def _delete(self, ask: Callable[[], Awaitable[Any]]) -> None:
        try:
            await self._asked(ask)
        except ApiException as problem:
            # 409: the precondition does not hold, so what is there now is something else.
            if problem.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                raise

    async def _asked(self, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """The answer, asked for again and again while the API is away.

        Raises:
            ClusterAwayError: it stayed away.
            ApiException: it said no, or had trouble of its own to the end.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._retry_seconds
        pause = _FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout(self._request_seconds):
                    return await ask()
            except ApiException as answer:
                problem: Exception = answer
                if not _may_pass(answer):
                    raise
            except UNREACHABLE as unreachable:
                problem = unreachable
                outages.note()
            wait = retry_after(problem) or pause
            if loop.time() + wait > deadline:
                if isinstance(problem, ApiException):
                    raise problem
                raise ClusterAwayError(f"{type(problem).__name__}: {problem}") from problem
            self._log.info("Asking the Kubernetes API again in %.1f s: %s", wait, problem)
            await asyncio.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _may_pass(answer: ApiException) -> bool:
    return answer.status in _PASSING or (answer.status == HTTPStatus.FORBIDDEN and outages.is_fresh)


def _status(problem: ApiException) -> dict[str, Any]:
    try:
        content = json.loads(problem.body or "")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _is_leaving(metadata: client.V1ObjectMeta) -> bool:
    asked: datetime | None = metadata.deletion_timestamp
    return asked is not None


def _size(claim: client.V1PersistentVolumeClaim) -> str:
    return str(claim.spec.resources.requests["storage"])


def _source(claim: client.V1PersistentVolumeClaim) -> str | None:
    source = claim.spec.data_source
    return None if source is None else str(source.name)


def _gib(count: Decimal) -> str:
    return f"{count / 2**30:.1f} GiB".replace(".0 GiB", " GiB")
