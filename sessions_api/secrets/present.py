"""From secrets to what pages show of them."""

from __future__ import annotations

from collections.abc import Sequence

from sessions_api.projects.service import Access
from sessions_api.projects.views import Panel, PanelRow
from sessions_api.rights.policy import CONFIGURE
from sessions_api.runs.present import project_path
from sessions_api.secrets.tables import Secret


def panels(access: Access, secrets: Sequence[Secret]) -> tuple[Panel, ...]:
    """The list of secrets beside a project's sessions; none where there is nothing to see or do."""
    base, editor = f"{project_path(access.project)}/secrets", access.may(CONFIGURE)
    if not secrets and not editor:
        return ()
    panel = Panel(
        id="secrets",
        title="Secrets",
        icon="lock",
        rows=tuple(
            PanelRow(
                each.name,
                f"also as {each.variable}" if each.variable else "",
                href=f"{base}/{each.name}/edit" if editor else "",
            )
            for each in secrets
        ),
        note="Files in $SOJOURN_SECRETS, in sessions that members start."
        if secrets
        else "None. Keys and tokens that sessions need belong here: nobody sees them again.",
        add=f"{base}/add" if editor else "",
        add_label="Add secret",
    )
    return (panel,)
