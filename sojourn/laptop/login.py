"""Login by one-time links, as the hub's authenticator: there is no password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LogoutHandler
from traitlets import Unicode

from sojourn.laptop import login_links
from sojourn.laptop.data import DataFolder


class LinkHandler(BaseHandler):
    """Follows a login link: `/hub/link?key=…`."""

    async def get(self) -> None:
        """Logs the link's person in and goes to the start page, or says why not."""
        # Whatever happens, the address with the key goes no further.
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        key = self.get_query_argument("key", default="")
        user = await self.login_user({"key": key})  # type: ignore[no-untyped-call]
        if user is not None:
            self.redirect(self.settings["default_url"])
            return
        self.set_status(403)
        page = await self.render_template("login.html", used_link=True)  # type: ignore[no-untyped-call]
        self.finish(page)  # type: ignore[no-untyped-call]


class LoggedOutHandler(LogoutHandler):
    """Ends the hub's login and leads to Sojourn's own page about it."""

    async def render_logout_page(self) -> None:
        """Goes on to `/logged-out`."""
        self.redirect("/logged-out", permanent=False)


class OneTimeLinkAuthenticator(Authenticator):
    """Lets in who has a link that `sojourn up` or `sojourn link` printed."""

    data_dir = Unicode(help="Sojourn's data folder, where the links are kept").tag(config=True)

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:  # noqa: ARG002
        """The page that login links point at, and the way out."""
        return [("/link", LinkHandler), ("/logout", LoggedOutHandler)]

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:  # noqa: ARG002
        """Whom the key in `data` logs in; None if it is not good, or not good any more."""
        return login_links.use(DataFolder(Path(self.data_dir)), data.get("key", ""))
