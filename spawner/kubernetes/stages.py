"""What a pod's state and events say about the stages of a launch, and the reports of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from spawner.kubernetes.reflectors import Raw
from spawner.kubernetes.why import Context, Failed, Waiting, pulled
from spawner.kubernetes.why.facts import Events, Pod
from spawner.reporter import Reporter
from spawner.reports import StageState
from spawner.spec import PULLING, SCHEDULING, STARTING, LaunchSpec, clone_key, mount_key

_ENDED = frozenset({"done", "warn", "fail"})


@dataclass(frozen=True)
class Milestones:
    """How far a pod is; each is true from then on.

    Attributes:
        scheduled: it has a node.
        prepared: its volumes are mounted and its network is there.
        cloning: the clone container has started.
        cloned: it has ended well, or there is none.
        pulled: how the image came, in words; None when it is not there yet.
        started: the session's program has started.
    """

    scheduled: bool
    prepared: bool
    cloning: bool
    cloned: bool
    pulled: str | None
    started: bool

    @classmethod
    def of(cls, pod: Raw, events: list[Raw], context: Context) -> Milestones:
        """Reads them; events come up to a second before the state they speak of, and may be missing."""
        facts = Pod(pod)
        said = {(event.reason, event.container) for event in Events.about(facts, events).said}
        clone, program = facts.container(context.clone), facts.container(context.program)
        started = ("Started", context.program) in said or (program is not None and program.is_running)
        cloning = ("Started", context.clone) in said or (
            clone is not None and (clone.is_running or clone.end is not None)
        )
        cloned = started or clone is None or (clone.end is not None and clone.end.get("exitCode") == 0)
        # Images are pulled, and containers started, only after volumes and network are there.
        at_work = any(reason in {"Pulling", "Pulled", "Created", "Started"} for reason, _ in said)
        return cls(
            scheduled=facts.node is not None or ("Scheduled", None) in said or started,
            prepared=at_work or started or "podIP" in facts.status,
            cloning=cloning,
            cloned=cloned,
            pulled=pulled(pod, events, context) or ("" if started else None),
            started=started,
        )

    def before_the_image(self) -> Milestones:
        """The same, as long as it is not known how each repository was cloned."""
        return replace(self, cloned=False, pulled=None, started=False)


class Stages:
    """Reports each stage of one launch when it begins and ends, in their order."""

    def __init__(self, spec: LaunchSpec, reporter: Reporter) -> None:
        self._reporter = reporter
        self._clones = [clone_key(one.folder) for one in spec.repositories]
        self._mounts = [mount_key(one.folder) for one in spec.storages]
        order = (SCHEDULING, *self._mounts, *self._clones, PULLING, STARTING)
        self._states: dict[str, StageState | None] = dict.fromkeys(order)
        self._details: dict[str, str] = {}

    @property
    def current(self) -> str:
        """The first stage that has not ended."""
        return next((key for key, state in self._states.items() if state not in _ENDED), STARTING)

    def report(self, key: str, state: StageState, detail: str = "") -> None:
        """Reports a stage, unless that says nothing new; what has ended stays so."""
        if key not in self._states or self._states[key] in _ENDED:
            return
        if (self._states[key], self._details.get(key, "")) != (state, detail):
            self._states[key], self._details[key] = state, detail
            self._reporter.stage(key, state, detail)

    def begin(self, key: str) -> None:
        """A stage has begun, unless it had before."""
        if self._states.get(key) is None:
            self.report(key, "now")

    def fail(self, failed: Failed) -> None:
        """The launch failed in this stage, or in the one under way."""
        self.report(failed.stage or self.current, "fail", failed.reason.sentence)

    def wait(self, waiting: Waiting | None) -> None:
        """Says what is waited for, below the stage that waits; None: nothing is to be said."""
        for key, detail in list(self._details.items()):
            if detail and self._states[key] == "now" and (waiting is None or key != self._of(waiting)):
                self.report(key, "now")
        if waiting is not None:
            self.report(self._of(waiting), "now", waiting.text)

    def _of(self, waiting: Waiting) -> str:
        return waiting.stage or self.current

    def reach(self, milestones: Milestones) -> None:
        """Reports what has been reached."""
        self.begin(SCHEDULING)
        if not milestones.scheduled:
            return
        self.report(SCHEDULING, "done")
        for key in self._mounts:
            self.begin(key)
            if milestones.prepared:
                self.report(key, "done")
        if not milestones.prepared:
            return
        if milestones.cloned:
            for key in self._clones:
                self.report(key, "done")
            self.begin(PULLING)
        if milestones.pulled is not None:
            self.report(PULLING, "done", milestones.pulled)
        if milestones.started:
            self.begin(STARTING)

    def take_line(self, line: str) -> None:
        """Takes a line of the cloning program: a stage's, or one of git's."""
        try:
            said = json.loads(line)
        except ValueError:
            said = {"log": line}
        if not isinstance(said, dict):
            said = {"log": line}
        if said.get("stage") in self._clones and said.get("state") in {"now", *_ENDED}:
            self.report(said["stage"], said["state"], str(said.get("detail", "")))
        elif "log" in said:
            self._reporter.log("clone", str(said["log"]))
