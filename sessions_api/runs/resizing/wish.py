"""Another size of a run, as its row keeps it, and what a look at its pod makes of that."""

# mypy: untyped-calls-exclude=kubernetes
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from sessions_api.cluster.client import Program
from sessions_api.kit import clock
from sessions_api.runs.tables import Run
from spawner.pod import quantities
from spawner.spec import LaunchSpec, ResourcesSpec

PATIENCE = timedelta(seconds=60)
"""How long a node may take; what it has no room for by then is taken back."""


class Resize(BaseModel):
    """Another size.

    Attributes:
        resource_class: the slug of the class that it is of; None: of none.
        class_id: that class.
        state: `wanted`; `undoing`: it cannot be, and the pod is given its old size again; `refused`: it is
            as it was, and `sentence` and `hint` say why.
    """

    cpus: float | None
    memory_gib: float | None
    resource_class: str | None
    class_id: str | None
    asked_at: datetime
    state: Literal["wanted", "undoing", "refused"] = "wanted"
    sentence: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Patch:
    """The pod is to be given this size."""

    limits: quantities.Amounts
    requests: quantities.Amounts


@dataclass(frozen=True, slots=True)
class Undo:
    """It cannot be, for this reason."""

    sentence: str
    hint: str


Step = Patch | Undo | Literal["done", "wait"]


def of(run: Run) -> Resize | None:
    """What is wished, or was refused, of a run."""
    return Resize.model_validate(run.resize) if run.resize else None


def keep(run: Run, resize: Resize | None) -> None:
    """Writes it into the row."""
    run.resize = None if resize is None else resize.model_dump(mode="json")


def frozen(run: Run) -> ResourcesSpec:
    """The size that the run has."""
    return LaunchSpec.model_validate(run.spec).resources


def forget(run: Run) -> None:
    """What ends, or comes back, has the size of its frozen spec, and takes no more of its pool."""
    if run.resize and run.spec:
        has = frozen(run)
        run.cpus, run.memory_gib = has.cpus, has.memory_gib
    run.resize = None


def step(run: Run, resize: Resize, program: Program) -> Step:
    """What is to be done about it, from the row and the pod; the pod was read before the row."""
    spec = LaunchSpec.model_validate(run.spec)
    wanted: Resize | ResourcesSpec = resize if resize.state == "wanted" else spec.resources
    limits, requests = quantities.resized(
        program.limits,
        program.requests,
        wanted_cpus=wanted.cpus,
        wanted_memory_gib=wanted.memory_gib,
        behind_gate=spec.environment.gate is not None,
    )
    if not (_same(limits, program.limits) and _same(requests, program.requests)):
        return Patch(limits, requests)
    if program.is_heard and not program.pending and _same(limits, program.actual or {}):
        return "done"
    if resize.state == "undoing":
        return "wait"
    # Without a word the node may be at it this moment.
    late = clock.now() - resize.asked_at > (PATIENCE if program.pending else 2 * PATIENCE)
    if program.is_heard and (program.pending == "Infeasible" or late):
        return _cannot(program)
    return "wait"


def _cannot(program: Program) -> Undo:
    match program.pending:
        case "Infeasible":
            sentence = "The session's node can never be that large for it, so it keeps the size it had."
            hint = "Restart it with the changes, which may find another node."
        case "Deferred":
            sentence = "The session's node has no room for that now, so it keeps the size it had."
            hint = "Try it again later, or restart it with the changes, which may find another node."
        case _:
            sentence = "The node did not change the size in time, so the session keeps the size it had."
            hint = "It may use more memory than it was to have. Free some, or restart it with the changes."
    return Undo(sentence, f"{hint} The cluster says: {program.said}" if program.said else hint)


def _same(one: quantities.Amounts, other: quantities.Amounts) -> bool:
    return all(
        name in one and name in other and _number(one[name]) == _number(other[name])
        for name in ("cpu", "memory")
        if name in one or name in other
    )


def _number(quantity: str) -> object:
    from kubernetes.utils.quantity import parse_quantity  # noqa: PLC0415 - takes long; a laptop has no cluster

    return parse_quantity(quantity)
