"""From a pod that was made to a session that answers: races its first answer, what is fatal, and the time."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from spawner.failures import LaunchFailedError
from spawner.kubernetes import why
from spawner.kubernetes.logs import Container, Follower
from spawner.kubernetes.outages import FRESH_SECONDS, outages
from spawner.kubernetes.reflectors import Raw
from spawner.kubernetes.stages import Milestones, Stages
from spawner.kubernetes.view import PodView, come
from spawner.kubernetes.why import facts
from spawner.mixin import Address
from spawner.reasons import Reason

_UNSEEN_SECONDS = 5.0
"""How long news of a pod that was just made may take before the watch is taken to be cut."""
_AWAY = why.Waiting("The Kubernetes API does not answer; this is what it said last.")


@dataclass(frozen=True)
class Course:
    """What one launch goes by.

    Attributes:
        path: below which the session answers, with a slash at its end.
        answer_seconds: how long it may take from its program's start to its first answer.
        address_of: where the session in a pod answers; the pod has an address.
        answers: returns once the session at a host and port answers at a path.
        follow_session: called once the program has started, to follow its log.
        last_lines: the end of that log.
        too_slow: why a session that said nothing of use did not answer in time.
    """

    path: str
    answer_seconds: float
    address_of: Callable[[Raw], Address]
    answers: Callable[[str, int, str], Coroutine[Any, Any, None]]
    follow_session: Callable[[], None]
    last_lines: Callable[[], str]
    too_slow: Callable[[], Reason]
    context: why.Context


class Rise:
    """The way of one pod up."""

    def __init__(self, view: PodView, stages: Stages, course: Course, log: logging.Logger) -> None:
        self._view = view
        self._stages = stages
        self._course = course
        self._log = log
        self._news = asyncio.Event()
        self._answer: asyncio.Task[None] | None = None
        self._address: Address | None = None
        self._clone_log: Follower | None = None
        self._clone_told: asyncio.Task[None] | None = None
        self._deadline: float | None = None
        self._began = asyncio.get_running_loop().time()

    async def until_it_answers(self) -> Address:
        """Returns where the session answers, once it does.

        Raises:
            LaunchFailedError: it never will, or took too long.
        """
        try:
            while True:
                with self._view.news(self._news):
                    self._news.clear()
                    address, seconds = await self._look()
                    if address is not None:
                        return address
                    await come(self._news, seconds)
        finally:
            if self._answer is not None:
                self._answer.cancel()
                await asyncio.gather(self._answer, return_exceptions=True)
            if self._clone_log is not None:
                await self._clone_log.abandon()

    async def _look(self) -> tuple[Address | None, float | None]:
        """Where it answers, if it does; else for how many seconds there is nothing to do without news."""
        pod, context = self._view.last, self._course.context
        if pod is None:
            return None, self._unseen()
        milestones = Milestones.of(pod, self._view.events, context)
        is_told = self._follow_clone(pod, milestones)
        self._follow_program(pod)
        self._stages.reach(milestones if is_told else milestones.before_the_image())
        if is_told and self._answer is not None and self._answer.done() and not self._view.is_gone:
            return self._address, None
        verdict = self._verdict(pod)
        if isinstance(verdict, why.Failed):
            await self._give_up(verdict)
        waiting = verdict if isinstance(verdict, why.Waiting) else None
        self._stages.wait(_AWAY if self._view.is_unknown else waiting)
        self._knock(pod, milestones)
        until = waiting.until if waiting is not None else None
        patience = None if until is None else max(0.0, (until - datetime.now(UTC)).total_seconds())
        return None, _least(patience, self._left(pod, milestones))

    def _unseen(self) -> float:
        """What to do about a pod that was made and is not to be seen; for how many seconds nothing then."""
        self._stages.wait(_AWAY if self._view.is_unknown else None)
        now = asyncio.get_running_loop().time()
        if now - self._began > _UNSEEN_SECONDS:
            self._began = now
            self._view.look_again()
        return _UNSEEN_SECONDS

    def _verdict(self, pod: Raw) -> why.Verdict:
        context, events, last_lines = self._context(), self._view.events, self._course.last_lines()
        if self._view.is_gone:
            return why.Failed(why.ending(pod, context, events=events, last_lines=last_lines).reason)
        return why.verdict(pod, events, context, now=datetime.now(UTC), last_lines=last_lines)

    def _context(self) -> why.Context:
        """The scheduler, too, catches up with what it missed while the API was away."""
        context = self._course.context
        if not outages.is_fresh:
            return context
        return replace(context, patience=replace(context.patience, cache=FRESH_SECONDS))

    async def _give_up(self, failed: why.Failed) -> None:
        """Takes the last lines of what failed along.

        Raises:
            LaunchFailedError: always.
        """
        if self._clone_log is not None:
            await self._clone_log.close()
        self._stages.fail(failed)
        raise LaunchFailedError(failed.reason)

    def _follow_clone(self, pod: Raw, milestones: Milestones) -> bool:
        """Follows what cloning says; whether nothing of it is still to come.

        A log can be read once the container's status says it started, and cloning may end sooner than that.
        """
        clone = facts.Pod(pod).container(self._course.context.clone)
        if clone is None or not (clone.is_running or clone.end is not None):
            return True
        if self._clone_log is None:
            self._clone_log = Follower(
                Container(self._view.namespace, self._view.name, self._course.context.clone),
                since="",
                take=lambda line: self._stages.take_line(line.text),
                is_over=lambda: True,
                log=self._log,
            )
        if clone.end is None and not milestones.started:
            return False
        if self._clone_told is None:
            self._clone_told = asyncio.create_task(self._clone_log.close())
            self._clone_told.add_done_callback(lambda _task: self._news.set())
        return self._clone_told.done()

    def _follow_program(self, pod: Raw) -> None:
        program = facts.Pod(pod).container(self._course.context.program)
        if program is not None and (program.is_running or program.end is not None):
            self._course.follow_session()

    def _knock(self, pod: Raw, milestones: Milestones) -> None:
        """Asks the program itself as soon as it may answer: the kubelet looks only once a second."""
        if self._answer is not None or not milestones.started or not pod["status"].get("podIP"):
            return
        self._address = self._course.address_of(pod)
        self._answer = asyncio.create_task(self._course.answers(*self._address, f"{self._course.path}api"))
        self._answer.add_done_callback(lambda _task: self._news.set())

    def _left(self, pod: Raw, milestones: Milestones) -> float | None:
        """Seconds the program has left to answer.

        Raises:
            LaunchFailedError: none.
        """
        if not milestones.started:
            return None
        now = asyncio.get_running_loop().time()
        if self._deadline is None:
            self._deadline = now + self._course.answer_seconds
        if now < self._deadline:
            return self._deadline - now
        found = why.too_slow(
            pod,
            self._view.events,
            self._course.context,
            seconds=self._course.answer_seconds,
            last_lines=self._course.last_lines(),
        )
        failed = why.Failed(found or self._course.too_slow())
        self._stages.fail(failed)
        raise LaunchFailedError(failed.reason)


def _least(*seconds: float | None) -> float | None:
    return min((each for each in seconds if each is not None), default=None)
