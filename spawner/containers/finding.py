"""Which container engine this computer has."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any, Literal, NamedTuple

from spawner.containers.engine import Command, Engine, EngineError, Limit, ask

Choice = Literal["auto", "podman", "docker", "none"]

_SECONDS = 15.0


class Found(NamedTuple):
    """What was found.

    Attributes:
        engine: None: there is none, or none that works.
        sentence: which one, or why none.
    """

    engine: Engine | None
    sentence: str


async def find(choice: Choice) -> Found:
    """The engine to use, podman before docker; `choice` names the only one that may be taken."""
    if choice == "none":
        return Found(None, "Images do not run here: $SOJOURN_ENGINE says none.")
    if sys.platform != "linux":
        return Found(None, "Images do not run here: that needs Linux.")
    wanted: tuple[Command, ...] = ("podman", "docker") if choice == "auto" else (choice,)
    troubles = []
    for command in wanted:
        if shutil.which(command) is None:
            troubles.append(f"{command} is not installed")
            continue
        try:
            engine = await (_podman() if command == "podman" else _docker())
        except EngineError as error:
            troubles.append(f"{command} does not answer ({str(error).splitlines()[-1]})")
        else:
            how = " as you" if engine.rootless else ""
            return Found(engine, f"Images run with {command} {engine.version}{how}.")
    return Found(None, f"Images do not run here: {', '.join(troubles)}.")


async def _podman() -> Engine:
    known = await _facts("podman", "json")
    host = known["host"]
    limits = _limits(cpu="cpu" in host["cgroupControllers"], memory="memory" in host["cgroupControllers"])
    return Engine(
        command="podman",
        version=known["version"]["Version"],
        rootless=host["security"]["rootless"],
        limits=limits,
    )


async def _docker() -> Engine:
    known = await _facts("docker", "{{json .}}")
    if not known.get("ServerVersion"):
        raise EngineError("\n".join(known.get("ServerErrors") or ["its daemon does not answer"]))
    if any("rootless" in option for option in known.get("SecurityOptions") or ()):
        raise EngineError("it is rootless, which Sojourn uses podman for")
    limits = _limits(cpu=known.get("CpuCfsQuota", False), memory=known.get("MemoryLimit", False))
    return Engine(command="docker", version=known["ServerVersion"], rootless=False, limits=limits)


async def _facts(command: Command, form: str) -> dict[str, Any]:
    said = await ask(command, "info", "--format", form, seconds=_SECONDS)
    try:
        facts: dict[str, Any] = json.loads(said)
    except ValueError as error:
        raise EngineError("what it says of itself is not understood") from error
    return facts


def _limits(*, cpu: bool, memory: bool) -> tuple[Limit, ...]:
    known: tuple[tuple[Limit, bool], ...] = (("cpu", cpu), ("memory", memory))
    return tuple(name for name, has in known if has)
