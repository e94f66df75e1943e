"""What an engine is told of a session's containers: arguments of its command, none of them secret."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from spawner.containers import relay
from spawner.containers.engine import Engine
from spawner.containers.users import User
from spawner.images import qualified
from spawner.pod import names
from spawner.pod.marks import Marks
from spawner.spec import EnvironmentSpec, ResourcesSpec

_RESTRICTED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges")
_UNLABELLED = ("--security-opt", "label=disable")
"""SELinux keeps containers from folders that have no label for them; giving a person's folders one would
keep others from them."""
_UNLOGGED = ("--log-driver", "none")
"""What a program says goes to our log; the engine need not keep it twice."""


class Bind(NamedTuple):
    """A folder of this computer that a container sees."""

    source: Path
    target: str
    read_only: bool = False

    def argument(self) -> str:
        """As `--mount` reads it: fields of a CSV line, because paths may have commas and colons."""
        line = io.StringIO()
        fields = ["type=bind", f"source={self.source}", f"target={self.target}"]
        csv.writer(line, lineterminator="").writerow([*fields, *(("readonly",) if self.read_only else ())])
        return line.getvalue()


def of_program(
    version: EnvironmentSpec,
    *,
    name: str,
    marks: Marks,
    beside: str | None,
    user: User,
    variables: Path,
    binds: Iterable[Bind],
    limits: Iterable[str],
) -> tuple[str, ...]:
    """Arguments of `create` for the session's program.

    Args:
        version: what runs, and how.
        name: of the container.
        marks: whose it is.
        beside: the container whose network it shares; None: the computer's.
        user: whom it runs as.
        variables: the file with its environment variables.
        binds: what it sees of this computer.
        limits: what it may use (`of_limits`).
    """
    read_only = ("--read-only", "--tmpfs", names.TMP_FOLDER) if version.read_only_root else ()
    entry_point = ("--entrypoint", version.command[0]) if version.command else ()
    return (
        *_container(name, marks, user, beside),
        *("--network", f"container:{beside}" if beside else "host"),
        *("--workdir", version.working_folder),
        *("--env-file", str(variables)),
        *(argument for bind in binds for argument in ("--mount", bind.argument())),
        *limits,
        *read_only,
        *entry_point,
        qualified(version.image or ""),
        *version.command[1:],
        *version.arguments,
    )


def of_relay(
    version: EnvironmentSpec, *, name: str, marks: Marks, user: User, published: int, binds: Iterable[Bind]
) -> tuple[str, ...]:
    """Arguments of `run` for the relay before a program, in that program's own image.

    `published` is the port of 127.0.0.1 that leads to it.
    """
    return (
        "--detach",
        *_container(name, marks, user),
        *("--publish", f"127.0.0.1:{published}:{relay.port(version.port)}"),
        *(argument for bind in binds for argument in ("--mount", bind.argument())),
        "--read-only",
        *("--workdir", "/"),
        *("--entrypoint", relay.PROGRAM),
        qualified(version.image or ""),
        *relay.arguments(version.port),
    )


def of_limits(resources: ResourcesSpec, engine: Engine) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What keeps a session within its resources; second, the names of those that this engine cannot limit."""
    # Docker refuses more CPUs than there are.
    most = float(os.cpu_count() or 1)
    wanted: Mapping[str, tuple[str, str] | None] = {
        "cpu": None if resources.cpus is None else ("--cpus", str(min(resources.cpus, most))),
        "memory": None
        if resources.memory_gib is None
        else ("--memory", str(round(resources.memory_gib * 2**30))),
    }
    asked = {name: arguments for name, arguments in wanted.items() if arguments is not None}
    kept = tuple(part for name in engine.limits for part in asked.get(name, ()))
    return kept, tuple(name for name in asked if name not in engine.limits)


def _container(name: str, marks: Marks, user: User, beside: str | None = None) -> tuple[str, ...]:
    return (
        *("--name", name, "--pull", "never"),
        *(part for key, value in marks.of_run().items() for part in ("--label", f"{key}={value}")),
        *user.arguments(beside),
        *_RESTRICTED,
        *_UNLABELLED,
        *_UNLOGGED,
    )
