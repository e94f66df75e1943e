"""The few pages that the gate shows itself."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

from spawner.gate.messages import Answer

_LOOK = (
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}"
    "body{max-width:34rem;margin:20vh auto 0;padding:0 1rem}h1{font-size:1.25rem}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _page(
    status: HTTPStatus,
    title: str,
    *paragraphs: str,
    link: tuple[str, str] | None = None,
    reload_seconds: int | None = None,
) -> Answer:
    """A page; `paragraphs` are text, `link` is an address and its text."""
    lines = [f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs]
    if link is not None:
        lines.append(f'<p><a href="{escape(link[0])}">{escape(link[1])}</a></p>')
    again = f'<meta http-equiv="refresh" content="{reload_seconds}">' if reload_seconds else ""
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)} · Sojourn</title>'
        f'<meta name="viewport" content="width=device-width">{again}<style>{_LOOK}</style>'
        f"<main><h1>{escape(title)}</h1>{''.join(lines)}</main></html>\n"
    )
    headers = {"Content-Security-Policy": _POLICY}
    if reload_seconds:
        headers["Retry-After"] = str(reload_seconds)
    return Answer(status, body, content_type="text/html; charset=utf-8", headers=headers)


def starting() -> Answer:
    """The program does not answer yet."""
    return _page(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Starting",
        "The program of this session does not answer yet. This page opens it as soon as it does.",
        reload_seconds=1,
    )


def app_down() -> Answer:
    """The program answered before and does not now."""
    return _page(
        HTTPStatus.BAD_GATEWAY,
        "No answer",
        "The program of this session does not answer. If it does not come back, the session's log says why:"
        " pause and resume the session to start it again.",
    )


def app_garbled() -> Answer:
    """The program's response cannot be read."""
    return _page(
        HTTPStatus.BAD_GATEWAY,
        "An answer that cannot be read",
        "What the program of this session answered is not valid HTTP, so it was not passed on.",
    )


def hub_away() -> Answer:
    """The hub cannot be asked who comes."""
    return _page(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "JupyterHub does not answer",
        "Without it nobody can be let in. The session itself goes on. This page tries again by itself.",
        reload_seconds=5,
    )


def login_failed(prefix: str) -> Answer:
    """A login came back that this browser did not begin, or that the hub did not finish."""
    return _page(
        HTTPStatus.FORBIDDEN,
        "Not logged in",
        "The login took too long, or was begun in another browser.",
        link=(prefix, "Open the session again."),
    )


def no_entry(name: str | None, logout: str) -> Answer:
    """Whoever came is known and may not enter."""
    return _page(
        HTTPStatus.FORBIDDEN,
        "No entry",
        f"{name or 'Who is logged in'} has no right to open this session. Its owner can.",
        link=(logout, "Log in as somebody else."),
    )


def log_in_first() -> Answer:
    """A program or script came without a login."""
    return Answer(
        HTTPStatus.UNAUTHORIZED,
        "Nobody is logged in. Open the session in a browser, or send a token of JupyterHub's"
        " that may open it as the header “Authorization: token TOKEN”.\n",
        headers={"WWW-Authenticate": 'Bearer realm="JupyterHub"'},
    )


def token_in_address() -> Answer:
    """A token came where logs and other sites see it."""
    return Answer(
        HTTPStatus.FORBIDDEN,
        "A token in an address opens nothing here. Send it as the header “Authorization: token TOKEN”.\n",
    )


def from_elsewhere() -> Answer:
    """Another site's page sent a request with a person's cookies."""
    return Answer(HTTPStatus.FORBIDDEN, "This request came from a page of another site, so it was refused.\n")


def not_here() -> Answer:
    """The path is not below the session's."""
    return Answer(HTTPStatus.NOT_FOUND, "There is no session at this address.\n")
