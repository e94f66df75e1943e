"""The client for requests that stay open: watches and logs that are followed."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator

import aiohttp
from kubernetes_asyncio import client

_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, client.ApiClient] = weakref.WeakKeyDictionary()
# A task that nobody holds may be collected before it has run to its end (asyncio.create_task).
_closing: set[asyncio.Task[None]] = set()


def streams_client() -> client.ApiClient:
    """The running event loop's client without a limit of connections.

    Each session holds one for its log; out of KubeSpawner's own hundred, of which every request needs one,
    they would take all (`shared_client`). KubeSpawner must have loaded the configuration before.
    """
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        configuration = client.Configuration.get_default_copy()
        configuration.connection_pool_maxsize = 0
        api = _clients[loop] = client.ApiClient(configuration)
        task = loop.create_task(_close_with_the_loop(api), name="connections to the Kubernetes API")
        _closing.add(task)
        task.add_done_callback(_closing.discard)
    return _clients[loop]


async def lines_of(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Lines of any length: aiohttp's own reading by lines ends with an error at a long one."""
    rest = b""
    async for chunk in answer.content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line:
                yield line


async def _close_with_the_loop(api: client.ApiClient) -> None:
    """The hub cancels all tasks when it ends."""
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    finally:
        _clients.pop(asyncio.get_running_loop(), None)
        await api.close()
