"""Which containers of this computer a run has: written down before they are made, for whoever comes later."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from spawner.containers import engine
from spawner.containers.engine import Command, Engine, EngineError
from spawner.part import Part
from spawner.pod import labels
from spawner.pod.names import label

RECORD = "container.json"
_STATE = "{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.StartedAt}}"
_NEVER = "0001-"
"""How the time begins at which nothing has happened (Go's zero time)."""


def names_of(run: str, attempt: int) -> tuple[str, str]:
    """Names of the program's container and of the one that it may need, as they sort."""
    name = f"sojourn-{label(run)}-{attempt}"
    return name, f"{name}-relay"


class ContainerRecord(Part):
    """The containers of a run.

    Attributes:
        image: of the program.
        memory_gib: what the engine keeps it within; None: nothing.
        engine: what holds them.
        names: in the order in which they can be removed, the program's own first.
    """

    engine: Command
    image: str
    memory_gib: float | None
    names: tuple[str, ...]

    @classmethod
    def read(cls, run_folder: Path) -> ContainerRecord | None:
        """The record in a run's folder; None if there is none or it cannot be read."""
        try:
            return cls.model_validate_json((run_folder / RECORD).read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, run_folder: Path) -> None:
        """Puts the record into the run's folder, whole or not at all.

        Raises:
            OSError: the disk does not take it.
        """
        beside = run_folder / f".{RECORD}"
        beside.write_text(self.model_dump_json())
        beside.replace(run_folder / RECORD)


class End(Part):
    """How a container ended.

    Attributes:
        began: whether its program ever ran; if not, `status` says nothing.
        out_of_memory: the kernel ended it because it wanted more than its limit.
    """

    began: bool
    status: int
    out_of_memory: bool


async def end_of(record: ContainerRecord) -> End | None:
    """How the program ended; None: nobody knows."""
    try:
        said = await engine.ask(record.engine, "inspect", "--format", _STATE, record.names[0])
    except EngineError:
        return None
    status, out_of_memory, started, *_ = said.split()
    return End(
        began=not started.startswith(_NEVER), status=int(status), out_of_memory=out_of_memory == "true"
    )


async def remove(record: ContainerRecord, run_folder: Path, grace: float) -> None:
    """Ends and removes these containers, and takes the record away, if the folder still holds this one.

    Raises:
        EngineError: the engine does not do it; the record stays for the next who tries.
    """
    await engine.remove(record.engine, record.names, grace)
    if ContainerRecord.read(run_folder) == record:
        (run_folder / RECORD).unlink(missing_ok=True)


async def runs_of(engine: Engine, installation: str) -> dict[str, list[str]]:
    """Names of all containers that carry an installation's label, by run, whatever is written down.

    They are in the order in which they can be removed.

    Raises:
        EngineError: the engine does not say.
    """
    ours = f"label={labels.INSTALLATION}={label(installation)}"
    found = (await engine.ask("ps", "--all", "--quiet", "--no-trunc", "--filter", ours)).split()
    if not found:
        return {}
    form = f'{{{{.Name}}}} {{{{index .Config.Labels "{labels.RUN}"}}}}'
    runs: dict[str, list[str]] = {}
    for line in sorted((await engine.ask("inspect", "--format", form, *found)).splitlines()):
        name, _, run = line.removeprefix("/").partition(" ")
        runs.setdefault(run, []).append(name)
    return runs
