"""Keeps the API, the hub and the proxy running, and ends everything in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from sojourn.laptop import ports, programs, traefik
from sojourn.laptop.children import CHILD_VARIABLE, Child, make_room
from sojourn.laptop.command_tokens import ensure_command_tokens
from sojourn.laptop.data import DataFolder, State
from sojourn.laptop.errors import LaptopError
from sojourn.laptop.internal_api import InternalApi
from sojourn.laptop.processes import KnownProcess, end_groups, marked
from sojourn.laptop.sweep import end_sessions, left_of_sessions, session_processes, sweep, sweep_forever
from spawner import computer_programs
from spawner.containers.finding import Choice, find

_END_SECONDS = 5.0
_PAUSE_SECONDS = 10.0
_POLL_SECONDS = 0.1
_TOKEN_SECONDS = 60.0


class Supervisor:
    """One `sojourn up`, from the lock to the last process.

    `say` prints a line of progress; `announce` is called once, when people can log in.
    """

    def __init__(
        self, data: DataFolder, state: State, *, say: Callable[[str], None], announce: Callable[[], None]
    ) -> None:
        self._data = data
        self._state = state
        self._say = say
        self._announce = announce
        make = (programs.api, programs.hub, programs.proxy)
        self._api, self._hub, self._proxy = (
            Child(make_one(data, state), started=self._remember, say=say) for make_one in make
        )
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Runs until Ctrl-C or SIGTERM, then pauses all sessions and ends everything.

        Raises:
            LaptopError: the API, the hub or the proxy does not start; the others have been ended.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
                asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        children = (self._api, self._hub, self._proxy)
        for child in children:
            make_room(child.program.log)
        async with InternalApi(self._data, self._state) as api:
            keeping = (asyncio.create_task(child.keep_running()) for child in children)
            opening = asyncio.create_task(self._open(api))
            stopping = asyncio.create_task(self._stop.wait())
            tasks: list[asyncio.Task[Any]] = [*keeping, opening, stopping]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                await _end_tasks(tasks)
                for task in done:
                    task.result()
                await self._pause_all(api)
            finally:
                await _end_tasks(tasks)
                await self._end_children()
        await end_sessions(left_of_sessions(self._data))

    def _on_signal(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    def _remember(self, key: str, process: KnownProcess) -> None:
        self._state.children[key] = process
        self._data.write_state(self._state)

    async def _open(self, api: InternalApi) -> None:
        """Waits until all is well, says so, and sweeps from then on."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            await asyncio.gather(
                *(self._report_health(child, http) for child in (self._api, self._hub, self._proxy))
            )
        await self._ensure_tokens()
        self._announce()
        await sweep_forever(self._data, api, self._state.engine)

    async def _report_health(self, child: Child, http: httpx.AsyncClient) -> None:
        began = asyncio.get_running_loop().time()
        await child.wait_until_healthy(http)
        self._say(f"{child.program.title} answers after {asyncio.get_running_loop().time() - began:.1f} s.")

    async def _ensure_tokens(self) -> None:
        """Makes the tokens of the `sojourn` command, also when the hub is just being started again."""
        deadline = asyncio.get_running_loop().time() + _TOKEN_SECONDS
        while True:
            try:
                return await ensure_command_tokens(self._data, self._state)
            except httpx.HTTPError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise LaptopError(
                        f"The hub gave the sojourn command no token for {_TOKEN_SECONDS:.0f} s. "
                        f"Its log is {self._hub.program.log}."
                    ) from error
            await asyncio.sleep(_POLL_SECONDS)

    async def _pause_all(self, api: InternalApi) -> None:
        """Pauses the sessions and waits until their processes are gone; a second signal shortens the wait."""
        deadline = asyncio.get_running_loop().time() + _PAUSE_SECONDS
        with contextlib.suppress(httpx.HTTPError):
            await sweep(self._data, api)  # what nobody would pause is not waited for
            count = await api.pause_all()
            self._say(f"Pausing {count} session{'s' if count > 1 else ''}." if count else "Ending.")
            # Until the last one is known to be paused: a hub that ends before drops what it is asked.
            while not self._has_waited(deadline) and await api.pause_all():  # noqa: ASYNC110 - another process's
                await asyncio.sleep(_POLL_SECONDS)
        while any(record.is_alive() for record in session_processes(self._data)):
            if self._has_waited(deadline):
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _has_waited(self, deadline: float) -> bool:
        return self._hurry.is_set() or asyncio.get_running_loop().time() > deadline

    async def _end_children(self) -> None:
        # The hub first: it still tells the API what became of its sessions.
        await asyncio.gather(self._hub.end(_END_SECONDS), self._proxy.end(_END_SECONDS))
        await self._api.end(_END_SECONDS)
        await _end_left_children(self._data)


async def supervise(
    data: DataFolder,
    *,
    port: int,
    people: Sequence[str],
    engine_choice: Choice,
    own_hosts: str | None,
    say: Callable[[str], None],
    announce: Callable[[], None],
) -> None:
    """Takes over from the last `up`, however it ended, and runs a new one until Ctrl-C or SIGTERM.

    Raises:
        LaptopError: the port is taken, or something does not start.
    """
    last = data.read_state()
    await _end_left_children(data, *(last.children.values() if last else ()))
    ports.check_public(port)
    chosen = ports.choose(port, last.ports if last else None)
    if last is not None and last.ports.hub != chosen.hub:
        await _end_lost_sessions(data, last.ports.hub, say)
    engine, found = await find(engine_choice)
    say(found)
    for front_end in computer_programs.front_ends(computer_programs.found()):
        say(f"Sessions of packages can be opened in {front_end.name}, too.")
    state = State(
        supervisor=KnownProcess.of(os.getpid()),
        ports=chosen,
        people=tuple(people),
        children={},
        engine=engine,
        own_hosts=own_hosts,
    )
    data.write_state(state)
    same_routes = last is None or last.own_hosts == own_hosts
    traefik.prepare(data, chosen, keep_routes=same_routes)
    await Supervisor(data, state, say=say, announce=announce).run()


async def _end_left_children(data: DataFolder, *known: KnownProcess) -> None:
    await end_groups({*known, *marked(CHILD_VARIABLE, str(data.root))}, _END_SECONDS)


async def _end_lost_sessions(data: DataFolder, hub_port: int, say: Callable[[str], None]) -> None:
    """Ends sessions that could never reach the hub again, because they know it by its old port."""
    if any(record.is_alive() for record in session_processes(data)):
        say(f"Port {hub_port} is taken by another program; the sessions that need it are ended.")
    await end_sessions(left_of_sessions(data))


async def _end_tasks(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
