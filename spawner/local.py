"""Sessions as processes of the computer that the hub runs on."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import getpass
import os
import sys
import time
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner
from jupyterhub.utils import random_port
from traitlets import Float, Unicode, default

from spawner import fast_start, repositories, storages
from spawner.endings import ending
from spawner.environments import EnvironmentBuildError, ensure
from spawner.failures import LaunchFailedError, disk_full, means_no_space
from spawner.folders import Folders, ServerRecord
from spawner.launch import Ending, Launch, Outcome
from spawner.mixin import Address, SessionSpawnerMixin
from spawner.processes import (
    RUN_VARIABLE,
    HeldProcess,
    ProcessRecord,
    end_record,
    wait_for_end,
)
from spawner.reasons import RETRY, Reason, Remedy
from spawner.reporter import Reporter
from spawner.saved import SavedRun
from spawner.spec import EnvironmentSpec, LaunchSpec, RepositorySpec, ResourcesSpec, StorageSpec
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
_OURS = ("JUPYTERHUB_", "JPY_", "SOJOURN_")


class LocalSessionSpawner(SessionSpawnerMixin, SimpleLocalProcessSpawner):
    """One person's session as a process in an OS session of its own, which outlives the hub."""

    data_dir = Unicode(help="The data folder; holds /work of every session, and a folder for each run.").tag(
        config=True
    )
    cache_dir = Unicode(help="Where environments are built and kept.").tag(config=True)
    stop_grace = Float(10.0, help="Seconds a session may take to end in order.").tag(config=True)

    _process: asyncio.subprocess.Process | None = None
    _tail: Tail | None = None
    _venv: Path | None = None

    @default("env_keep")
    def _env_keep(self) -> list[str]:
        return list(_PASSED_ON)

    @property
    def _folders(self) -> Folders:
        return Folders(Path(self.data_dir))

    async def open_work(self, launch: Launch, saved: SavedRun) -> None:
        """Makes the work folder, and ends what an earlier hub left of the same run."""
        folders, spec = self._folders, launch.spec
        await self.end_session(saved)
        work = folders.open_work(spec.work)
        folders.remember(spec.person, spec.server, ServerRecord(work=spec.work, run=spec.run))
        await asyncio.to_thread(repositories.remove_unfinished, work)

    async def prepare_environment(self, environment: EnvironmentSpec, launch: Launch) -> Outcome:
        """Builds the environment's virtual environment, or finds it built."""
        lines: list[str] = []
        log = launch.logger("build")

        def say(line: str) -> None:
            lines.append(line)
            log(line)

        try:
            self._venv = await ensure(environment, Path(self.cache_dir), say)
        except EnvironmentBuildError as error:
            raise LaunchFailedError(error.reason) from error
        return Outcome(detail="" if lines else "built before")

    async def clone(self, repository: RepositorySpec, launch: Launch) -> Outcome:
        """Clones into the work folder."""
        log = launch.logger("clone")
        return await repositories.clone(
            repository, self._folders.work(launch.spec.work), lambda line: log(f"{repository.folder}: {line}")
        )

    async def mount(self, storage: StorageSpec, launch: Launch) -> Outcome:
        """Links into the work folder."""
        return storages.mount(storage, self._folders.work(launch.spec.work))

    async def start_session(self, launch: Launch) -> Address:
        """Starts the program, which does nothing before its record is on disk."""
        spec = launch.spec
        run_folder = self._folders.run(spec.run)
        log = run_folder / _LOG
        self.ip, self.port = _HOST, random_port()
        self._tail = Tail(log)
        self._tail.skip_to_end()
        held = await HeldProcess.start(
            self._command(spec.environment),
            run=spec.run,
            folder=self._folders.work(spec.work),
            environment=self._environment(launch, run_folder),
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

    def _command(self, environment: EnvironmentSpec) -> list[str]:
        venv = self._venv
        program = environment.command[0]
        if venv is None or not (venv / "bin" / program).exists():
            raise LaunchFailedError(
                Reason(
                    code="program_missing",
                    sentence=f"{environment.name} version {environment.version} has no program `{program}`.",
                    hint="The requirements of the environment do not install it.",
                    remedies=(Remedy(action="choose_environment", label="Choose another environment"), RETRY),
                )
            )
        command = fast_start.command(venv, environment.command)
        if program == "jupyterhub-singleuser" and os.geteuid() == 0:
            # Jupyter Server refuses to run as root without being told that it is meant.
            command.append("--allow-root")
        return command

    def _environment(self, launch: Launch, run_folder: Path) -> dict[str, str]:
        """Environment variables; none of the configuration's changes what is the hub's."""
        spec = launch.spec
        ours = self._our_variables(spec, run_folder)
        taken = sorted(name for name in spec.variables if name in ours or name.startswith(_OURS))
        if taken:
            launch.logger("sojourn")(f"Variables that Sojourn sets itself are left out: {', '.join(taken)}")
        return {name: value for name, value in spec.variables.items() if name not in taken} | ours

    def _our_variables(self, spec: LaunchSpec, run_folder: Path) -> dict[str, str]:
        work, venv = self._folders.work(spec.work), self._venv
        return {
            **self.get_env(),
            **_limits(spec.resources),
            RUN_VARIABLE: spec.run,
            "WORK_DIR": str(work),
            "VIRTUAL_ENV": str(venv),
            "PATH": _path(Path(str(venv))),
            "JUPYTERHUB_ROOT_DIR": str(work),
            "JUPYTERHUB_DEFAULT_URL": spec.environment.default_url,
            # Connection files with their keys stay with the run instead of with the person.
            "JUPYTER_RUNTIME_DIR": str(run_folder / "runtime"),
        }

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """The person is who runs the hub."""
        return env | {
            "HOME": str(Path.home()),
            "USER": getpass.getuser(),
            "SHELL": os.environ.get("SHELL", "/bin/sh"),
        }

    async def session_end(self, saved: SavedRun, reporter: Reporter) -> Ending:
        """Tails the log until the process has ended."""
        folders = self._folders
        run_folder = folders.run(saved.run)
        record = ProcessRecord.read(ProcessRecord.path(run_folder))
        tail = self._tail = self._tail or Tail(run_folder / _LOG)
        follow = asyncio.create_task(tail.follow(reporter))
        try:
            status = await self._exit(record)
        finally:
            follow.cancel()
        tail.pass_on(reporter, is_last=True)
        return ending(
            saved.front_end,
            status,
            seconds=time.time() - record.created if record else 0.0,
            last_lines=tail.last_lines(_LAST_LINES),
            work=folders.work_root,
        )

    async def _exit(self, record: ProcessRecord | None) -> int | None:
        """Waits for the end; an adopted process is nobody's child here and has no exit code."""
        if self._process is not None:
            return await self._process.wait()
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
        """Ends the process, its kernels and terminals, and takes its record away."""
        run_folder = self._folders.run(saved.run)
        record = ProcessRecord.read(ProcessRecord.path(run_folder))
        if record is not None:
            await end_record(record, self.stop_grace)
            record.remove(run_folder)

    async def delete_forever(self) -> None:
        """Deletes /work of this server, also when the hub has forgotten what it was."""
        folders = self._folders
        record = folders.remembered(self.user.name, self.name)
        if record is None:
            return
        run_folder = folders.run(record.run)
        process = ProcessRecord.read(ProcessRecord.path(run_folder))
        if process is not None:
            await end_record(process, self.stop_grace)
            process.remove(run_folder)
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
        self._process = self._tail = None


def _limits(resources: ResourcesSpec) -> dict[str, str]:
    """What programs can know of the limits (JupyterHub's names for them); nothing here enforces them."""
    limits = {}
    if resources.cpus is not None:
        limits["CPU_LIMIT"] = str(resources.cpus)
    if resources.memory_gib is not None:
        limits["MEM_LIMIT"] = str(round(resources.memory_gib * 2**30))
    return limits


def _path(venv: Path) -> str:
    """The environment's programs before the computer's; those of Sojourn itself are not among them."""
    ours = str(Path(sys.executable).parent)
    inherited = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join([str(venv / "bin"), *(part for part in inherited if part != ours)])
