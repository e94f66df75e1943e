"""Sessions as processes of the computer that the hub runs on."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from jupyterhub.utils import random_port
from traitlets import Dict, Float, List, Unicode, default

from spawner import handout, local_gate, repositories, usage
from spawner.api import SojournApi
from spawner.containers.ends import ending_of
from spawner.containers.engine import Engine, EngineError
from spawner.containers.program import ImageProgram, Installation, no_engine
from spawner.containers.records import ContainerRecord, end_of
from spawner.endings import ending
from spawner.failures import LaunchFailedError, disk_full, means_no_space
from spawner.folders import Folders, ServerRecord
from spawner.launch import Ending, Launch
from spawner.left import Left
from spawner.local_program import LocalProgram, Places
from spawner.mixin import Address, Session, SessionSpawnerMixin
from spawner.packages_program import PackagesProgram
from spawner.processes import HeldProcess, ProcessRecord, wait_for_end
from spawner.reasons import Reason
from spawner.reporter import Reporter
from spawner.saved import SavedRun
from spawner.spec import STARTING, RunSecrets, StorageSpec, mount_key
from spawner.tail import Tail

_HOST = "127.0.0.1"
_LOG = "session.log"
_LAST_LINES = 20
_PASSED_ON = (
    *("LANG", "LC_ALL", "LC_CTYPE", "TZ"),
    *("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
)
# A task that nobody holds may be collected before it has run to its end (asyncio.create_task).
_deletions: set[asyncio.Task[None]] = set()


class LocalSessionSpawner(SessionSpawnerMixin, SimpleLocalProcessSpawner):
    """One person's session as a process in an OS session of its own, which outlives the hub."""

    data_dir = Unicode(help="The data folder; holds /work of every session, and a folder for each run.").tag(
        config=True
    )
    cache_dir = Unicode(help="Where environments are built and kept.").tag(config=True)
    stop_grace = Float(10.0, help="Seconds a session may take to end in order.").tag(config=True)
    container_engine = Dict(
        help="What runs images (`spawner.containers.engine.Engine`); empty: nothing, and they are refused."
    ).tag(config=True)
    installation = Unicode(help="What labels of containers say, one of its own on this computer.").tag(
        config=True
    )
    relay_program = Unicode(help="The program of Traefik, which leads to programs behind the gate.").tag(
        config=True
    )
    insecure_registries = List(Unicode(), help="Hosts whose registries are spoken to over http.").tag(
        config=True
    )

    _process: asyncio.subprocess.Process | None = None
    _gate: asyncio.subprocess.Process | None = None
    _tail: Tail | None = None
    _gate_tail: Tail | None = None

    @default("env_keep")
    def _env_keep(self) -> list[str]:
        return list(_PASSED_ON)

    @property
    def _folders(self) -> Folders:
        return Folders(Path(self.data_dir))

    async def bring_up(self, launch: Launch, session: Session) -> Address:
        """Fills the work folder, starts the program, waits for its first answer."""
        program = self._program(launch)
        await self._open_work(launch, session.saved)
        secrets = await handout.secrets_of(SojournApi(self.sojourn_url, self.sojourn_token), launch.spec)
        await self._fill(launch, program, secrets)
        async with launch.stage(STARTING):
            address = await self._start_program(launch, program, secrets)
            await self.until_ready(session, address)
            return address

    def _program(self, launch: Launch) -> LocalProgram:
        """What the launch's environment is here.

        Raises:
            LaunchFailedError: it is an image, and nothing runs images here.
        """
        spec = launch.spec
        places = Places(work=self._folders.work(spec.work), run=self._folders.run(spec.run))
        if spec.environment.image is None:
            return PackagesProgram(launch, places, Path(self.cache_dir))
        if not self.container_engine:
            raise LaunchFailedError(no_engine(f"{spec.environment.name} version {spec.environment.version}"))
        installation = Installation(
            engine=Engine.model_validate(self.container_engine),
            name=self.installation,
            relay=Path(self.relay_program),
            insecure=tuple(self.insecure_registries),
        )
        return ImageProgram(launch, places, installation)

    async def _fill(self, launch: Launch, program: LocalProgram, secrets: RunSecrets) -> None:
        """Environment, repositories and storages, side by side; the first failure ends the others."""
        spec, work = launch.spec, self._folders.work(launch.spec.work)

        async def environment() -> None:
            async with launch.stage(program.stage) as stage:
                stage.take(await program.prepare(secrets))

        async def clones() -> None:
            await repositories.clone_all(launch, work, secrets.git)

        async def storage(one: StorageSpec) -> None:
            async with launch.stage(mount_key(one.folder)) as stage:
                stage.take(program.mount(one))

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(environment())
                group.create_task(clones())
                for place in spec.storages:
                    group.create_task(storage(place))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _open_work(self, launch: Launch, saved: SavedRun) -> None:
        """Makes the work folder, and ends what an earlier hub left of the same run."""
        folders, spec = self._folders, launch.spec
        await self.end_session(saved)
        work = folders.open_work(spec.work)
        folders.remember(spec.person, spec.server, ServerRecord(work=spec.work, run=spec.run))
        await asyncio.to_thread(repositories.remove_unfinished, work)

    async def _start_program(self, launch: Launch, program: LocalProgram, secrets: RunSecrets) -> Address:
        """Starts the program, which does nothing before its record is on disk."""
        spec = launch.spec
        run_folder = self._folders.run(spec.run)
        log = run_folder / _LOG
        self.ip, self.port = _HOST, random_port()
        self._tail = Tail(log)
        self._tail.skip_to_end()
        command = await program.command(self.get_env(), self.port, secrets)
        self._gate = command.gate
        held = await HeldProcess.start(
            command.arguments,
            run=spec.run,
            folder=command.folder,
            environment=command.environment,
            output=log,
        )
        self._process = held.process
        try:
            held.record.write(run_folder)
            # A hub that comes back after a crash finds the address there, also if this start never returned.
            self.server.ip, self.server.port = self.ip, self.port
            self.save_state()
        except BaseException:
            held.abandon()
            raise
        await held.release()
        return self.ip, self.port

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Who the person is to the program is the program's own business."""
        return env

    async def session_end(self, saved: SavedRun, reporter: Reporter) -> Ending:
        """Tails the log until the process has ended, or the gate before it."""
        run_folder = self._folders.run(saved.run)
        tail = self._tail = self._tail or Tail(run_folder / _LOG)
        tasks = [asyncio.create_task(self._exit(run_folder)), asyncio.create_task(tail.follow(reporter))]
        tails = [tail]
        if (gate := local_gate.record(run_folder)) is not None:
            self._gate_tail = self._gate_tail or local_gate.tail(run_folder)
            tails.append(self._gate_tail)
            tasks += [
                asyncio.create_task(wait_for_end(gate)),
                asyncio.create_task(self._gate_tail.follow(reporter)),
            ]
        program = tasks[0]
        meter = usage.Meter(run_folder, self._folders.work_root / saved.work)
        api = SojournApi(self.sojourn_url, self.sojourn_token)
        metering = asyncio.create_task(usage.report(api, saved.run, saved.attempt, meter))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, metering):
                task.cancel()
        for each in tails:
            each.pass_on(reporter, is_last=True)
        if not program.done():
            return Ending(local_gate.failed(run_folder, saved.front_end))
        return await self._ending(saved, program.result(), tail.last_lines(_LAST_LINES))

    async def _ending(self, saved: SavedRun, status: int | None, last_lines: str) -> Ending:
        run_folder = self._folders.run(saved.run)
        record = ProcessRecord.read(ProcessRecord.path(run_folder))
        seconds = time.time() - record.created if record else 0.0
        container = ContainerRecord.read(run_folder)
        told: dict[str, Any] = {
            "seconds": seconds,
            "last_lines": last_lines,
            "work": self._folders.work_root,
        }
        if container is not None and (end := await end_of(container)) is not None:
            return ending_of(end, saved.front_end, container, **told)
        return ending(saved.front_end, status, **told)

    async def _exit(self, run_folder: Path) -> int | None:
        """Waits for the end; an adopted process is nobody's child here and has no exit code."""
        if self._process is not None:
            return await self._process.wait()
        record = ProcessRecord.read(ProcessRecord.path(run_folder))
        if record is not None:
            await wait_for_end(record)
        return None

    async def session_status(self, saved: SavedRun) -> int | None:
        """Looks at the process that the record on disk names."""
        record = ProcessRecord.read(ProcessRecord.path(self._folders.run(saved.run)))
        if record is not None and record.is_alive():
            return None
        return (self._process.returncode if self._process else None) or 0

    async def end_session(self, saved: SavedRun) -> None:
        """Ends the program, its kernels and terminals, and takes its record away."""
        await self._end(saved.run)

    async def _end(self, run: str) -> None:
        """Ends all that a run has on this computer.

        The hub cannot do without its end: what the engine did not end, the sweep finds by its record.
        """
        try:
            await Left.read(self._folders.run(run)).end(self.stop_grace)
        except EngineError as error:
            self.log.warning("The container of run %s could not be removed: %s", run, error)

    async def delete_forever(self) -> None:
        """Deletes /work of this server, also when the hub has forgotten what it was."""
        folders = self._folders
        record = folders.remembered(self.user.name, self.name)
        if record is None:
            return
        await self._end(record.run)
        folders.discard_work(self.user.name, self.name)
        deletion = asyncio.create_task(self._delete_discarded())
        _deletions.add(deletion)
        deletion.add_done_callback(_deletions.discard)

    async def _delete_discarded(self) -> None:
        for left in await asyncio.to_thread(self._folders.delete_discarded):
            self.log.warning("%s could not be deleted, look whose the files in it are", left)

    def reason_of(self, error: BaseException) -> Reason:
        """A full disk is told as such wherever it is met."""
        if isinstance(error, OSError) and means_no_space(error):
            return disk_full(self._folders.work_root, str(error))
        return super().reason_of(error)

    def clear_state(self) -> None:
        """Forgets the process."""
        super().clear_state()
        self._process = self._gate = self._tail = self._gate_tail = None
