"""The life of runs, walked at random: whatever people, programs and the hub do, in any order.

Two people and two sessions of one environment in a public project, in simulated time (`installation`). After
every step nothing is there twice; once everything is at rest what the service says is what is so; and every
run went from phase to phase by the steps of `sessions_api.runs.states.STEPS` alone.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from spawner.api import SojournApi
from spawner.reports import Reports
from tests.truth.hub import TOKEN
from tests.truth.installation import Installation
from tests.truth.truths import Run, doubled, missteps, untruths

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PEOPLE = ("ann", "bob")
REST = 45.0
"""Seconds within which everything comes to rest: a launch that is lost is asked for again after five."""
FEW = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)

REFUSALS = {
    "start": {"environment_in_use", "conflict"},
    "anew": {"environment_in_use", "conflict"},
    "pause": {"nothing_to_pause"},
    "cancel": {"nothing_to_cancel"},
    "stop": {"nothing_to_stop"},
}
"""With what each verb may be refused; what is asked for and so already is accepted."""
MEANS = {
    "start": {
        ("queued", "run"),
        ("launching", "run"),
        ("running", "run"),
        ("paused", "resume"),
        ("running", "resume"),
    },
    "pause": {"pause", "stop", "run", "cancel"},
    "cancel": {"cancel", "pause", "stop", "run"},
    "stop": {"stop", "run"},
}
"""What is wished of a run right after a verb was accepted: what was asked for before and loses more stays."""


class Life(RuleBasedStateMachine):
    """One project's; the installation goes on from example to example."""

    installation: Installation

    def __init__(self) -> None:
        super().__init__()
        self.hub = self.installation.hub
        self.sessions: list[str] = []
        self.runs: list[Run] = []

    def do(self, coroutine: Any) -> Any:
        return self.installation.loop.do(coroutine)

    @initialize()
    def make(self) -> None:
        self.hub.forget_everything()
        first = self.do(self.installation.new_session("ann"))
        self.project = first.partition("/sessions/")[0]
        self.sessions = [first, self.add()]

    def add(self) -> str:
        body = {"environment": "minimal"}
        added = self.do(self.installation.ask("ann", "POST", f"{self.project}/sessions", body))
        assert added.status_code == 201, added.text
        return f"{self.project}/sessions/{added.json()['slug']}"

    people = st.sampled_from(PEOPLE)
    which = st.sampled_from((0, 1))
    places = st.integers(0, 11)

    @rule(person=people, which=which, verb=st.sampled_from(("start", "pause", "cancel", "stop")))
    def ask_twice(self, person: str, which: int, verb: str) -> None:
        path = f"{self.sessions[which]}/{verb}"

        async def twice() -> list[Any]:
            asked = (self.installation.ask(person, "POST", path) for _ in range(2))
            return await asyncio.gather(*asked)

        answers = self.do(twice())
        for answer in answers:
            self.accepted_or_refused(verb, answer)
        accepted = {answer.json()["id"] for answer in answers if answer.status_code == 202}
        assert len(accepted) <= 1, f"{verb} twice was accepted for two runs"

    @rule(person=people, which=which)
    def start_anew(self, person: str, which: int) -> None:
        path = f"{self.sessions[which]}/start"
        self.accepted_or_refused("anew", self.do(self.installation.ask(person, "POST", path, {"anew": True})))

    @rule(person=people, which=which)
    def restart_with_changes(self, person: str, which: int) -> None:
        path = f"{self.sessions[which]}/restart"
        self.accepted_or_refused("anew", self.do(self.installation.ask(person, "POST", path)))

    @rule(person=people, which=which)
    def restart(self, person: str, which: int) -> None:
        for verb in ("stop", "start"):
            path = f"{self.sessions[which]}/{verb}"
            self.accepted_or_refused(verb, self.do(self.installation.ask(person, "POST", path)))

    def accepted_or_refused(self, verb: str, answer: Any) -> None:
        assert answer.status_code in {202, 409}, answer.text
        if answer.status_code == 409:
            problem = answer.json()
            assert problem["code"] in REFUSALS[verb], problem
            assert problem["detail"]
            return
        run = answer.json()
        if verb in {"start", "anew"}:
            assert (run["phase"], run["wish"]) in MEANS["start"], run
        else:
            assert run["wish"] in MEANS[verb], run

    @rule(which=which)
    def delete(self, which: int) -> None:
        path = self.sessions[which]
        gone = self.do(self.installation.ask("ann", "DELETE", f"{path}?force=true"))
        assert gone.status_code == 204, gone.text
        again = self.do(self.installation.ask("ann", "DELETE", f"{path}?force=true"))
        assert again.status_code == 404
        assert self.do(self.installation.ask("bob", "POST", f"{path}/start")).status_code == 404
        self.sessions[which] = self.add()

    @rule(seconds=st.sampled_from((0.1, 0.5, 1.1, 3.0, 12.0)))
    def wait(self, seconds: float) -> None:
        self.do(asyncio.sleep(seconds))

    @rule(place=places)
    def end_a_program(self, place: int) -> None:
        running = self.hub.facts.running()
        if running:
            running[place % len(running)].end(-9)
            self.do(asyncio.sleep(0))

    @rule(place=places)
    def doom_a_launch(self, place: int) -> None:
        launches = [run["id"] for run in self.runs if run["phase"] in {"queued", "launching"}]
        if launches:
            self.hub.facts.doomed.add(launches[place % len(launches)])

    @rule(place=places)
    def deliver_again(self, place: int) -> None:
        """A report comes late and once more, as when its answer was lost."""
        delivered = self.hub.facts.delivered
        if delivered:
            run, reports = delivered[-1 - place % len(delivered)]
            self.do(self.late(run, reports))

    async def late(self, run: str, reports: Reports) -> None:
        await SojournApi(self.installation.replicas[0].url, TOKEN).deliver(run, reports)

    @rule(place=places)
    def end_a_server(self, place: int) -> None:
        """Somebody ends a server at the hub itself."""
        if self.hub.servers:
            person, name = sorted(self.hub.servers)[place % len(self.hub.servers)]
            self.do(self.installation.end_server(person, name))

    @invariant()
    def nothing_is_there_twice(self) -> None:
        if not self.sessions:
            return
        self.runs = [run for person in PEOPLE for run in self.do(self.of_project(person))]
        assert doubled(self.runs, self.hub) == []

    async def of_project(self, person: str) -> list[Run]:
        slug = self.project.rpartition("/")[2]
        return [run for run in await self.installation.runs(person) if run["project"] == slug]

    def teardown(self) -> None:
        if self.sessions:
            self.do(self.come_to_rest("with what runs"))
            self.do(self.stop_everything())
            self.do(self.come_to_rest("with nothing left"))
            assert self.hub.facts.running() == []
            wrong = [step for run in self.runs for step in self.do(missteps(self.installation, run))]
            assert wrong == []

    async def come_to_rest(self, what: str) -> None:
        async def rests() -> bool:
            self.runs = [run for person in PEOPLE for run in await self.of_project(person)]
            return not untruths(self.runs, self.hub)

        try:
            await self.installation.until(rests, f"rest {what}", seconds=REST, pause=1)
        except TimeoutError as error:
            error.add_note("\n".join(untruths(self.runs, self.hub)))
            raise

    async def stop_everything(self) -> None:
        for person in PEOPLE:
            for session in self.sessions:
                answer = await self.installation.ask(person, "POST", f"{session}/stop")
                assert answer.status_code == 202 or answer.json()["code"] == "nothing_to_stop"


def test_whatever_happens_runs_take_only_the_steps_that_there_are(installation: Installation) -> None:
    class Here(Life):
        pass

    Here.installation = installation
    run_state_machine_as_test(Here, settings=FEW)
