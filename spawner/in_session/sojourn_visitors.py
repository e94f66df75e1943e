"""Sees to it that who is let in by another, for some time, is out soon after that is over.

What JupyterHub says of a browser is remembered for five minutes (`HubAuth.cache_max_age`), and who opened a
WebSocket is never asked for again. So what it said of others than the session's own person is forgotten after
some seconds, and their WebSockets, to kernels and terminals too, are closed when it says no.

Where people come by https, the one cookie is kept to it that Jupyter Server sets without looking.
"""

from __future__ import annotations

import os
from typing import Any

from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

SECONDS = 10.0
_OWNER = os.environ.get("JUPYTERHUB_USER", "")


def forget(cache: Any) -> None:
    """Forgets what the hub said of others than the session's own person; `cache` is a `HubAuth.cache`."""
    for key, said in list(cache.values.items()):
        if not said or said["name"] != _OWNER:
            cache.pop(key, None)


async def is_out(handler: Any, hub_auth: Any) -> bool:
    """Whether the hub says that who opened a WebSocket may not be here; one that is away says nothing."""
    token = hub_auth.get_token(handler)
    try:
        said = await hub_auth.user_for_token(token, session_id=hub_auth.get_session_id(handler), sync=False)
    except HTTPError:
        return False
    return not said or not hub_auth.check_scopes(hub_auth.access_scopes, said)


def watched(kind: type[WebSocketHandler], hub_auth: Any) -> type[WebSocketHandler]:
    """The same kind of WebSocket, which is closed when its visitor is out."""

    class Watched(kind):  # type: ignore[misc, valid-type]
        _sojourn_watch: PeriodicCallback | None = None

        def open(self, *arguments: Any, **keywords: Any) -> Any:
            if getattr(self.current_user, "username", None) != _OWNER:
                self._sojourn_watch = PeriodicCallback(self._sojourn_look, 1000 * SECONDS)
                self._sojourn_watch.start()
            return super().open(*arguments, **keywords)

        def on_close(self) -> None:
            if self._sojourn_watch is not None:
                self._sojourn_watch.stop()
            super().on_close()

        async def _sojourn_look(self) -> None:
            if await is_out(self, hub_auth):
                self.close(code=4403, reason="not shared any more")

    return Watched


def _load_jupyter_server_extension(server: Any) -> None:
    hub_auth = getattr(server.identity_provider, "hub_auth", None)
    if hub_auth is None:  # nobody but who has the server's own token comes in
        return
    application = server.web_app
    if os.environ.get("JUPYTERHUB_PUBLIC_URL", "").startswith("https:"):
        application.settings.setdefault("xsrf_cookie_kwargs", {})["secure"] = True
    usual = application.get_handler_delegate
    kinds: dict[type, type] = {}

    def delegate(request: Any, target: Any, *arguments: Any, **keywords: Any) -> Any:
        if isinstance(target, type) and issubclass(target, WebSocketHandler):
            if target not in kinds:
                kinds[target] = watched(target, hub_auth)
            target = kinds[target]
        return usual(request, target, *arguments, **keywords)

    # Whatever extension a WebSocket is of, and whenever it came: tornado asks for each request.
    application.get_handler_delegate = delegate
    PeriodicCallback(lambda: forget(hub_auth.cache), 1000 * SECONDS).start()
