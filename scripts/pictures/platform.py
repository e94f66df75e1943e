"""Sample data of a cluster: what its administrators look at, and what only clusters do; made up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.runs import service as runs
from sessions_api.runs.tables import Run, RunLife, RunStage
from spawner.kubernetes.why.catalogue import reason
from spawner.spec import PULLING, QUEUED, SCHEDULING, STARTING
from tests.pages.conftest import Person, Site, ended, log, ready, stage
from tests.served import until

ADMIN, MIRA, JONAS, TOLU = "ines", "mira", "jonas", "tolu"
GROUP = "map-makers"
IDLE = timedelta(minutes=120)
TERRAIN, HARBOUR, BIRDS = (
    "/projects/terrain-correction",
    "/projects/harbour-sensors",
    "/projects/coastal-birds",
)

_OUT_OF_MEMORY = (
    "out_of_memory",
    "JupyterLab wanted more memory than the 8 GiB that the session has.",
    "A larger resource class has more.",
)
_FAILURES = (
    (JONAS, HARBOUR, "python", "Tide tables", _OUT_OF_MEMORY),
    (JONAS, HARBOUR, "geodesy", "Bathymetry", _OUT_OF_MEMORY),
    (TOLU, BIRDS, "python", "Counting", _OUT_OF_MEMORY),
    (
        JONAS,
        HARBOUR,
        "code",
        "Sensor firmware",
        (
            "image_not_found",
            "registry.example.org has no image environments/vs-code.",
            "It was there and may have been deleted.",
        ),
    ),
    (
        TOLU,
        BIRDS,
        "geodesy",
        "Beach outlines",
        ("session_evicted", "The node ran out of memory and ended the session.", "/work is kept."),
    ),
)


class PlatformSample:
    """Makes the data, as people do in their browsers and the spawner by its reports."""

    def __init__(self, site: Site) -> None:
        self._site = site
        site.hub.groups |= {ADMIN: ["sojourn-admins"], **{each: [GROUP] for each in (MIRA, JONAS, TOLU)}}
        self._stack = ExitStack()
        self._people = {
            name: self._stack.enter_context(site.person(name)) for name in (ADMIN, MIRA, JONAS, TOLU)
        }
        self.runs: dict[str, str] = {}
        self.kept = ""

    def close(self) -> None:
        """Lets go of all connections."""
        self._stack.close()

    def make(self) -> None:
        """Everything."""
        mira, jonas, tolu = (self._people[name] for name in (MIRA, JONAS, TOLU))
        for person, name in (
            (mira, "Terrain correction"),
            (jonas, "Harbour sensors"),
            (tolu, "Coastal birds"),
        ):
            person.project(name)
        for person, role in ((JONAS, "editor"), (TOLU, "viewer")):
            mira.submit(f"{TERRAIN}/members/add", person=person, role=role)
        self._offer()
        idle = self._session(mira, TERRAIN, "python", "Exploration")
        self.runs["idle"] = self._running(mira, idle)
        self._fail()
        self._keep()
        self._run()

    def _offer(self) -> None:
        """Classes and pools besides those of the files."""
        boss = self._people[ADMIN]
        gpu = {"gpus": "1", "gpu_resource": "nvidia.com/gpu", "node_selector": "example.org/gpu=a100"}
        for name, fields in (
            ("GPU", {"cpus": "8", "memory_gib": "64", "description": "For training.", **gpu}),
            ("Wide", {"cpus": "32", "memory_gib": "128"}),
            ("Old workstation", {"cpus": "4", "memory_gib": "16"}),
        ):
            _done(boss.submit("/admin/resource-classes/add", name=name, **fields))
        pool: Mapping[str, Any] = {"quota-gpus": "2", "per_person-sessions": "1", "groups": GROUP}
        _done(boss.submit("/admin/resource-pools/add", name="GPU nodes", classes=["gpu"], **pool))
        _done(boss.submit("/admin/resource-classes/old-workstation/withdraw"))

    def _fail(self) -> None:
        for name, project, environment, session, why in _FAILURES:
            person = self._people[name]
            run = self._running(person, self._session(person, project, environment, session))
            code, sentence, hint = why
            told = reason(code, sentence, hint=hint).model_dump(mode="json")
            self._site.report(run, {**ended("", action="retry", label="Retry"), "reason": told})
            _until_phase(person, run, "failed")
            self._in_thread({run: "worker-3"})

    def _keep(self) -> None:
        """Something that was stopped, of whose /work there is a snapshot."""
        mira = self._people[MIRA]
        session = self._session(mira, TERRAIN, "geodesy", "Survey of 2019")
        self._running(mira, session)
        _done(mira.submit(f"{session}/stop"))
        found = until(lambda: next(iter(mira.get("/api/v1/kept").json()["items"]), None), "the snapshot")
        self.kept = str(found["id"])

    def _run(self) -> None:
        """What runs, is launched and waits."""
        mira, jonas, tolu = (self._people[name] for name in (MIRA, JONAS, TOLU))
        larger = self._session(mira, TERRAIN, "code", "Toolkit")
        self.runs["larger"] = self._running(mira, larger)
        self._change(mira, larger, resource_class="large")
        gpu = {"resource_class": "gpu"}
        first = self._session(tolu, BIRDS, "training", "Calls of waders", **gpu)
        self.runs["gpu"] = self._running(tolu, first)
        second = self._session(jonas, HARBOUR, "training", "Traffic forecast", **gpu)
        self.runs["launching"] = self._launching(jonas, second)
        third = self._session(mira, TERRAIN, "training", "Classifier", **gpu)
        _done(mira.submit(f"{third}/start"))
        self.runs["waiting"] = self._run_of(mira, third)
        nodes = {"idle": "worker-1", "larger": "worker-2", "gpu": "gpu-1", "launching": "gpu-2"}
        self._in_thread({self.runs[name]: node for name, node in nodes.items()}, idle=self.runs["idle"])
        until(lambda: mira.get(f"/api/v1/runs/{self.runs['idle']}").json()["pauses_at"], "the announcement")

    def _session(self, person: Person, project: str, environment: str, name: str, **more: str) -> str:
        body = {"environment": environment, "name": name, **more}
        answer = person.post(f"/api/v1{project}/sessions", json=body, headers=_key(person))
        return f"{project}/sessions/{answer.raise_for_status().json()['slug']}"

    def _change(self, person: Person, session: str, **fields: str) -> None:
        path = f"/api/v1{session}"
        headers = {"If-Match": person.get(path).headers["ETag"], **_key(person)}
        person.patch(path, json=fields, headers=headers).raise_for_status()

    def _running(self, person: Person, session: str) -> str:
        run = person.started(session)
        began = datetime.now(UTC)
        steps = (
            (0.3, stage(QUEUED, "done")),
            (0.3, stage(SCHEDULING, "now")),
            (1.1, stage(SCHEDULING, "done")),
            (1.1, stage(PULLING, "now")),
            (1.2, log("The image is there")),
            (1.2, stage(PULLING, "done", "already there")),
            (1.2, stage(STARTING, "now")),
            (4.6, stage(STARTING, "done")),
            (4.6, ready(f"{self._site.address(run)}lab")),
        )
        self._site.report(
            run, *({**step, "at": (began + timedelta(seconds=after)).isoformat()} for after, step in steps)
        )
        _until_phase(person, run, "running")
        return run

    def _launching(self, person: Person, session: str) -> str:
        run = person.started(session)
        self._site.report(
            run,
            stage(QUEUED, "done"),
            stage(SCHEDULING, "done", "gpu-2"),
            log("Scheduled on gpu-2"),
            stage(PULLING, "now"),
            log("Pulling registry.example.org/environments/model-training"),
        )
        return run

    def _run_of(self, person: Person, session: str) -> str:
        return str(person.get(f"/api/v1{session}").json()["run"])

    def _in_thread(self, nodes: Mapping[str, str | None], *, idle: str = "") -> None:
        """Notes nodes, as the sweep does where there are pods, and makes the idle run older."""
        # In a thread, because Playwright's synchronous calls hold the loop of this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self._write(nodes, idle)).result()

    async def _write(self, nodes: Mapping[str, str | None], idle: str) -> None:
        database = Database(self._site.database, Bus())
        try:
            async with database.write() as db:
                await runs.note_nodes(db, nodes)
                if (run := await db.get(Run, idle)) is not None:
                    await _make_older(db, run)
        finally:
            await database.close()


async def _make_older(db: AsyncSession, run: Run) -> None:
    """Nobody has used the run for as long as it may be idle."""
    run.created_at -= IDLE
    run.launched_at -= IDLE
    run.ready_at = run.ready_at and run.ready_at - IDLE
    if (life := await db.get(RunLife, (run.id, run.attempt))) is not None:
        life.active_at -= IDLE
    for stage_of in await db.scalars(select(RunStage).where(RunStage.run_id == run.id)):
        stage_of.started_at = stage_of.started_at and stage_of.started_at - IDLE
        stage_of.ended_at = stage_of.ended_at and stage_of.ended_at - IDLE


def _until_phase(person: Person, run: str, phase: str) -> None:
    until(lambda: person.phase(run) == phase or None, f"{run} {phase}")


def _key(person: Person) -> dict[str, str]:
    return {"X-CSRF-Token": str(person.filled()["csrf_token"])}


def _done(answer: Any) -> None:
    if answer.status_code != 303:  # noqa: PLR2004 - where a form leads
        raise RuntimeError(f"{answer.request.url}: {answer.text}")
