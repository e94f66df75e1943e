"""A session's program from packages: of a virtual environment that is built on this computer."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from jupyterhub.utils import random_port

from spawner import computer_programs, fast_start, in_session, local_gate, local_secrets, storages
from spawner.computer_programs import ComputerProgram
from spawner.environments import EnvironmentBuildError, ensure
from spawner.failures import LaunchFailedError
from spawner.launch import Launch
from spawner.local_program import Command, Places, given
from spawner.outcome import Outcome
from spawner.processes import RUN_VARIABLE
from spawner.reasons import RETRY, Reason, Remedy
from spawner.session_variables import HUB
from spawner.spec import ENVIRONMENT, EnvironmentSpec, ResourcesSpec, RunSecrets, StorageSpec

_HOST = "127.0.0.1"
_PORT = "$SOJOURN_PORT"


class PackagesProgram:
    """The program of one launch."""

    stage = ENVIRONMENT

    def __init__(self, launch: Launch, places: Places, cache: Path) -> None:
        self._launch = launch
        self._places = places
        self._cache = cache
        self._venv: Path | None = None

    async def prepare(self, secrets: RunSecrets) -> Outcome:  # noqa: ARG002 - packages are public
        """Builds the environment's virtual environment, or finds it built."""
        lines: list[str] = []
        log = self._launch.logger("build")

        def say(line: str) -> None:
            lines.append(line)
            log(line)

        try:
            self._venv = await ensure(self._launch.spec.environment, self._cache, say)
        except EnvironmentBuildError as error:
            raise LaunchFailedError(error.reason) from error
        return Outcome(detail="" if lines else "built before")

    def mount(self, storage: StorageSpec) -> Outcome:
        """Links it into /work."""
        return storages.link(storage, self._places.work)

    async def command(self, hub: Mapping[str, str], port: int, secrets: RunSecrets) -> Command:
        """The program of the virtual environment, or one of the computer's; the gate, if it needs one."""
        spec, run_folder = self._launch.spec, self._places.run
        ours = {**hub, **self._variables(), **local_secrets.write(run_folder, spec, secrets)}
        gate, told = None, {}
        if spec.environment.gate is not None:
            place = self._place()
            told = {
                "SOJOURN_SOCKET" if isinstance(place, Path) else "SOJOURN_PORT": str(place),
                "SOJOURN_PREFIX": hub.get("JUPYTERHUB_SERVICE_PREFIX", "/"),
            }
            # The gate alone speaks with the hub.
            ours = {name: value for name, value in ours.items() if not name.startswith(HUB)} | told
        arguments = self._arguments(told)
        if spec.environment.gate is not None:
            gate = await local_gate.start(
                spec.environment.gate,
                run=spec.run,
                run_folder=run_folder,
                hub={**hub, "JUPYTERHUB_DEFAULT_URL": spec.environment.default_url},
                port=port,
                program=place,
            )
        return Command(arguments, self._places.work, given(self._launch, secrets, ours) | ours, gate)

    def _place(self) -> int | Path:
        """Where the program listens for the gate: at its port or, one of the computer's, at a Unix socket."""
        version = self._launch.spec.environment
        if computer_programs.of(version) is None:
            if any(_PORT in line for line in (*version.command, *version.arguments)):
                return int(random_port())  # type: ignore[no-untyped-call]
            if _is_taken(version.port):
                raise LaunchFailedError(_port_taken(version))
            return version.port
        try:
            return computer_programs.socket(self._places.run)
        except computer_programs.PathTooLongError as error:
            raise LaunchFailedError(_too_long(version, error)) from error

    def _arguments(self, told: Mapping[str, str]) -> tuple[str, ...]:
        version, venv = self._launch.spec.environment, self._venv
        if (computers := computer_programs.of(version)) is not None:
            if shutil.which(computers.program) is None:
                raise LaunchFailedError(_gone(computers))
            return version.command
        program = version.command[0]
        if venv is None or not (venv / "bin" / program).exists():
            raise LaunchFailedError(
                Reason(
                    code="program_missing",
                    sentence=f"{version.name} version {version.version} has no program `{program}`.",
                    hint="The requirements of the environment do not install it.",
                    remedies=(Remedy(action="choose_environment", label="Choose another environment"), RETRY),
                )
            )
        command = [*fast_start.command(venv, version.command), *version.arguments]
        if program == "jupyterhub-singleuser" and os.geteuid() == 0:
            # Jupyter Server refuses to run as root without being told that it is meant.
            command.append("--allow-root")
        return tuple(_filled(part, told) for part in command)

    def _variables(self) -> dict[str, str]:
        spec, work, venv = self._launch.spec, self._places.work, self._venv
        return {
            # The person is who runs the hub.
            "HOME": str(Path.home()),
            "USER": getpass.getuser(),
            "SHELL": os.environ.get("SHELL", "/bin/sh"),
            **_limits(spec.resources),
            RUN_VARIABLE: spec.run,
            "WORK_DIR": str(work),
            "VIRTUAL_ENV": str(venv),
            "PATH": _path(Path(str(venv))),
            "JUPYTERHUB_ROOT_DIR": str(work),
            "JUPYTERHUB_DEFAULT_URL": spec.environment.default_url,
            # Connection files with their keys stay with the run instead of with the person.
            "JUPYTER_RUNTIME_DIR": str(self._places.run / "runtime"),
            in_session.VARIABLE: str(in_session.FOLDER),
        }


def _filled(part: str, told: Mapping[str, str]) -> str:
    """A part of a command with what only the launch knows: `$SOJOURN_PORT` and `$SOJOURN_PREFIX`."""
    for name, value in told.items():
        part = part.replace(f"${name}", value)
    return part


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return True
    return False


def _port_taken(version: EnvironmentSpec) -> Reason:
    return Reason(
        code="port_taken",
        sentence=f"Another program of this computer listens on port {version.port}, which"
        f" {version.front_end} needs.",
        hint=f"End that program, or write {_PORT} in the command of the environment's next version:"
        " each session gets a port of its own then.",
        remedies=(Remedy(action="choose_environment", label="Choose another environment"), RETRY),
    )


def _gone(wanted: ComputerProgram) -> Reason:
    return Reason(
        code="program_missing",
        sentence=f"{wanted.front_end.name} is not on this computer any more:"
        f" there is no `{wanted.program}` in PATH.",
        hint="Install it again, or choose another front end in the session's configuration.",
        remedies=(RETRY,),
    )


def _too_long(version: EnvironmentSpec, error: OSError) -> Reason:
    return Reason(
        code="start_failed",
        sentence=f"{version.front_end} did not start: the path of Sojourn's data folder is too long for it.",
        hint="Start Sojourn with a data folder whose path is shorter (`sojourn up --data FOLDER`).",
        remedies=(RETRY,),
        detail=str(error),
    )


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
