"""A session's program from an image: a container, and what it needs before it to be reached."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyterhub.utils import random_port

from spawner import in_session, local_gate, local_secrets, storages
from spawner.containers import arguments, relay, users, variables
from spawner.containers.arguments import Bind
from spawner.containers.engine import Engine, EngineError, environment
from spawner.containers.pulling import pull
from spawner.containers.records import ContainerRecord, names_of
from spawner.failures import LaunchFailedError
from spawner.images import qualified
from spawner.launch import Launch
from spawner.local_program import Command, Places
from spawner.outcome import Outcome
from spawner.pod import names
from spawner.pod.marks import Marks
from spawner.processes import RUN_VARIABLE
from spawner.reasons import RETRY, SHOW_LOG, Reason, Remedy
from spawner.spec import PULLING, GateSpec, RunSecrets, StorageSpec

_RELAY_SECONDS = 15.0


@dataclass(frozen=True)
class Installation:
    """What all launches of images on this computer share.

    Attributes:
        engine: what runs them.
        name: what labels say of whose Sojourn they are, one of its own on this computer.
        relay: the program of Traefik.
        insecure: hosts whose registries are spoken to over http.
    """

    engine: Engine
    name: str
    relay: Path
    insecure: tuple[str, ...]


class ImageProgram:
    """The program of one launch."""

    stage = PULLING

    def __init__(self, launch: Launch, places: Places, installation: Installation) -> None:
        self._launch = launch
        self._places = places
        self._installation = installation
        self._engine = installation.engine
        self._version = launch.spec.environment
        self._image = qualified(self._version.image or "")
        self._marks = Marks(launch.spec, installation.name)
        self._user = users.of(self._version, self._engine)
        self._mounted: list[Bind] = []

    async def prepare(self, secrets: RunSecrets) -> Outcome:
        """Pulls the image, or finds it there."""
        if self._version.uid == 0:
            raise LaunchFailedError(_as_root(f"{self._version.name} version {self._version.version}"))
        log, wanted = self._launch.logger("pull"), self._launch.spec.registry
        if wanted is not None and secrets.registry is None:
            log(f"The registry login for {wanted} is gone; the image is pulled without one.")
        return await pull(
            self._engine, self._image, secrets.registry, insecure=self._installation.insecure, log=log
        )

    def mount(self, storage: StorageSpec) -> Outcome:
        """Makes room for it in /work; the container mounts it there."""
        source, outcome = storages.make_room(storage, self._places.work)
        if source is not None:
            target = f"{names.WORK_FOLDER}/{storage.folder}"
            self._mounted.append(Bind(source, target, read_only=storage.read_only))
        return outcome

    async def command(self, hub: Mapping[str, str], port: int, secrets: RunSecrets) -> Command:
        """Makes the container and what has to be before it; the command starts it and stays with it."""
        spec, run_folder = self._launch.spec, self._places.run
        name, relay_name = names_of(spec.run, spec.attempt)
        gate = self._version.gate
        kept = (name,) if gate is None else (name, relay_name)
        self._record(kept).write(run_folder)
        binds = await self._binds(secrets)
        try:
            beside, process = None, None
            if gate is not None:
                beside = relay_name
                process = await self._gate(gate, relay_name, hub=hub, port=port)
            await self._create(name, beside, binds, variables.of_session(self._launch, secrets, hub))
        except EngineError as error:
            raise LaunchFailedError(self._not_made(error)) from error
        starting = (self._engine.command, "start", "--attach", name)
        return Command(starting, run_folder, environment(**{RUN_VARIABLE: spec.run}), process)

    def _record(self, kept: tuple[str, ...]) -> ContainerRecord:
        memory = self._launch.spec.resources.memory_gib if "memory" in self._engine.limits else None
        return ContainerRecord(engine=self._engine.command, image=self._image, memory_gib=memory, names=kept)

    async def _binds(self, secrets: RunSecrets) -> tuple[Bind, ...]:
        """What the program sees of this computer, given to whom it runs as."""
        spec, places = self._launch.spec, self._places
        local_secrets.write(places.run, spec, secrets)
        private = local_secrets.folders(places.run)
        if self._user.owner is not None:
            await asyncio.to_thread(users.give, (places.work, *private.values()), self._user.owner)
        jupyter = (Bind(in_session.FOLDER, names.JUPYTER_FOLDER, read_only=True),)
        targets = {"secrets": names.SECRETS_FOLDER, "git": names.GIT_FOLDER}
        return (
            Bind(places.work, names.WORK_FOLDER),
            *self._mounted,
            *(jupyter if self._version.gate is None else ()),
            *(Bind(folder, targets[what], read_only=True) for what, folder in private.items()),
        )

    async def _gate(
        self, gate: GateSpec, relay_name: str, *, hub: Mapping[str, str], port: int
    ) -> asyncio.subprocess.Process:
        """Starts the gate, and the relay by which it reaches the program."""
        published, run_folder = random_port(), self._places.run
        configuration = relay.write(run_folder, self._version.port)
        binds = (
            Bind(self._installation.relay, relay.PROGRAM, read_only=True),
            Bind(configuration, relay.SETTINGS, read_only=True),
        )
        asked = arguments.of_relay(
            self._version,
            name=relay_name,
            marks=self._marks,
            user=self._user,
            published=published,
            binds=binds,
        )
        await self._engine.ask("run", *asked)
        try:
            async with asyncio.timeout(_RELAY_SECONDS):
                await relay.until_it_relays(published)
        except TimeoutError as error:
            raise EngineError(f"port {published} of 127.0.0.1 does not lead into the container") from error
        return await local_gate.start(
            gate,
            run=self._launch.spec.run,
            run_folder=run_folder,
            hub={**hub, "JUPYTERHUB_DEFAULT_URL": self._version.default_url},
            port=port,
            program=published,
        )

    async def _create(
        self, name: str, beside: str | None, binds: tuple[Bind, ...], told: Mapping[str, str]
    ) -> None:
        limits, unkept = arguments.of_limits(self._launch.spec.resources, self._engine)
        if unkept:
            self._launch.logger("sojourn")(
                f"{self._engine.command} cannot limit {' and '.join(unkept)} on this computer."
            )
        with variables.written(told, self._places.run) as file:
            asked = arguments.of_program(
                self._version,
                name=name,
                marks=self._marks,
                beside=beside,
                user=self._user,
                variables=file,
                binds=binds,
                limits=limits,
            )
            await self._engine.ask("create", *asked)

    def _not_made(self, error: EngineError) -> Reason:
        said = str(error)
        return Reason(
            code="start_failed",
            sentence=f"{self._version.front_end} did not start: {self._engine.command} made no container.",
            hint=said.splitlines()[-1],
            remedies=(RETRY, SHOW_LOG),
            detail=said,
        )


def no_engine(name: str) -> Reason:
    """Why an image does not start on a computer without an engine."""
    return Reason(
        code="no_container_engine",
        sentence=f"{name} is an image, and this computer has neither podman nor docker that works.",
        hint="Install podman or docker, then start Sojourn again.",
        remedies=(Remedy(action="choose_environment", label="Choose another environment"), RETRY),
    )


def _as_root(named: str) -> Reason:
    return Reason(
        code="environment_runs_as_root",
        sentence=f"{named} runs as root, which no session may.",
        remedies=(Remedy(action="choose_environment", label="Choose another environment"), RETRY),
    )
