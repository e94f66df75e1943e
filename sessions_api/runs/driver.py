"""Makes runs happen: takes each unsettled run under a lease and does the next thing about it.

What is to be done follows from the run's row alone (the table in `states`), so the driver may be killed at
any point and another goes on from there. Everything it asks of the hub may be asked twice.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.kinds import Kinds
from sessions_api.hub.client import Hub, HubAwayError, HubBusyError, HubRefusedError
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.ids import new_id
from sessions_api.kit.sealing import Sealer
from sessions_api.registry_logins.logins import LoginUnopenedError
from sessions_api.repositories.reader import ReadingRules, RepositoryUnresolvedError
from sessions_api.runs import freeze, planned, service, states, store
from sessions_api.runs.kept.keeper import Keeper
from sessions_api.runs.tables import Run
from spawner.part import lean
from spawner.reasons import RETRY, Reason
from spawner.spec import PULLING, QUEUED, LaunchSpec, clone_key

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=6)
"""How long a run stays with a driver that says nothing more: one that was killed holds nothing up."""
RENEW = 2.0
"""Seconds after which a driver that is still at it says so."""
REST = 1.0
"""Seconds before a run for which the hub was away is taken up again."""
LOOKS, LOOK_PAUSE = 20, 0.15
"""How often, and how many seconds apart, the driver looks whether a server is gone before it turns away."""
EVERY = 2.0
"""Seconds between two looks for work that nobody woke us for (another process's, or a retry)."""
HUB_AWAY = "JupyterHub does not answer. What was asked for is done as soon as it does."
PATIENCE = timedelta(seconds=3)
"""How long a launch may take to end itself before the hub is told to end it."""


class Driver:
    """One process's driver.

    Args:
        database: where runs are.
        hub: what starts them.
        rules: which repositories may be read.
        sealer: opens secrets.
        on_cluster: whether launches are pods.
        kinds: what sessions can run in here.
        keeper: keeps /work of what is stopped; None: nothing is kept.
    """

    def __init__(
        self,
        database: Database,
        hub: Hub,
        rules: ReadingRules,
        sealer: Sealer,
        *,
        on_cluster: bool,
        kinds: Kinds,
        keeper: Keeper | None = None,
    ) -> None:
        self._database = database
        self._hub = hub
        self._rules = rules
        self._sealer = sealer
        self._on_cluster = on_cluster
        self._kinds = kinds
        self._keeper = keeper
        self._owner = new_id()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._resting: dict[str, float] = {}

    async def run(self) -> None:
        """Drives until cancelled."""
        with self._database.bus.subscribe(service.DRIVER) as woken:
            try:
                while True:
                    try:
                        await self._look()
                    except Exception:
                        # The database may be away; what is to be done is still there when it is back.
                        log.exception("could not look for runs")
                    await woken.wait(EVERY)
            finally:
                for task in self._tasks.values():
                    task.cancel()
                await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _look(self) -> None:
        async with self._database.read() as db:
            now = clock.now()
            waiting = await store.unsettled(db, self._owner, now=now, until=now + LEASE)
        self._resting = {
            run: until for run, until in self._resting.items() if until > asyncio.get_running_loop().time()
        }
        for run_id in waiting:
            if run_id in self._resting:
                continue
            if run_id in self._tasks:
                self._again.add(run_id)
            else:
                task = asyncio.create_task(self._act(run_id), name=f"run {run_id}")
                self._tasks[run_id] = task
                task.add_done_callback(partial(self._done, run_id))

    def _done(self, run_id: str, _task: asyncio.Task[None]) -> None:
        del self._tasks[run_id]
        if run_id in self._again:
            self._again.remove(run_id)
            self._database.bus.publish(service.DRIVER)

    async def _act(self, run_id: str) -> None:
        try:
            run = await self._lease(run_id)
            if run is not None:
                await self._act_leased(run)
        except Exception:
            # The database may be away. The lease ends by itself, and what is to be done is still there.
            log.exception("run %s", run_id)

    async def _act_leased(self, run: Run) -> None:
        keeping = asyncio.create_task(self._keep(run.id))
        try:
            await self._step(run)
        except HubAwayError as error:
            log.info("run %s: %s", run.id, error)
            self._resting[run.id] = asyncio.get_running_loop().time() + REST
            if not isinstance(error, HubBusyError):
                await self._tell_away(run.id)
        except HubRefusedError as error:
            await self._fail(
                run.id,
                Reason(
                    code="hub_refused",
                    sentence="JupyterHub did not accept the launch.",
                    hint=str(error),
                    remedies=(RETRY,),
                ),
            )
        except Exception:
            log.exception("run %s", run.id)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            async with self._database.write() as db:
                await store.release(db, run.id, self._owner)

    async def _tell_away(self, run_id: str) -> None:
        """Says on the launch's page, once for each attempt, why nothing goes on."""
        async with self._database.write() as db:
            run = await store.hold(db, run_id)
            if run is not None and not await store.was_said(db, run, HUB_AWAY):
                service.record(db, run, "log", {"source": "sojourn", "text": HUB_AWAY})

    async def _lease(self, run_id: str) -> Run | None:
        now = clock.now()
        async with self._database.write() as db:
            return await store.lease(db, run_id, owner=self._owner, now=now, until=now + LEASE)

    async def _keep(self, run_id: str) -> None:
        while True:
            await asyncio.sleep(RENEW)
            try:
                await self._lease(run_id)
            except Exception as error:  # noqa: BLE001 - the next time may go well, and must be tried
                log.info("run %s: the lease is not renewed: %s", run_id, error)

    async def _step(self, run: Run) -> None:
        match (run.phase, run.wish):
            case ("queued", "run") if run.waits_since is None:
                await self._freeze(run)
            case ("queued", wish) if wish != "run":
                await self._drop(run)
            case ("launching", "run"):
                await self._launch(run.id)
            case ("launching" | "running", _):
                await self._end(run)
            case ("paused", "resume"):
                await self._next_attempt(run.id)
            case ("paused" | "failed", "stop"):
                await self._remove(run)

    async def _freeze(self, run: Run) -> None:
        async with self._database.read() as db:
            if await store.others_under_way(db, run):
                return
            parts = await freeze.parts_of(db, run, kinds=self._kinds)
        async with self._database.write() as db:
            held = await store.hold(db, run.id)
            if held is None or held.phase != "queued":
                # Another process took it on while this one was held up.
                return
            await store.remove_stages(db, held.id, held.attempt)
            db.add_all(planned.of_run(held, parts, on_cluster=self._on_cluster))
            service.record_status(db, held)
        try:
            spec = await freeze.freeze(run, parts, self._rules, self._sealer)
        except* RepositoryUnresolvedError as errors:
            first = errors.exceptions[0]
            assert isinstance(first, RepositoryUnresolvedError)  # noqa: S101 - that is what except* caught
            await self._fail(run.id, first.reason, stage=clone_key(first.folder))
        except* LoginUnopenedError as errors:
            unopened = errors.exceptions[0]
            assert isinstance(unopened, LoginUnopenedError)  # noqa: S101 - as above
            await self._fail(run.id, unopened.reason, stage=PULLING)
        else:
            begun = await self._begin(run.id, spec, parts.session.resource_class_id)
            if begun is not None:
                await self._ask(begun)

    async def _begin(self, run_id: str, spec: LaunchSpec, resource_class: str | None) -> Run | None:
        """The run, launching and about to be asked for; None: it is not to begin now."""
        async with self._database.write() as db:
            run = await store.hold(db, run_id)
            if run is None or run.phase != "queued" or run.wish != "run":
                return None
            if not await service.take_over(db, run):
                return None
            run.spec = lean(spec)
            if run.pool_id is None:
                takes = spec.resources
                run.cpus, run.memory_gib, run.gpus = takes.cpus, takes.memory_gib, takes.gpus
                run.resource_class_id = resource_class
            await _enter(db, run)
        return run

    async def _next_attempt(self, run_id: str) -> None:
        async with self._database.write() as db:
            run = await store.hold(db, run_id)
            if run is None or (run.phase, run.wish) != ("paused", "resume") or run.waits_since is not None:
                return
            if await store.others_under_way(db, run):
                return
            before = await store.stages(db, run.id, run.attempt)
            run.attempt += 1
            run.wish = "run"
            run.launched_at = clock.now()
            db.add_all(planned.again(run, stage) for stage in before)
            await db.flush()
            await _enter(db, run)
        await self._ask(run)

    async def _launch(self, run_id: str) -> None:
        """Asks for the server of a run that nobody asked for yet, or not to the end."""
        async with self._database.write() as db:
            run = await store.hold(db, run_id)
            if run is None or (run.phase, run.wish) != ("launching", "run") or run.asked_at is not None:
                return
            run.asked_at = clock.now()
            run.asked += 1
        await self._ask(run)

    async def _ask(self, run: Run) -> None:
        spec = LaunchSpec.model_validate(run.spec)
        try:
            await self._hub.start(
                run.person,
                run.server,
                display_name=f"{spec.project.name} / {spec.session.name}",
                run=run.id,
            )
        except HubAwayError:
            async with self._database.write() as db:
                await store.set_values(db, run.id, asked_at=None, asked=run.asked - 1)
            raise

    async def _end(self, run: Run) -> None:
        asked = run.asked_at
        if run.phase == "launching" and asked is not None and clock.within(asked, PATIENCE):
            return
        remove = run.wish == "stop" and not (self._keeper and await self._keeper.is_wanted(run))
        if not await self._gone(run, remove=remove) or (remove and not await self._forgotten(run)):
            return
        async with self._database.write() as db:
            held = await store.hold(db, run.id)
            if held is not None and held.attempt == run.attempt:
                await service.ended(db, held, None, clock.now())

    async def _remove(self, run: Run) -> None:
        if await self._hand_on(run):
            return
        if self._keeper and not await self._keeper.lets_go(run):
            return
        if not await self._gone(run, remove=True) or not await self._forgotten(run):
            return
        async with self._database.write() as db:
            held = await store.hold(db, run.id)
            if held is not None and held.wish == "stop" and held.phase in {"paused", "failed"}:
                service.stopped(db, held, clock.now())

    async def _gone(self, run: Run, *, remove: bool) -> bool:
        """Asks the hub for the end of the run's server, and looks on for a moment."""
        return await _soon(lambda: self._hub.stop(run.person, run.server, remove=remove))

    async def _forgotten(self, run: Run) -> bool:
        """Looks on until the hub does not know the server's name: what it deletes yet, nobody may start.

        Only for runs that no other begins beside (`others_under_way`): a newer one has the same name.
        """
        return await _soon(lambda: self._hub.has_forgotten(run.person, run.server))

    async def _drop(self, run: Run) -> None:
        if run.wish == "stop" and await self._hand_on(run):
            return
        # It has nothing at the hub yet, but a launch that was cancelled may have left a /work there.
        if run.wish == "stop" and self._keeper and not await self._keeper.lets_go(run):
            return
        if run.wish == "stop" and not await self._gone(run, remove=True):
            return
        async with self._database.write() as db:
            held = await store.hold(db, run.id)
            if held is not None and held.phase == "queued" and held.wish == run.wish:
                service.stopped(db, held, clock.now())

    async def _hand_on(self, run: Run) -> bool:
        """Stops in the place of a run that never began the one before it, if that has the /work."""
        async with self._database.write() as db:
            held = await store.hold(db, run.id)
            same = held is not None and (held.phase, held.wish) == (run.phase, "stop")
            return held is not None and same and await service.hand_on(db, held, clock.now())

    async def _fail(self, run_id: str, reason: Reason, *, stage: str | None = None) -> None:
        now = clock.now()
        async with self._database.write() as db:
            run = await store.hold(db, run_id)
            if run is None or (run.phase == "queued" and run.wish != "run"):
                # Its end was wished for meanwhile, which is the next thing to be done.
                return
            for each in await store.stages(db, run.id, run.attempt):
                if stage and each.key == QUEUED:
                    each.state, each.ended_at = "done", now
                elif each.key == stage:
                    each.state, each.started_at = "now", now
            await service.ended(db, run, reason, now)


async def _soon(look: Callable[[], Awaitable[bool]]) -> bool:
    """Whether what is looked at comes true within a moment; else the next turn looks again."""
    for _ in range(LOOKS):
        if await look():
            return True
        await asyncio.sleep(LOOK_PAUSE)
    return False


async def _enter(db: AsyncSession, run: Run) -> None:
    """Begins an attempt that the hub is about to be asked for; repair finds out where it never was."""
    run.phase = states.step(run.phase, "launching")
    run.asked_at, run.asked = clock.now(), 1
    run.reporter, run.reported = "", 0
    run.ready_at, run.ended_at = None, None
    run.reason, run.url, run.node = None, "", None
    for stage in await store.stages(db, run.id, run.attempt):
        if stage.key == QUEUED:
            stage.state, stage.ended_at = "done", clock.now()
    service.record_status(db, run)
