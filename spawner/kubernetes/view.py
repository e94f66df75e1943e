"""One pod as the reflectors know it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from spawner.kubernetes.reflectors import Raw, SteadyEventReflector, SteadyPodReflector
from spawner.kubernetes.why import Context
from spawner.kubernetes.why.ends import of_pod
from spawner.kubernetes.why.facts import Events, Pod
from spawner.pod import labels
from spawner.pod.names import label


class PodView:
    """One pod, what is said of it and its claims, and the news of both."""

    def __init__(
        self,
        pods: SteadyPodReflector,
        events: SteadyEventReflector | None,
        *,
        namespace: str,
        name: str,
        uid: str,
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self._pods = pods
        self._events = events
        self._subject = f"{namespace}/{name}"
        self._seen: Raw | None = None

    @property
    def now(self) -> Raw | None:
        """The pod, as long as it is there."""
        found: Raw | None = self._pods.pods.get(self._subject)
        if found is None or found["metadata"]["uid"] != self.uid:
            return None
        self._seen = found
        return found

    @property
    def last(self) -> Raw | None:
        """The pod's latest state, also when it is gone; None: nobody has seen it yet."""
        return self.now or self._pods.last_words(self.uid) or self._seen

    @property
    def is_gone(self) -> bool:
        """Whether it was there and is no more."""
        return self.now is None and self.last is not None

    @property
    def is_unknown(self) -> bool:
        """Whether the API cannot be asked at the moment, so that all this may be out of date."""
        return self._pods.problem is not None

    @property
    def is_leaving(self) -> bool:
        """Whether somebody asked for its deletion."""
        pod = self.now
        return pod is not None and "deletionTimestamp" in pod["metadata"]

    @property
    def events(self) -> list[Raw]:
        """What was said of it and its claims."""
        return [] if self._events is None else self._events.about(*self._subjects())

    def _subjects(self) -> list[str]:
        pod = self.last
        claims = [] if pod is None else list(Pod(pod).claims().values())
        return [self._subject, *(f"{self.namespace}/{claim}" for claim in claims)]

    @contextlib.contextmanager
    def news(self, news: asyncio.Event) -> Iterator[None]:
        """Sets `news` whenever there are some."""
        with contextlib.ExitStack() as told:
            told.enter_context(self._pods.telling(self._subject, news))
            if self._events is not None:
                for subject in self._subjects():
                    told.enter_context(self._events.telling(subject, news))
            yield

    async def until_seen(self) -> Raw:
        """The pod, once news of it have come."""
        news = asyncio.Event()
        with self.news(news):
            while (pod := self.last) is None:
                news.clear()
                await news.wait()
        return pod

    def look_again(self) -> None:
        """Gives up a watch that does not show the pod: it may have been cut without a word."""
        self._pods.reconnect()

    def is_over(self, context: Context) -> bool:
        """Whether the session in it has ended."""
        pod = self.last
        return pod is not None and (self.is_gone or _is_over(pod, self.events, context))

    def is_told(self, context: Context) -> bool:
        """Whether its program has ended, so that its log comes to an end too."""
        pod = self.last
        program = None if pod is None else Pod(pod).container(context.program)
        return program is not None and program.end is not None


def belongs_to(pod: Raw, run: str, attempt: int) -> bool:
    """Whether a pod was made for this attempt of this run."""
    said = pod["metadata"].get("labels") or {}
    return bool(said.get(labels.RUN) == label(run) and said.get(labels.ATTEMPT) == str(attempt))


def _is_over(pod: Raw, events: list[Raw], context: Context) -> bool:
    """Whether the session in a pod has ended, as far as the pod itself tells."""
    facts = Pod(pod)
    if facts.status.get("phase") in {"Succeeded", "Failed"}:
        return True
    containers = (facts.container(name) for name in (context.program, context.gate))
    if any(container is not None and container.end is not None for container in containers):
        return True
    return of_pod(facts, Events.about(facts, events), context) is not None


async def come(news: asyncio.Event, seconds: float | None) -> bool:
    """Waits for news, at most so long; whether there are some."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()
            return True
    return False
