"""What every Sojourn spawner does, wherever the session runs.

It pulls the launch spec, races the launch against a change of mind, reports each stage, says why a launch
failed, and notices a session's end. Where and how a session runs is the subclass's: the methods that raise
`NotImplementedError` here.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyterhub.spawner import Spawner
from pydantic import ValidationError
from sqlalchemy.orm import object_session
from traitlets import Float, Integer, Unicode, default

from spawner import admission
from spawner.api import ApiRefusalError, ApiUnavailableError, SojournApi
from spawner.failures import LaunchFailedError
from spawner.launch import Ending, Launch
from spawner.readiness import until_it_answers
from spawner.reasons import RETRY, SHOW_LOG, Reason
from spawner.refusal import SpawnException
from spawner.reporter import Reporter
from spawner.saved import SavedRun
from spawner.spec import QUEUED, READY, STARTING, LaunchSpec

_STATE = "sojourn"
_WISH_PAUSE = 0.5
_SETTLING_PAUSE = 0.02

Address = tuple[str, int]


class LaunchUnwantedError(Exception):
    """The person no longer wants the launch."""


@dataclass
class Session:
    """One attempt of one run, from its launch to its end, in this hub's memory."""

    saved: SavedRun
    reporter: Reporter
    is_adopted: bool = False
    routed: asyncio.Event = field(default_factory=asyncio.Event)
    watch: asyncio.Task[None] | None = None


class SessionSpawnerMixin(Spawner):
    """Launches what the API says, and tells it everything.

    The hub's `user_options` carry the run's id and nothing else is read from them.
    """

    sojourn_url = Unicode(help="Where the Sojourn API listens, for instance http://127.0.0.1:8001.").tag(
        config=True
    )
    sojourn_token = Unicode(help="What the API knows spawners by; sessions never see it.").tag(config=True)
    answer_timeout = Float(60.0, help="Seconds a session may take from its start to its first answer.").tag(
        config=True
    )

    activity_seconds = Integer(
        300,
        min=1,
        help="How often sessions tell JupyterHub of activity; SOJOURN_ACTIVITY_SECONDS says the same.",
    ).tag(config=True)

    @default("apply_user_options")
    def _apply_user_options(self) -> Callable[..., None]:
        """Nothing of the options is applied; without this the hub warns of each launch."""
        return lambda _spawner, _options: None

    _session: Session | None = None
    _saved: SavedRun | None = None

    async def bring_up(self, launch: Launch, session: Session) -> Address:
        """Does all that a launch consists of, by stages; returns where the session answers, once it does.

        Raises:
            LaunchFailedError: a step failed; the stage that it belongs to is reported as failed.
        """
        raise NotImplementedError

    async def session_end(self, saved: SavedRun, reporter: Reporter) -> Ending:
        """Passes the session's output on and returns, at once, when its program has ended by itself."""
        raise NotImplementedError

    async def session_status(self, saved: SavedRun) -> int | None:
        """None while the session's program runs, else its exit code, 0 if that is not known."""
        raise NotImplementedError

    async def end_session(self, saved: SavedRun) -> None:
        """Ends all that runs of the session or its launch; harmless if nothing does."""
        raise NotImplementedError

    async def end_unseen(self, saved: SavedRun) -> Reason:
        """How a session ended while no hub was there, as far as can be told."""
        sentence = f"{saved.front_end} ended while JupyterHub was not there to watch it."
        return Reason(code="session_lost", sentence=sentence, remedies=(RETRY, SHOW_LOG))

    def reason_of(self, error: BaseException) -> Reason:
        """Why a launch failed on an error that no step explained."""
        return Reason(
            code="launch_broken",
            sentence=f"The launch broke on an unexpected {type(error).__name__}.",
            hint="JupyterHub's log has the details.",
            remedies=(RETRY,),
            detail=str(error),
        )

    async def start(self) -> Address:
        """Launches the run; returns where the session answers.

        Raises:
            SpawnException: the run is not to be launched here, its launch failed, or it was cancelled.
        """
        api = SojournApi(self.sojourn_url, self.sojourn_token)
        spec = await admission.admitted_spec(api, self.user_options, person=self.user.name, server=self.name)
        session = self._session = self._new_session(spec, api)
        self.save_state()
        return await self._carry_out(Launch(spec, session.reporter), session, api)

    async def _carry_out(self, launch: Launch, session: Session, api: SojournApi) -> Address:
        """Brings the session up and begins to watch it.

        Raises:
            SpawnException: the launch failed, or was cancelled.
        """
        try:
            address = await self._race(launch, session, api)
        except LaunchFailedError as failure:
            await self._abandon(session, failure.reason)
            raise SpawnException(failure.reason.sentence, reason=failure.reason.code) from failure
        except LaunchUnwantedError as unwanted:
            await self._abandon(session, None)
            raise SpawnException("The launch was cancelled.", reason="cancelled") from unwanted
        except asyncio.CancelledError:
            # The hub's doing: its limit for the whole launch, or its own end.
            await self._abandon(session, self._interrupted())
            raise
        except Exception as error:
            await self._abandon(session, self.reason_of(error))
            raise
        session.watch = asyncio.create_task(self._watch(session), name=f"watch of run {launch.spec.run}")
        return address

    def _new_session(self, spec: LaunchSpec, api: SojournApi) -> Session:
        saved = SavedRun(
            run=spec.run,
            attempt=spec.attempt,
            front_end=spec.environment.front_end,
            work=spec.work,
            url=self.server.base_url,
            phase="launching",
        )
        return Session(saved, Reporter(api, run=spec.run, attempt=spec.attempt, log=self.log))

    async def _race(self, launch: Launch, session: Session, api: SojournApi) -> Address:
        """Runs the launch to its end, or until the person wants something else."""
        steps = asyncio.create_task(self._steps(launch, session))
        other_wish = asyncio.create_task(_other_wish(launch.spec.run, api))
        try:
            await asyncio.wait({steps, other_wish}, return_when=asyncio.FIRST_COMPLETED)
            if not steps.done():
                raise LaunchUnwantedError
            return steps.result()
        finally:
            for task in (steps, other_wish):
                task.cancel()
            await asyncio.gather(steps, other_wish, return_exceptions=True)

    async def _steps(self, launch: Launch, session: Session) -> Address:
        launch.reporter.stage(QUEUED, "done")
        return await self.bring_up(launch, session)

    async def until_ready(self, session: Session, address: Address) -> None:
        """Races the first answer against the program's end and the time limit.

        Raises:
            LaunchFailedError: it ended, or took too long.
        """
        answer = asyncio.create_task(until_it_answers(*address, f"{session.saved.url}api"))
        end = asyncio.create_task(self.session_end(session.saved, session.reporter))
        try:
            async with asyncio.timeout(self.answer_timeout):
                await asyncio.wait({answer, end}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError as timeout:
            raise LaunchFailedError(too_slow(session.saved, self.answer_timeout)) from timeout
        finally:
            answer.cancel()
            end.cancel()
            await asyncio.gather(answer, end, return_exceptions=True)
        if not end.cancelled():
            raise LaunchFailedError(end.result().reason)

    async def _abandon(self, session: Session, reason: Reason | None) -> None:
        """Ends what a launch started: the hub calls no `stop` for what `poll` says is gone.

        The state stays until the hub clears it, so that a hub that stops before the report is delivered
        leaves it to the next one.
        """
        await self.end_session(session.saved)
        session.reporter.ended(reason)

    def _interrupted(self) -> Reason:
        return Reason(
            code="launch_interrupted",
            sentence=f"JupyterHub ended the launch: it stopped, or {self.start_timeout} s had passed.",
            remedies=(RETRY,),
        )

    async def _watch(self, session: Session) -> None:
        """Reports that the session is ready, then waits for its end."""
        end = asyncio.create_task(self.session_end(session.saved, session.reporter))
        routed = asyncio.create_task(session.routed.wait())
        try:
            await asyncio.wait({end, routed}, return_when=asyncio.FIRST_COMPLETED)
            if routed.done():
                self._report_ready(session)
            ending = await end
        finally:
            routed.cancel()
            end.cancel()
        await self.end_session(session.saved)
        orderly = ending.orderly and session.routed.is_set()
        session.reporter.ended(None if orderly else ending.reason)
        # The hub cannot take a server away that it is still adding.
        while self.pending:  # noqa: ASYNC110 - the hub has no event for it
            await asyncio.sleep(_SETTLING_PAUSE)
        await self.poll_and_notify()

    def _report_ready(self, session: Session) -> None:
        """Says so after a hub restart too: the hub may have been killed before the API had heard it."""
        if session.saved.phase == "launching":
            if session.is_adopted:
                session.reporter.stage(STARTING, "done")
            session.reporter.stage(READY, "done")
            session.saved = session.saved.model_copy(update={"phase": "running"})
            self.save_state()
        # Where people have hosts of their own, the hub says which.
        host = self.user.host if self.user.settings.get("subdomain_host") else ""
        session.reporter.ready(f"{host}{session.saved.url}")

    def add_poll_callback(self, callback: Any, *args: Any, **kwargs: Any) -> None:
        """Called by the hub once the session's route stands (`spawn_single_user`, `init_spawners`)."""
        super().add_poll_callback(callback, *args, **kwargs)
        if self._session is not None:
            self._session.routed.set()

    async def stop(self, now: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the hub's signature
        """Ends the session because it was asked for, or because the hub could not reach it."""
        session = self._session
        if session is None:
            return
        if session.watch is not None:
            session.watch.cancel()
        await self.end_session(session.saved)
        session.reporter.ended(None if session.routed.is_set() else _unreachable(session.saved))

    async def poll(self) -> int | None:
        """None while the session runs, else its exit code; the first look after a hub restart adopts it."""
        if self._session is not None:
            return await self.session_status(self._session.saved)
        if self._saved is None:
            return 0
        status = await self.session_status(self._saved)
        await self._adopt(self._saved, runs=status is None)
        return status

    async def _adopt(self, saved: SavedRun, *, runs: bool) -> None:
        api = SojournApi(self.sojourn_url, self.sojourn_token)
        reporter = Reporter(api, run=saved.run, attempt=saved.attempt, log=self.log)
        session = Session(saved, reporter, is_adopted=True)
        self._session = session
        if runs:
            if saved.phase == "running":
                session.routed.set()
            session.watch = asyncio.create_task(self._watch(session), name=f"watch of run {saved.run}")
            return
        reason = await self.end_unseen(saved)
        await self.end_session(saved)
        if saved.phase == "running":
            session.reporter.ended(reason)
        # A launch that died with its hub is still wanted: the API finds no server and asks for it again.

    def get_env(self) -> dict[str, str]:
        """What the hub tells a single-user server, and how often that is to tell of activity."""
        return {**super().get_env(), "JUPYTERHUB_ACTIVITY_INTERVAL": str(self.activity_seconds)}

    def save_state(self) -> None:
        """Puts the state into the hub's database now: the hub itself does so only after a start."""
        self.orm_spawner.state = self.get_state()
        session = object_session(self.orm_spawner)
        if session is not None:
            session.commit()

    def get_state(self) -> dict[str, Any]:
        """What the hub keeps of this session."""
        state: dict[str, Any] = super().get_state()
        saved = self._session.saved if self._session is not None else self._saved
        if saved is not None:
            state[_STATE] = saved.model_dump()
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Takes over what an earlier hub kept."""
        super().load_state(state)
        if _STATE in state:
            try:
                self._saved = SavedRun.model_validate(state[_STATE])
            except ValidationError:
                # To the hub the session is gone then, which is better than a hub that does not start.
                self.log.exception("What an earlier hub kept of %s is not understood", self._log_name)

    def clear_state(self) -> None:
        """Forgets the session; what is still to be reported of it is delivered all the same."""
        super().clear_state()
        self._session = self._saved = None


async def _other_wish(run: str, api: SojournApi) -> None:
    """Returns when the person wants something else than that the run runs."""
    while True:
        try:
            if (await api.wish(run)).wish != "run":
                return
        except ApiUnavailableError:
            await asyncio.sleep(_WISH_PAUSE)
        except ApiRefusalError:
            # The run is gone or over: nobody wants it.
            return


def too_slow(saved: SavedRun, seconds: float) -> Reason:
    """Why a session that runs but does not answer is given up."""
    return Reason(
        code="start_timeout",
        sentence=f"{saved.front_end} did not answer within {seconds:.0f} s after it started.",
        remedies=(RETRY, SHOW_LOG),
    )


def _unreachable(saved: SavedRun) -> Reason:
    return Reason(
        code="session_unreachable",
        sentence=f"{saved.front_end} ran, but JupyterHub could not open the way to it.",
        hint="JupyterHub's log has the details.",
        remedies=(RETRY,),
    )
