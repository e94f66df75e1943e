"""The client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

import httpx
from httpx_sse import connect_sse

from sojourn.client import transport
from sojourn.client.calls import (
    Call,
    ClientCalls,
    EnvironmentCalls,
    MemberCalls,
    Model,
    Pages,
    ProjectCalls,
    RepositoryCalls,
    RunCalls,
    SessionCalls,
    StorageCalls,
)
from sojourn.client.errors import NotRunning, SojournError
from sojourn.client.events import SILENCE, Event, Position, may_settle, run_id
from sojourn.client.local import local
from sojourn.client.models import Run

Calls = TypeVar("Calls")
P = ParamSpec("P")
T = TypeVar("T")


class _Namespace(Generic[Calls]):
    """Some calls, and what sends them."""

    def __init__(self, http: httpx.Client, calls: Calls) -> None:
        self._http = http
        self._calls = calls

    def _send(self, call: Call[T]) -> T:
        attempt = 0
        while True:
            try:
                return transport.read(call, self._http.request(**transport.request(call)))
            except (httpx.TransportError, NotRunning) as error:
                pause = transport.pause_after(error, call, attempt, self._http.base_url)
            time.sleep(pause)
            attempt += 1

    def _items(self, pages: Pages[Model]) -> Iterator[Model]:
        cursor = None
        while True:
            items, cursor = self._send(pages.page(cursor))
            yield from items
            if cursor is None:
                return


def _sent(
    build: Callable[Concatenate[Calls, P], Call[T]],
) -> Callable[Concatenate[_Namespace[Calls], P], T]:
    """The method that sends what `build` builds."""

    @wraps(build)
    def method(self: _Namespace[Calls], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._send(build(self._calls, *args, **kwargs))

    return method


def _listed(
    build: Callable[Concatenate[Calls, P], Pages[Model]],
) -> Callable[Concatenate[_Namespace[Calls], P], Iterator[Model]]:
    """The method that iterates over what `build` lists, fetching pages as they are needed."""

    @wraps(build)
    def method(self: _Namespace[Calls], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[Model]:
        return self._items(build(self._calls, *args, **kwargs))

    return method


class Projects(_Namespace[ProjectCalls]):
    """Projects."""

    list = _listed(ProjectCalls.list)
    get = _sent(ProjectCalls.get)
    create = _sent(ProjectCalls.create)
    change = _sent(ProjectCalls.change)
    delete = _sent(ProjectCalls.delete)


class Repositories(_Namespace[RepositoryCalls]):
    """Repositories of one project."""

    list = _listed(RepositoryCalls.list)
    get = _sent(RepositoryCalls.get)
    add = _sent(RepositoryCalls.add)
    change = _sent(RepositoryCalls.change)
    remove = _sent(RepositoryCalls.remove)


class Storages(_Namespace[StorageCalls]):
    """Storages of one project."""

    list = _listed(StorageCalls.list)
    get = _sent(StorageCalls.get)
    add = _sent(StorageCalls.add)
    change = _sent(StorageCalls.change)
    remove = _sent(StorageCalls.remove)


class Members(_Namespace[MemberCalls]):
    """Members of one project."""

    list = _listed(MemberCalls.list)
    get = _sent(MemberCalls.get)
    add = _sent(MemberCalls.add)
    change = _sent(MemberCalls.change)
    remove = _sent(MemberCalls.remove)


class Sessions(_Namespace[SessionCalls]):
    """Sessions of one project."""

    list = _listed(SessionCalls.list)
    get = _sent(SessionCalls.get)
    add = _sent(SessionCalls.add)
    configure = _sent(SessionCalls.configure)
    duplicate = _sent(SessionCalls.duplicate)
    remove = _sent(SessionCalls.remove)
    start = _sent(SessionCalls.start)
    pause = _sent(SessionCalls.pause)
    stop = _sent(SessionCalls.stop)
    cancel = _sent(SessionCalls.cancel)


class Environments(_Namespace[EnvironmentCalls]):
    """Environments."""

    list = _listed(EnvironmentCalls.list)
    get = _sent(EnvironmentCalls.get)
    version = _sent(EnvironmentCalls.version)


class Runs(_Namespace[RunCalls]):
    """Your own runs."""

    list = _listed(RunCalls.list)
    get = _sent(RunCalls.get)
    log = _sent(RunCalls.log)

    def events(self, run: Run | str, *, after: int = 0) -> Iterator[Event]:
        """What happens to a run, from its beginning or after one event, until it is over or paused.

        A connection that breaks is made again, and goes on where it broke.

        Raises:
            SojournError: there is no such run, or Sojourn has not answered for half a minute.
        """
        position = Position(after)
        while not position.ended:
            failure: SojournError | httpx.TransportError | None = None
            try:
                yield from self._connection(run_id(run), position)
            except (SojournError, httpx.TransportError) as error:
                failure = error
            if not position.ended:
                time.sleep(position.pause_after(failure))

    def _connection(self, run: str, position: Position) -> Iterator[Event]:
        timeout = httpx.Timeout(transport.SECONDS, read=SILENCE)
        path, headers = f"/runs/{run}/events", position.headers()
        with connect_sse(self._http, "GET", path, headers=headers, timeout=timeout) as source:
            if not source.response.is_success:
                source.response.read()
                transport.check(source.response)
            for sent in source.iter_sse():
                event = position.take(sent)
                if event is not None:
                    yield event

    def wait(self, run: Run | str) -> Run:
        """Waits until a run is no longer on its way: running, failed, paused or stopped.

        Raises:
            SojournError: there is no such run, or Sojourn has not answered for half a minute.
        """
        now = self.get(run_id(run))
        if not now.under_way:
            return now
        for event in self.events(run):
            if may_settle(event):
                now = self.get(run_id(run))
                if not now.under_way:
                    return now
        return self.get(run_id(run))


class Client(_Namespace[ClientCalls]):
    """Sojourn over HTTP.

        with sojourn.Client.from_data() as client:
            for project in client.projects.list():
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
        via: httpx.BaseTransport | None = None,
    ) -> None:
        """A client of the installation at `url`.

        Args:
            url: origin of the installation, for instance `https://sojourn.example.org`.
            token: a token of its JupyterHub.
            timeout: seconds for an answer.
            trust_env: whether the environment's proxies (`HTTPS_PROXY`) are used.
            via: what sends the requests, in the place of the network.
        """
        http = httpx.Client(
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
        self.runs = Runs(http, RunCalls())

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

    me = _sent(ClientCalls.me)
    start = _sent(ClientCalls.start)

    def repositories(self, project: str) -> Repositories:
        """Repositories of a project."""
        return Repositories(self._http, RepositoryCalls(project))

    def storages(self, project: str) -> Storages:
        """Storages of a project."""
        return Storages(self._http, StorageCalls(project))

    def members(self, project: str) -> Members:
        """Members of a project."""
        return Members(self._http, MemberCalls(project))

    def sessions(self, project: str) -> Sessions:
        """Sessions of a project."""
        return Sessions(self._http, SessionCalls(project))

    def close(self) -> None:
        """Closes connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
