"""What the cluster says about pods, kept up to date by one open request, and told at once to who waits."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import aiohttp
from kubernetes_asyncio.client import ApiException, CoreV1Api
from kubespawner.reflector import ResourceReflector
from kubespawner.spawner import EventReflector, PodReflector
from traitlets import Int

from spawner.kubernetes.clients import lines_of, streams_client
from spawner.kubernetes.outages import outages
from spawner.kubernetes.requests import UNREACHABLE, retry_after

Raw = dict[str, Any]

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 3.0
"""Seconds between two attempts to reach an API that is away: what is true is known again soon after."""

_CONNECT_SECONDS = 5.0
_STEADY_SECONDS = 2.0
"""A watch that lasted longer than this was no failure."""
_FAILURES_BEFORE_LIST = 5
_GONE_KEPT = 200
_NOT_FROM_HERE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.GONE})
"""Statuses that mean: from this resource version there is no watch any more."""


class VersionExpiredError(Exception):
    """The API no longer knows what happened since the resource version that was seen last."""


class SteadyReflector(ResourceReflector):
    """Lists once, then watches; a watch that ends goes on where it was, without listing again.

    KubeSpawner's lists everything anew after ten quiet seconds, and gives up after a while without the API.
    This one asks for bookmarks, so that quiet or foreign news carry it forward too, and never gives up.
    """

    watch_task: asyncio.Task[None] | None
    resources: dict[str, Raw]

    timeout_seconds = Int(540, help="Seconds after which the API ends a watch, about.").tag(config=True)
    request_timeout = Int(
        90,
        help="Seconds without a word after which a watch is taken to be cut; a bookmark comes every 60 s.",
    ).tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problem: BaseException | None = None
        """Why the API cannot be read at the moment."""
        self._streams = CoreV1Api(streams_client())
        self._version: str | None = None
        self._answer: aiohttp.ClientResponse | None = None
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def start(self) -> None:
        """Begins to list and watch, and returns at once: `first_load_future` is done after the first list.

        Raises:
            RuntimeError: it has begun already.
        """
        if self.watch_task is not None and not self.watch_task.done():
            raise RuntimeError(f"Task watching for {self.kind} is already running")
        self.watch_task = asyncio.create_task(self._watch_and_update(), name=f"watch of {self.kind}")

    async def stop(self) -> None:
        """Ends the watch."""
        task, self.watch_task = self.watch_task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def reconnect(self) -> None:
        """Gives the present watch up and goes on with a new one."""
        if self._answer is not None:
            self._answer.close()

    def subject_of(self, resource: Raw) -> str | None:
        """Whom news of a resource are for, as `NAMESPACE/NAME`; None: nobody here."""
        metadata = resource["metadata"]
        return f"{metadata['namespace']}/{metadata['name']}"

    @contextlib.contextmanager
    def telling(self, subject: str, news: asyncio.Event) -> Iterator[None]:
        """Sets `news` whenever something about `subject` may have changed."""
        self._waiting[subject].add(news)
        try:
            yield
        finally:
            self._waiting[subject].discard(news)
            if not self._waiting[subject]:
                del self._waiting[subject]

    async def _watch_and_update(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            pause = 0.0
            try:
                if self._version is None:
                    await self._list_and_update()
                await self._watch()
                failures = 0 if time.monotonic() - began > _STEADY_SECONDS else failures + 1
            except VersionExpiredError:
                self.log.info("The watch of %s begins anew: the API does not know how to go on", self.kind)
                self._version = None
                failures += 1
            except (ApiException, *UNREACHABLE, ValueError) as problem:
                if isinstance(problem, UNREACHABLE):
                    outages.note()
                self._note(problem, is_first=failures == 0)
                failures += 1
                pause = retry_after(problem) or 0.0
            except Exception:
                # A watch that ended for good would leave all who wait for news waiting.
                self.log.exception("The watch of %s begins anew", self.kind)
                self._version = None
                failures += 1
            if failures > _FAILURES_BEFORE_LIST:
                self._version = None
            await asyncio.sleep(max(pause, _pause(failures)))

    def _note(self, problem: Exception, *, is_first: bool) -> None:
        self.problem = problem
        for subject in self._waiting:
            self._tell(subject)
        log = self.log.warning if is_first else self.log.debug
        log("The watch of %s was cut: %s: %s", self.kind, type(problem).__name__, problem)

    def _recovered(self) -> None:
        if self.problem is not None:
            self.problem = None
            for subject in self._waiting:
                self._tell(subject)

    async def _list_and_update(self, resource_version: str | None = None) -> str:  # noqa: ARG002 - KubeSpawner's signature
        """Takes everything as it is now.

        Raises:
            ApiException: the API said no.
        """
        async with await self._ask(timeout=self._timeout(total=self.request_timeout)) as answer:
            content = json.loads(await answer.read())
        known, self.resources = self.resources, {_key(each): _lean(each) for each in content["items"]}
        self._version = content["metadata"]["resourceVersion"]
        self._recovered()
        if not self.first_load_future.done():
            self.first_load_future.set_result(None)
        self._tell_all({**known, **self.resources})
        return str(self._version)

    async def _watch(self) -> None:
        """Takes what happens since the version seen last, until the API ends the watch.

        Raises:
            VersionExpiredError: that version is too long ago.
            ApiException: the API said no.
        """
        seconds = round(self.timeout_seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads, hides nothing
        answer = await self._ask(
            watch=True,
            resource_version=self._version,
            allow_watch_bookmarks=True,
            timeout_seconds=seconds,
            timeout=self._timeout(sock_read=self.request_timeout),
        )
        async with answer:
            self._answer = answer
            self._recovered()
            async for line in lines_of(answer):
                self._take(json.loads(line))

    def _take(self, news: Raw) -> None:
        kind, resource = news["type"], news["object"]
        if kind == "ERROR":
            if resource.get("code") in _NOT_FROM_HERE:
                raise VersionExpiredError
            raise ApiException(status=resource.get("code"), reason=resource.get("message"))
        self._version = resource["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return
        subject = self.subject_of(resource)
        if subject is None:
            return
        if kind == "DELETED":
            self.resources.pop(_key(resource), None)
            self.last_seen(resource)
        else:
            self.resources[_key(resource)] = _lean(resource)
        self._tell(subject)

    def last_seen(self, resource: Raw) -> None:
        """Called with the last state of a resource that is gone."""

    def _tell(self, subject: str) -> None:
        for news in self._waiting.get(subject, ()):
            news.set()

    def _tell_all(self, resources: dict[str, Raw]) -> None:
        for subject in {self.subject_of(resource) for resource in resources.values()} & set(self._waiting):
            if subject is not None:
                self._tell(subject)

    async def _ask(self, *, timeout: aiohttp.ClientTimeout, **query: Any) -> aiohttp.ClientResponse:  # noqa: ASYNC109 - aiohttp's own
        if not self.omit_namespace:
            query["namespace"] = self.namespace
        answer: aiohttp.ClientResponse = await getattr(self._streams, self.list_method_name)(
            label_selector=self.label_selector,
            field_selector=self.field_selector,
            _request_timeout=timeout,
            _preload_content=False,
            **query,
        )
        if answer.ok:
            return answer
        async with answer:
            if answer.status in _NOT_FROM_HERE and "watch" in query:
                raise VersionExpiredError
            problem = ApiException(status=answer.status, reason=(await answer.text())[:500])
            problem.headers = answer.headers
            raise problem

    @staticmethod
    def _timeout(*, total: float | None = None, sock_read: float | None = None) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=total, sock_connect=_CONNECT_SECONDS, sock_read=sock_read)


class SteadyPodReflector(SteadyReflector, PodReflector):
    """The pods of sessions, and the last state of the latest ones that are gone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gone: dict[str, Raw] = {}

    def last_seen(self, resource: Raw) -> None:
        """A pod's last words are in the news of its deletion, and nowhere after."""
        self._gone[resource["metadata"]["uid"]] = _lean(resource)
        while len(self._gone) > _GONE_KEPT:
            del self._gone[next(iter(self._gone))]

    def last_words(self, uid: str) -> Raw | None:
        """The last state of a pod that is gone; None if that was long ago, or nobody saw it go."""
        return self._gone.get(uid)


class SteadyEventReflector(SteadyReflector, EventReflector):
    """What is said about pods and about claims, whose volumes pods wait for."""

    def subject_of(self, resource: Raw) -> str | None:
        """The pod or claim it is about."""
        about = resource["involvedObject"]
        if about.get("kind") not in {"Pod", "PersistentVolumeClaim"}:
            return None
        return f"{about.get('namespace')}/{about.get('name')}"

    def about(self, *subjects: str) -> list[Raw]:
        """The events about these pods and claims, each as `NAMESPACE/NAME`."""
        return [event for event in self.resources.values() if self.subject_of(event) in subjects]


def _key(resource: Raw) -> str:
    return f"{resource['metadata']['namespace']}/{resource['metadata']['name']}"


def _lean(resource: Raw) -> Raw:
    """Without the record of who set which field, which is the larger part of many objects."""
    resource["metadata"].pop("managedFields", None)
    return resource


def _pause(failures: int) -> float:
    """Seconds before the next attempt; none after a watch that simply came to its end."""
    if not failures:
        return 0.0
    longest = min(FIRST_PAUSE * 2.0 ** (failures - 1), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads, hides nothing
