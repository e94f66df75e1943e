"""A PostgreSQL server that lives as long as the tests: made in a temporary folder, gone afterwards.

Fixtures: `postgres_url`, a database that all tests of a run share, and `fresh_postgres_url`, an empty one of
a test's own. Both skip, and say why, where PostgreSQL's programs are not installed.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

_NEWEST_FIRST = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}
_numbers = itertools.count(1)


def programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are; Debian keeps them out of PATH."""
    in_path = shutil.which("initdb")
    if in_path:
        return Path(in_path).resolve().parent
    return next((path for path in _NEWEST_FIRST if (path / "initdb").exists()), None)


class Postgres:
    """A server reached by a socket in its own folder. It refuses to be root; then it gets another user."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)

    def __enter__(self) -> Self:
        try:
            self._run(
                "initdb",
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            )
            options = " ".join(f"-c {name}={value or repr('')}" for name, value in _SETTINGS.items())
            log = str(self._folder / "log")
            self._run(
                "pg_ctl",
                "start",
                "--wait",
                "--silent",
                "--log",
                log,
                "--options",
                f"{options} -k {self._folder}",
            )
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """Makes an empty database; returns its SQLAlchemy URL."""
        name = f"test{next(_numbers)}"
        self._command("createdb", "--host", str(self._folder), "--username=postgres", name)
        return f"postgresql+asyncpg://postgres@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        self._command(program, "--pgdata", str(self._folder / "data"), *arguments)

    def _command(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        command = [str(self._binaries / program), *arguments]
        done = subprocess.run(
            command,
            user=self._user,
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with Postgres(binaries) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture
def fresh_postgres_url(postgres: Postgres) -> str:
    return postgres.new_database()
