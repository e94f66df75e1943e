"""Where people's sessions have hosts of their own, Sojourn is at the main host and speaks to its own pages.

A session's page runs whatever its owner wrote, in the browser of whoever opens it. Browsers keep its host
apart from ours, but both are of one *site*: cookies with SameSite go along with what it asks for. So the API
answers nothing at hosts of sessions, and no request that a page of another host made a browser send.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sessions_api.errors import FOR_PROGRAMS
from sessions_api.kit.errors import Forbidden, Problem, problem_response
from sessions_api.people.dependencies import SAFE
from sessions_api.runs.resume import not_running

_ANYWHERE = ("/internal/", "/metrics", "/healthz", "/readyz")
"""What is asked for by the service's own addresses, and does not know who a browser is."""

_ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}
"""No page of another host holds on to a window of ours, or loads what we answer as if it were its own."""


class Misdirected(Problem):
    """The host is one of sessions, and Sojourn is not there."""

    status = HTTPStatus.MISDIRECTED_REQUEST
    code = "session_host"


class Hosts:
    """Lets through what is for the main host and comes from it, or from no browser.

    Args:
        public_url: the origin of the main host.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._origin = public_url
        self._netloc = urlsplit(public_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, leads to the main host, or refuses."""
        if scope["type"] != "http" or scope["path"].startswith(_ANYWHERE):
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        answer = self._elsewhere(scope, headers) or self._from_elsewhere(scope["method"], headers)
        if answer is not None:
            return await answer(scope, receive, send)

        async def send_isolated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_ISOLATED)
            await send(message)

        return await self._app(scope, receive, send_isolated)

    def _elsewhere(self, scope: Scope, headers: Headers) -> Response | None:
        """What another host than the main one answers; with a token any will do that is no session's."""
        host = headers.get("Host", "").lower()
        if host == self._netloc:
            return None
        if not host.endswith(f".{self._netloc}") and "Authorization" in headers and "Cookie" not in headers:
            return None
        path = scope["path"]
        is_link = scope["method"] in {"GET", "HEAD"} and not path.startswith(FOR_PROGRAMS)
        if is_link and _is_navigation(headers):
            target = scope.get("raw_path", path.encode()).decode("latin-1")
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{self._origin}{target}{'?' if query else ''}{query}", HTTPStatus.FOUND)
        if path.startswith("/user/"):
            return problem_response(not_running())
        return problem_response(Misdirected(f"Sojourn is not at {host}.", hint=f"It is at {self._origin}."))

    def _from_elsewhere(self, method: str, headers: Headers) -> Response | None:
        """The refusal of what a page of another host made a browser send, a link that is followed aside."""
        if "Authorization" in headers and "Cookie" not in headers:
            return None
        site = headers.get("Sec-Fetch-Site")
        if site is None:
            # `null` is also said by those of our own pages that tell nobody where they are.
            origin = headers.get("Origin", "null")
            foreign = method not in SAFE and origin not in {"null", self._origin}
        else:
            document = headers.get("Sec-Fetch-Dest", "document") == "document"
            followed = method == "GET" and document and _is_navigation(headers)
            foreign = site not in {"same-origin", "none"} and not followed
        if foreign:
            return problem_response(
                Forbidden(
                    "A page of another host asked for this.",
                    code="other_origin",
                    hint=f"Open {self._origin} and do it there.",
                )
            )
        return None


def _is_navigation(headers: Headers) -> bool:
    """Whether a browser opens a page (Fetch Metadata); where it does not say so, what it accepts tells."""
    mode = headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in headers.get("Accept", "")
