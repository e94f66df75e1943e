"""Which runs a spawner may launch: those the API hands out for exactly this person and server."""

# mypy: untyped-calls-exclude=jupyterhub
from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from spawner.api import ApiRefusalError, ApiUnavailableError, SojournApi
from spawner.refusal import SpawnException
from spawner.spec import LaunchSpec

_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def admitted_spec(
    api: SojournApi, options: Mapping[str, Any], *, person: str, server: str
) -> LaunchSpec:
    """The spec of the run that the options name.

    Raises:
        SpawnException: they name none, or it is not to be launched now, by this person, as this server.
    """
    run = _run_id(options)
    try:
        spec = await api.launch_spec(run)
    except ApiUnavailableError as error:
        sentence = f"Run {run} was not launched: the Sojourn API does not answer. Start the session again."
        raise SpawnException(sentence, reason="api_unavailable", status_code=503) from error
    except ApiRefusalError as refusal:
        raise _refused(run, refusal) from refusal
    if spec.run != run or spec.person != person:
        raise SpawnException(f"Run {run} is not yours.", reason="run_of_another_person", status_code=403)
    if spec.server != server:
        raise SpawnException(
            f"Run {run} is not for this server.", reason="run_of_another_server", status_code=403
        )
    return spec


def _run_id(options: Mapping[str, Any]) -> str:
    """Hubs before 6 pass the whole request body on as the options, later ones its `user_options`."""
    nested = options.get("user_options")
    run = (nested if isinstance(nested, Mapping) else options).get("run")
    if isinstance(run, str) and _RUN_ID.fullmatch(run):
        return run
    raise SpawnException("Sessions start from their project's page, not from here.", reason="no_run")


def _refused(run: str, refusal: ApiRefusalError) -> SpawnException:
    if refusal.status == HTTPStatus.NOT_FOUND:
        return SpawnException(f"There is no run {run}.", reason="run_unknown", status_code=404)
    if refusal.status == HTTPStatus.CONFLICT:
        sentence = refusal.detail or f"Run {run} is not to be launched now."
        return SpawnException(sentence, reason="run_not_launching", status_code=409)
    sentence = f"Run {run} was not launched: {refusal.detail or 'the Sojourn API does not know this hub.'}"
    return SpawnException(sentence, reason="api_refuses", status_code=500)
