"""All that a run has on this computer, by its records, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spawner import local_gate, local_secrets, processes
from spawner.containers import records
from spawner.containers.engine import EngineError
from spawner.containers.records import ContainerRecord
from spawner.processes import ProcessRecord, end_record

RECORDS = (processes.RECORD, local_gate.RECORD, records.RECORD)
"""Where in a run's folder they are."""


@dataclass(frozen=True)
class Left:
    """What the folder of a run says, at one moment: what is started later is not ended with it.

    Attributes:
        run: the run's id.
        folder: its folder.
    """

    run: str
    folder: Path
    process: ProcessRecord | None
    gate: ProcessRecord | None
    container: ContainerRecord | None

    @classmethod
    def read(cls, folder: Path) -> Left:
        """What a run's folder says now."""
        return cls(
            run=folder.name,
            folder=folder,
            process=ProcessRecord.read(ProcessRecord.path(folder)),
            gate=local_gate.record(folder),
            container=ContainerRecord.read(folder),
        )

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.process or self.gate or self.container)

    async def end(self, grace: float) -> None:
        """Ends it whole, and forgets it; each part gets `grace` seconds to do so in order.

        Raises:
            EngineError: a container was not ended; the rest was, and its record stays for the next who tries.
        """
        trouble = None
        if self.container is not None:
            try:
                await records.remove(self.container, self.folder, grace)
            except EngineError as error:
                trouble = error
        if self.process is not None:
            await end_record(self.process, grace)
            self.process.remove(self.folder)
        if self.gate is not None:
            await end_record(self.gate, grace)
            self.gate.remove(self.folder, local_gate.RECORD)
        local_secrets.remove(self.folder)
        if trouble is not None:
            raise trouble
