"""Arguments that name a project, session or environment, and which session is meant when none is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import sojourn
from sojourn.cli import completion

if TYPE_CHECKING:
    from sojourn.client.models import Session

ProjectName = Annotated[
    str,
    typer.Argument(
        metavar="PROJECT", help="Slug of the project.", autocompletion=completion.project, show_default=False
    ),
]
SessionName = Annotated[
    str | None,
    typer.Argument(
        metavar="SESSION",
        help="Slug of the session.",
        autocompletion=completion.session,
        show_default="the project's default session",
    ),
]
EnvironmentName = Annotated[
    str,
    typer.Argument(
        metavar="ENVIRONMENT",
        help="Slug of the environment.",
        autocompletion=completion.environment,
        show_default=False,
    ),
]
ArchivedEnvironmentName = Annotated[
    str,
    typer.Argument(
        metavar="ENVIRONMENT",
        help="Slug of the environment.",
        autocompletion=completion.archived_environment,
        show_default=False,
    ),
]


def chosen(client: sojourn.Client, project: str, session: str | None) -> Session:
    """The session of that name, else the project's default one.

    Raises:
        sojourn.SojournError: there is none.
    """
    if session is not None:
        return client.sessions(project).get(session)
    for each in client.sessions(project).list():
        if each.default:
            return each
    raise sojourn.NotFound(
        f"{project} has no sessions.",
        code="no_session",
        hint=f"Add one with `sojourn session add {project} ENVIRONMENT`.",
    )
