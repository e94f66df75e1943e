"""The files below /static, named with a hash of their content so that browsers keep them for good."""

from __future__ import annotations

import hashlib
from functools import cache
from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"


@cache
def version(name: str) -> str:
    """The hash of one file's content, ten hexadecimal digits.

    Raises:
        FileNotFoundError: a template names a file that is not there.
    """
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a static file, which changes when its content does."""
    return f"/static/{name}?v={version(name)}"


class _Versioned(StaticFiles):
    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = scope["query_string"].decode("latin-1")
        right = asked == f"v={version(Path(full_path).relative_to(FOLDER).as_posix())}"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if right else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def static_files() -> StaticFiles:
    """The application to mount at /static."""
    return _Versioned(directory=FOLDER)
