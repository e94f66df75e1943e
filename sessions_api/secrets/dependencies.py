"""What seals secrets, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.kit.sealing import Sealer
from sessions_api.settings import Settings


def _sealer(request: Request) -> Sealer:
    settings = request.app.state.settings
    assert isinstance(settings, Settings)  # noqa: S101 - create_app puts it there
    return settings.sealer


Sealing = Annotated[Sealer, Depends(_sealer)]
