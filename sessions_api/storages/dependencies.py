"""Where storages may lie, for routes and pages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from sessions_api.settings import Settings


def roots(request: Request) -> Sequence[Path]:
    """The folders below which a storage may lie."""
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - create_app puts it there
    return settings.roots


StorageRoots = Annotated[Sequence[Path], Depends(roots)]
