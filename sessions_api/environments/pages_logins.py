"""The login of a private image on pages that check it: asked for, used for its registry, kept if wished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sessions_api.kit.db import Database
from sessions_api.kit.errors import Conflict
from sessions_api.kit.sealing import Sealer
from sessions_api.people.viewer import Viewer
from sessions_api.registry.references import Reference
from sessions_api.registry_logins import hosts
from sessions_api.registry_logins import service as registry_logins
from sessions_api.registry_logins.schemas import RegistryLoginCreate
from sessions_api.web.forms import Form
from sessions_api.web.parts import Action
from spawner.reasons import Reason

LABELS = {"registry_username": "User name", "registry_password": "Password or token"}
INPUTS = {"username": "registry_username", "password": "registry_password"}
"""Which input each field of a login came from."""

_FOR, _KEEP, _PASSWORD = "login_for", "keep_login", "registry_password"


def shown(form: Form) -> Form:
    """The form as a page may show it: without the password."""
    return _without(form, _PASSWORD)


def given(form: Form, reference: Reference) -> RegistryLoginCreate | None:
    """The login that was typed for the registry of an image; None: none was, or it was for another one.

    Raises:
        ValidationError: half of it is missing, or it can be none.
    """
    typed = {field: form.value(name) for field, name in INPUTS.items()}
    host = hosts.of(reference)
    if form.value(_FOR) != host or not any(typed.values()):
        return None
    return RegistryLoginCreate.model_validate({"host": host, **typed})


def remedies(reason: Reason) -> tuple[Action, ...]:
    """Where a login is entered that may help against a refusal."""
    return tuple(
        Action(each.label, hosts.entry(each.host.lower()), "key")
        for each in reason.remedies
        if each.action == "registry_login" and each.host
    )


def asking(form: Form, reason: Reason) -> Form:
    """The form that asks for a login itself, where one may help against a refusal."""
    for each in reason.remedies:
        if each.action == "registry_login" and each.host:
            return replace(form, values={**form.values, _FOR: [each.host.lower()]})
    return form


def done(form: Form) -> Form:
    """The form of an image that was checked: nothing of a login is needed any more."""
    return _without(form, _FOR, _KEEP, *INPUTS.values())


async def kept(
    database: Database, viewer: Viewer, form: Form, login: RegistryLoginCreate, sealer: Sealer
) -> str:
    """Keeps a login that opened an image, if that was wished; says what became of it."""
    if not form.value(_KEEP):
        return "The login was used for this check only; launches need one of yours or of the project."
    try:
        async with database.write() as db:
            await registry_logins.keep(
                db,
                viewer,
                host=login.host,
                username=login.username,
                password=login.password,
                sealer=sealer,
            )
    except Conflict as error:
        return f"The login was not kept: {error.detail}"
    return f"The login is one of your registry logins now; your launches pull images of {login.host} with it."


def _without(form: Form, *names: str) -> Form:
    values: Mapping[str, list[str]] = {
        name: list(value) for name, value in form.values.items() if name not in names
    }
    return replace(form, values=values)
