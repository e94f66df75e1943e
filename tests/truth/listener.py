"""A program that listens, in this process, and can be killed, be made to hang and be started again."""

from __future__ import annotations

import asyncio
import socket
import weakref
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any

import uvicorn
from uvicorn.server import ServerState

PROGRAM: ContextVar[object] = ContextVar("program", default=None)
"""The life of which program a task belongs to."""

_program_of: weakref.WeakKeyDictionary[asyncio.Task[Any], object] = weakref.WeakKeyDictionary()


def remember_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Makes the loop remember which program each task is of."""

    def factory(
        loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **options)
        context: Context | None = options.get("context")
        program = context.get(PROGRAM) if context is not None else PROGRAM.get()
        if program is not None:
            _program_of[task] = program
        return task

    loop.set_task_factory(factory)  # type: ignore[arg-type]


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Listener:
    """What listens for an ASGI application at a port of its own, for as long as it lives.

    Attributes:
        context: that its tasks run in; another one with each life.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.context = copy_context()
        self._server: asyncio.Server | None = None
        self._state = ServerState()
        self._goes_on = asyncio.Event()
        self._goes_on.set()

    @property
    def lives(self) -> bool:
        """Whether it was started and not killed."""
        return self._server is not None

    @property
    def hangs(self) -> bool:
        """Whether it takes requests and answers none."""
        return not self._goes_on.is_set()

    def born(self, *variables: tuple[ContextVar[Any], Any]) -> None:
        """Begins a life: what runs in its context from now on belongs to it."""
        self.context = copy_context()
        self.context.run(PROGRAM.set, object())
        for variable, value in variables:
            self.context.run(variable.set, value)

    async def within(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Runs something as a part of it."""
        return await asyncio.create_task(coroutine, context=self.context)

    async def listen(self, app: Callable[..., Any]) -> None:
        """Answers requests from now on."""

        async def gated(scope: Any, receive: Any, send: Any) -> None:
            await self._goes_on.wait()
            await app(scope, receive, send)

        config = uvicorn.Config(
            gated, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=3600
        )
        config.load()
        self._state = state = ServerState()

        def protocol() -> asyncio.Protocol:
            made: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg, operator]
                config=config, server_state=state, app_state={}
            )
            return made

        loop = asyncio.get_running_loop()
        self._server = await self.within(loop.create_server(protocol, "127.0.0.1", self.port))

    def hang(self) -> None:
        """Takes requests and answers none."""
        self._goes_on.clear()

    def go_on(self) -> None:
        """Answers what was asked while it hung, and everything after."""
        self._goes_on.set()

    async def goes_on(self) -> None:
        """Returns while it does not hang."""
        await self._goes_on.wait()

    async def kill(self) -> None:
        """`kill -9`: connections break, and nothing of it runs any more."""
        assert self._server is not None
        self._server.close()
        self._server = None
        for connection in list(self._state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        program = self.context.get(PROGRAM)
        # Again and again: a task that is cancelled goes on to tidy up, which nobody who is killed does.
        while ours := [task for task, of in _program_of.items() if of is program and not task.done()]:
            for task in ours:
                task.cancel()
            await asyncio.sleep(0)
        self.go_on()
