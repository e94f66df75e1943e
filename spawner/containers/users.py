"""Whom a container's program runs as, so that what it writes to /work is the person's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from spawner.containers.engine import Engine
from spawner.spec import EnvironmentSpec


class User(NamedTuple):
    """A user of a container.

    Attributes:
        named: uid and gid, as the container knows them.
        mapped: the user namespace that maps it to ours; None: the engine's usual one.
        owner: uid and gid on this computer that files have to be given to; None: they are its own.
    """

    named: str
    mapped: str | None
    owner: tuple[int, int] | None

    def arguments(self, beside: str | None) -> tuple[str, ...]:
        """What tells the engine; `beside` is the container whose network is shared.

        A network belongs to the user namespace that it was made in: who shares one shares the other.
        """
        namespace = f"container:{beside}" if self.mapped and beside else self.mapped
        return (*(("--userns", namespace) if namespace else ()), "--user", self.named)


def of(environment: EnvironmentSpec, engine: Engine) -> User:
    """The environment's user, as far as whoever runs Sojourn can let it write what is theirs.

    As root any user can be given the files. A rootless engine maps the environment's user to ours. A daemon
    that is root would write as the environment's user what nobody of us may delete: there it is ours.
    """
    uid, gid = environment.uid, environment.gid
    if os.geteuid() == 0:
        return User(f"{uid}:{gid}", None, (uid, gid))
    if engine.rootless:
        return User(f"{uid}:{gid}", f"keep-id:uid={uid},gid={gid}", None)
    return User(f"{os.getuid()}:{os.getgid()}", None, None)


def give(folders: Iterable[Path], owner: tuple[int, int]) -> None:
    """Gives folders and all that is in them to a user; where links lead to stays whose it is.

    Raises:
        OSError: the system does not allow it.
    """
    for folder in folders:
        _give(folder, owner)
        for parent, folders_in, files in os.walk(folder):
            for name in (*folders_in, *files):
                _give(Path(parent, name), owner)


def _give(path: Path, owner: tuple[int, int]) -> None:
    has = path.lstat()
    if (has.st_uid, has.st_gid) != owner:
        os.chown(path, *owner, follow_symlinks=False)
