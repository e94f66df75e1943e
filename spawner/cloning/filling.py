"""Fills /work with repositories, on a laptop as in a pod.

The API looked at each address when it froze the launch. A clone looks the host up by itself: in a cluster the
network policy of session pods says where it may lead, a laptop's own repositories are its person's business.

A pod does this before anything else, so only what it takes is imported here: neither the models of the spec
nor the reasons for a failure (`spawner.clone_failures`).
"""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from spawner.cloning import large_files, submodules, upstream
from spawner.cloning.checkout import BranchMissingError, CommitMissingError, Source, check_out
from spawner.git import STALL_SECONDS, Git, GitFailedError, host
from spawner.git_logins import Login
from spawner.outcome import Outcome

CLONES_AT_ONCE = 3
_QUESTIONS_AT_ONCE = 3

_UNFINISHED = ".cloning-"


class Repository(Protocol):
    """A `RepositorySpec`, where these are explained, or what the cloning program reads in its place."""

    @property
    def url(self) -> str:
        """Where it is."""

    @property
    def ref(self) -> str:
        """What was asked for."""

    @property
    def commit(self) -> str:
        """What is checked out."""

    @property
    def branch(self) -> str | None:
        """The branch that is checked out at the commit, if it is one."""

    @property
    def folder(self) -> str:
        """What it becomes below /work."""

    @property
    def shallow(self) -> bool:
        """Whether it comes without its history."""

    @property
    def credential(self) -> str | None:
        """Which of the logins opens it; None: it is public."""


class Room(NamedTuple):
    """What a disk has, in bytes."""

    total: int
    free: int

    @classmethod
    def of(cls, folder: Path) -> Room:
        """The disk that a folder is on."""
        usage = shutil.disk_usage(folder)
        return cls(usage.total, usage.free)


class CloneFailedError(Exception):
    """A repository could not be cloned; `spawner.clone_failures` makes a reason of it.

    Attributes:
        error: what was raised.
        room: what the disk of `work` had when cloning began.
        login: what git could log in with.
    """

    def __init__(
        self, error: Exception, repository: Repository, work: Path, room: Room, login: Login | None
    ) -> None:
        super().__init__(f"{repository.folder}: {error}")
        self.error = error
        self.repository = repository
        self.work = work
        self.room = room
        self.login = login


async def fill(
    repositories: Iterable[Repository],
    work: Path,
    logins: Mapping[str, Login],
    *,
    stage: Callable[[str], AbstractAsyncContextManager[Outcome]],
    log: Callable[[str], None],
) -> None:
    """Clones a launch's repositories; the first failure ends the others.

    Those that are there already wait for no other, and together for no longer than one host may take to say
    what is new.

    Args:
        repositories: of the launch.
        work: the folder to fill.
        logins: by the `credential` of the repositories.
        stage: reports how it goes with the repository that becomes a folder.
        log: takes lines.

    Raises:
        CloneFailedError: see `clone`.
    """
    clones, questions = asyncio.Semaphore(CLONES_AT_ONCE), asyncio.Semaphore(_QUESTIONS_AT_ONCE)
    until = asyncio.get_running_loop().time() + upstream.SECONDS

    async def one(repository: Repository) -> None:
        folder = repository.folder
        login = logins.get(repository.credential) if repository.credential is not None else None
        if is_kept(repository, work):
            async with stage(folder) as outcome:
                outcome.take(await kept(repository, work, login=login, until=until, turn=questions))
            return
        async with clones, stage(folder) as outcome:
            outcome.take(await clone(repository, work, lambda line: log(f"{folder}: {line}"), login=login))

    try:
        async with asyncio.TaskGroup() as group:
            for repository in repositories:
                group.create_task(one(repository))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def remove_unfinished(work: Path) -> None:
    """Removes what clones left behind that were interrupted."""
    for half in work.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(half, ignore_errors=True)


def is_kept(repository: Repository, work: Path) -> bool:
    """Whether the repository's folder has one, of an earlier launch or the person's own."""
    return (work / repository.folder / ".git").exists()


async def kept(
    repository: Repository,
    work: Path,
    *,
    login: Login | None,
    until: float,
    turn: asyncio.Semaphore,
) -> Outcome:
    """Leaves a repository as it is and says what is new upstream, if its host says so before `until`."""
    detail = "kept as you left it"
    if repository.branch is None:
        return Outcome(detail=detail)
    git = Git(repository.url, _unheard, login=login)
    try:
        async with asyncio.timeout_at(until), turn:
            news = await upstream.news(repository.branch, work / repository.folder, git)
    except TimeoutError:
        news = f"{host(repository.url)} does not say what is new"
    except OSError as error:
        news = f"what is new upstream is not known: {error}"
    return Outcome(detail=f"{detail}; {news}" if news else detail)


async def clone(
    repository: Repository,
    work: Path,
    log: Callable[[str], None],
    *,
    login: Login | None = None,
    stall: float = STALL_SECONDS,
) -> Outcome:
    """Clones the repository at its frozen commit to `work/FOLDER`, which appears whole or not at all.

    What is already called FOLDER is the person's and is left as it is. `login` is what git logs in with where
    the host asks for it; `stall` is how many seconds git may be silent.

    Raises:
        CloneFailedError: it cannot be had.
    """
    target = work / repository.folder
    if target.is_symlink() or (target.exists() and not _is_empty_folder(target)):
        return Outcome(
            state="warn",
            detail=f"not cloned: /work has something else called {repository.folder}; rename it, start again",
        )
    unfinished = work / f"{_UNFINISHED}{repository.folder}-{uuid.uuid4().hex[:8]}"
    room = Room.of(work)
    try:
        outcome = await _clone_into(
            repository, unfinished, Git(repository.url, log, stall=stall, login=login)
        )
        unfinished.replace(target)
    except (BranchMissingError, CommitMissingError, GitFailedError, OSError) as error:
        raise CloneFailedError(error, repository, work, room, login) from error
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True))
    return outcome


async def _clone_into(repository: Repository, folder: Path, git: Git) -> Outcome:
    source = Source(repository.url, repository.commit, repository.branch, repository.shallow)
    note = await check_out(source, folder, git)
    missing = [
        await large_files.fetch(folder, git),
        *await submodules.clone_all(folder, git, shallow=repository.shallow),
    ]
    words = [_what(repository) + note, *filter(None, missing)]
    return Outcome(state="warn" if any(missing) else "done", detail="; ".join(words))


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and next(path.iterdir(), None) is None


def _what(repository: Repository) -> str:
    if repository.branch is None and repository.commit.startswith(repository.ref):
        return f"at {repository.commit[:12]}"
    return f"{repository.ref} at {repository.commit[:12]}"


def _unheard(_line: str) -> None:
    """What git says of a question is nobody's news."""
