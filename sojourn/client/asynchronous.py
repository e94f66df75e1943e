"""The client for asyncio: the shape of `sojourn.client.sync`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from sojourn.client import transport
from sojourn.client.administration_async import Audit, Overview, ResourceClasses, ResourcePools
from sojourn.client.audit_calls import AuditCalls
from sojourn.client.calls import (
    ClientCalls,
    MemberCalls,
    ProjectCalls,
    RepositoryCalls,
    StorageCalls,
)
from sojourn.client.checks import CheckEvent, CheckStep, broken_off
from sojourn.client.environment_calls import CheckLogin, EnvironmentCalls
from sojourn.client.errors import SojournError
from sojourn.client.events import Event, Position, may_settle, run_id
from sojourn.client.invitation_calls import InvitationCalls
from sojourn.client.local import local
from sojourn.client.models import Run
from sojourn.client.offer_calls import ResourceClassCalls, ResourcePoolCalls
from sojourn.client.overview_calls import OverviewCalls
from sojourn.client.secret_calls import GitLoginCalls, RegistryLoginCalls, SecretCalls
from sojourn.client.sending_async import Namespace, listed, sent
from sojourn.client.session_calls import RunCalls, SessionCalls
from sojourn.client.share_calls import ShareCalls
from sojourn.client.timetable_calls import TimetableCalls
from sojourn.client.token_calls import TokenCalls


class Projects(Namespace[ProjectCalls]):
    """Projects."""

    list = listed(ProjectCalls.list)
    get = sent(ProjectCalls.get)
    create = sent(ProjectCalls.create)
    change = sent(ProjectCalls.change)
    delete = sent(ProjectCalls.delete)


class Repositories(Namespace[RepositoryCalls]):
    """Repositories of one project."""

    list = listed(RepositoryCalls.list)
    get = sent(RepositoryCalls.get)
    add = sent(RepositoryCalls.add)
    change = sent(RepositoryCalls.change)
    remove = sent(RepositoryCalls.remove)


class Storages(Namespace[StorageCalls]):
    """Storages of one project."""

    list = listed(StorageCalls.list)
    get = sent(StorageCalls.get)
    add = sent(StorageCalls.add)
    change = sent(StorageCalls.change)
    remove = sent(StorageCalls.remove)


class Secrets(Namespace[SecretCalls]):
    """Secrets of one project, without their values."""

    list = listed(SecretCalls.list)
    get = sent(SecretCalls.get)
    add = sent(SecretCalls.add)
    change = sent(SecretCalls.change)
    remove = sent(SecretCalls.remove)


class GitLogins(Namespace[GitLoginCalls]):
    """Git logins of one project, or your own, without their tokens."""

    list = listed(GitLoginCalls.list)
    get = sent(GitLoginCalls.get)
    add = sent(GitLoginCalls.add)
    change = sent(GitLoginCalls.change)
    remove = sent(GitLoginCalls.remove)


class RegistryLogins(Namespace[RegistryLoginCalls]):
    """Registry logins of one project, or your own, without their passwords."""

    list = listed(RegistryLoginCalls.list)
    get = sent(RegistryLoginCalls.get)
    add = sent(RegistryLoginCalls.add)
    change = sent(RegistryLoginCalls.change)
    remove = sent(RegistryLoginCalls.remove)


class Members(Namespace[MemberCalls]):
    """Members of one project."""

    list = listed(MemberCalls.list)
    get = sent(MemberCalls.get)
    add = sent(MemberCalls.add)
    change = sent(MemberCalls.change)
    remove = sent(MemberCalls.remove)
    groups = listed(MemberCalls.groups)
    put_group = sent(MemberCalls.put_group)
    remove_group = sent(MemberCalls.remove_group)


class Invitations(Namespace[InvitationCalls]):
    """Invitations into one project."""

    list = listed(InvitationCalls.list)
    create = sent(InvitationCalls.create)
    revoke = sent(InvitationCalls.revoke)


class Timetables(Namespace[TimetableCalls]):
    """When your sessions start and pause by themselves."""

    list = listed(TimetableCalls.list)
    list_everybodys = listed(TimetableCalls.list_everybodys)
    get = sent(TimetableCalls.get)
    put = sent(TimetableCalls.put)
    remove = sent(TimetableCalls.remove)


class Tokens(Namespace[TokenCalls]):
    """Your own tokens."""

    list = listed(TokenCalls.list)
    create = sent(TokenCalls.create)
    revoke = sent(TokenCalls.revoke)


class Sessions(Namespace[SessionCalls]):
    """Sessions of one project."""

    list = listed(SessionCalls.list)
    get = sent(SessionCalls.get)
    add = sent(SessionCalls.add)
    configure = sent(SessionCalls.configure)
    update = sent(SessionCalls.update)
    duplicate = sent(SessionCalls.duplicate)
    copy = sent(SessionCalls.copy)
    remove = sent(SessionCalls.remove)
    start = sent(SessionCalls.start)
    restart = sent(SessionCalls.restart)
    resize = sent(SessionCalls.resize)
    pause = sent(SessionCalls.pause)
    keep_alive = sent(SessionCalls.keep_alive)
    stop = sent(SessionCalls.stop)
    cancel = sent(SessionCalls.cancel)


class Environments(Namespace[EnvironmentCalls]):
    """Environments and their versions."""

    list = listed(EnvironmentCalls.list)
    get = sent(EnvironmentCalls.get)
    create = sent(EnvironmentCalls.create)
    change = sent(EnvironmentCalls.change)
    delete = sent(EnvironmentCalls.delete)
    duplicate = sent(EnvironmentCalls.duplicate)
    add_favourite = sent(EnvironmentCalls.add_favourite)
    remove_favourite = sent(EnvironmentCalls.remove_favourite)
    versions = listed(EnvironmentCalls.versions)
    version = sent(EnvironmentCalls.version)
    try_version = sent(EnvironmentCalls.try_version)
    add_version = sent(EnvironmentCalls.add_version)
    compare = sent(EnvironmentCalls.compare)
    packages = listed(EnvironmentCalls.packages)
    read_file = sent(EnvironmentCalls.read_file)

    async def check(self, image: str, *, login: CheckLogin | None = None) -> AsyncIterator[CheckEvent]:
        """Looks at an image where it is: its steps as they happen, then `ImageChecked` or `ImageRefused`.

        What is cut short is asked for once more; a step that was told is not told again.

        Args:
            image: by any name that Docker and containerd understand.
            login: of its registry; used for this check and kept nowhere. None: your own registry login for
                it, if you have one.

        Raises:
            SojournError: this is no image's name, or Sojourn does not answer to the end.
        """
        told: list[CheckEvent] = []
        for last in (False, True):
            try:
                async for event in self._events(self._calls.check(image, login=login)):
                    if event not in told:
                        told.append(event)
                        yield event
                    if not isinstance(event, CheckStep):
                        return
            except httpx.TransportError as error:
                if last:
                    raise transport.not_running(self._http.base_url, error) from error
        raise broken_off()


class Shares(Namespace[ShareCalls]):
    """Sessions that are shared: yours with others, others' with you."""

    list = listed(ShareCalls.list)
    create = sent(ShareCalls.create)
    revoke = sent(ShareCalls.revoke)
    with_me = listed(ShareCalls.with_me)


class Runs(Namespace[RunCalls]):
    """Your own runs."""

    list = listed(RunCalls.list)
    get = sent(RunCalls.get)
    log = sent(RunCalls.log)
    usage = sent(RunCalls.usage)
    kept = listed(RunCalls.kept)
    delete_kept = sent(RunCalls.delete_kept)

    async def events(self, run: Run | str, *, after: int = 0) -> AsyncIterator[Event]:
        """What happens to a run, from its beginning or after one event, until it is over or paused.

        A connection that breaks is made again, and goes on where it broke.

        Raises:
            SojournError: there is no such run, or Sojourn has not answered for half a minute.
        """
        position = Position(after)
        while not position.ended:
            failure: SojournError | httpx.TransportError | None = None
            try:
                async for event in self._events(position.rest_of(run_id(run))):
                    yield event
            except (SojournError, httpx.TransportError) as error:
                failure = error
            if not position.ended:
                await asyncio.sleep(position.pause_after(failure))

    async def wait(self, run: Run | str) -> Run:
        """Waits until a run is no longer on its way: running, failed, paused or stopped.

        Raises:
            SojournError: there is no such run, or Sojourn has not answered for half a minute.
        """
        now = await self.get(run_id(run))
        if not now.under_way:
            return now
        async for event in self.events(run):
            if may_settle(event):
                now = await self.get(run_id(run))
                if not now.under_way:
                    return now
        return await self.get(run_id(run))


class AsyncClient(Namespace[ClientCalls]):
    """Sojourn over HTTP, for asyncio.

        async with sojourn.AsyncClient.from_data() as client:
            async for project in client.projects.list():
                print(project.name)

    Every method raises `SojournError`: its subclasses tell what the API refuses, `NotRunning` that nothing
    answers.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout: float = transport.SECONDS,
        trust_env: bool = True,
        via: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """A client of the installation at `url`.

        Args:
            url: origin of the installation, for instance `https://sojourn.example.org`.
            token: a token of its JupyterHub.
            timeout: seconds for an answer.
            trust_env: whether the environment's proxies (`HTTPS_PROXY`) are used.
            via: what sends the requests, in the place of the network.
        """
        http = httpx.AsyncClient(
            base_url=transport.base_url(url),
            headers=transport.headers(token),
            timeout=timeout,
            trust_env=trust_env,
            transport=via,
        )
        super().__init__(http, ClientCalls())
        self.url = url.rstrip("/")
        """Origin of the installation; addresses in answers are below it."""
        self.projects = Projects(http, ProjectCalls())
        self.environments = Environments(http, EnvironmentCalls())
        self.resource_classes = ResourceClasses(http, ResourceClassCalls())
        self.resource_pools = ResourcePools(http, ResourcePoolCalls())
        self.timetables = Timetables(http, TimetableCalls())
        self.tokens = Tokens(http, TokenCalls())
        self.runs = Runs(http, RunCalls())
        self.shares = Shares(http, ShareCalls())
        self.overview = Overview(http, OverviewCalls())

    @classmethod
    def from_data(cls, data: Path | str | None = None, *, timeout: float = transport.SECONDS) -> Self:
        """A client of Sojourn on this computer.

        Args:
            data: its data folder; None is $SOJOURN_DATA, else the user's own.
            timeout: seconds for an answer.

        Raises:
            NotRunning: it has not been started on that folder.
        """
        here = local(data)
        # A proxy for the internet has no business between two programs of one computer.
        return cls(here.url, token=here.token, timeout=timeout, trust_env=False)

    me = sent(ClientCalls.me)
    join = sent(ClientCalls.join)
    start = sent(ClientCalls.start)

    def repositories(self, project: str) -> Repositories:
        """Repositories of a project."""
        return Repositories(self._http, RepositoryCalls(project))

    def storages(self, project: str) -> Storages:
        """Storages of a project."""
        return Storages(self._http, StorageCalls(project))

    def secrets(self, project: str) -> Secrets:
        """Secrets of a project."""
        return Secrets(self._http, SecretCalls(project))

    def git_logins(self, project: str | None = None) -> GitLogins:
        """Git logins of a project; without one, your own."""
        return GitLogins(self._http, GitLoginCalls(project))

    def registry_logins(self, project: str | None = None) -> RegistryLogins:
        """Registry logins of a project; without one, your own."""
        return RegistryLogins(self._http, RegistryLoginCalls(project))

    def members(self, project: str) -> Members:
        """Members of a project."""
        return Members(self._http, MemberCalls(project))

    def invitations(self, project: str) -> Invitations:
        """Invitations into a project."""
        return Invitations(self._http, InvitationCalls(project))

    def audit(self, project: str | None = None) -> Audit:
        """Who did what in a project; without one, on the platform and in all projects."""
        return Audit(self._http, AuditCalls(project))

    def sessions(self, project: str) -> Sessions:
        """Sessions of a project."""
        return Sessions(self._http, SessionCalls(project))

    async def close(self) -> None:
        """Closes connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
