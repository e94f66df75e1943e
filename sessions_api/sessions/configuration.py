"""Between a session's configuration and the form that shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sessions_api.kit.errors import FieldError, Invalid
from sessions_api.repositories.tables import Repository
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import ConfigurePage, Mount
from sessions_api.storages.tables import Storage
from sessions_api.web.forms import Form

_ROW = re.compile(r"variable-(\d{1,4})-name")


def mounts(repositories: Sequence[Repository]) -> tuple[Mount, ...]:
    """Repositories as the form offers them."""
    return tuple(
        Mount(each.id, each.folder, each.url, each.ref or "the repository's default branch")
        for each in repositories
    )


def folders(storages: Sequence[Storage]) -> tuple[Mount, ...]:
    """Storages as the form offers them."""
    return tuple(Mount(each.id, each.folder, each.path) for each in storages)


def filled(session: Session, version: int) -> Form:
    """The form of a configuration as it is."""
    values: dict[str, list[str]] = {
        "revision": [str(session.revision)],
        "name": [session.name],
        "description": [session.description],
        "version": [str(version)],
        "cpus": [_number(session.cpus)],
        "memory_gib": [_number(session.memory_gib)],
        "repositories": ["all" if session.repositories is None else "chosen"],
        "storages": ["all" if session.storages is None else "chosen"],
        "repository": list(session.repositories or ()),
        "storage": list(session.storages or ()),
    }
    for repository, ref in (session.repositories or {}).items():
        values[f"ref-{repository}"] = [ref or ""]
    for row, (name, value) in enumerate(session.variables.items(), start=1):
        values[f"variable-{row}-name"] = [name]
        values[f"variable-{row}-value"] = [value]
    return Form(values)


def _number(amount: float | None) -> str:
    return "" if amount is None else f"{amount:g}"


def rows(form: Form) -> tuple[int, ...]:
    """The numbers of the rows of variables, at least one."""
    found = sorted(int(match[1]) for name in form.values if (match := _ROW.fullmatch(name)))
    return tuple(found) or (1,)


def edited(form: Form) -> Form | None:
    """The form with a row of variables more or less, when that was pressed; else None."""
    values = {name: value for name, value in form.values.items() if name not in {"add", "drop"}}
    if form.value("add"):
        return replace(form, values={**values, f"variable-{rows(form)[-1] + 1}-name": [""]})
    if dropped := form.value("drop"):
        gone = {f"variable-{dropped}-name", f"variable-{dropped}-value"}
        return replace(form, values={name: value for name, value in values.items() if name not in gone})
    return None


def labels(form: Form, view: ConfigurePage) -> dict[str, str]:
    """What people call the inputs."""
    known = {
        "name": "Name",
        "description": "Description",
        "version": "Version",
        "cpus": "CPU",
        "memory_gib": "Memory",
        "repositories": "Repositories",
        "storages": "Storages",
        "variables": "Variables",
    }
    for row in rows(form):
        known[f"variable-{row}-name"] = f"Name of variable {row}"
        known[f"variable-{row}-value"] = f"Value of variable {row}"
    return known | {
        f"ref-{mount.id}": f"Branch, tag or commit of {mount.folder}" for mount in view.repositories
    }


def body(form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """The form as a JSON body would say it, and which input each of its fields came from.

    Raises:
        Invalid: two variables have the same name.
    """
    sent: dict[str, Any] = {
        "name": form.value("name"),
        "description": form.value("description"),
        "version": form.value("version"),
        "cpus": _amount(form.value("cpus")),
        "memory_gib": _amount(form.value("memory_gib")),
    }
    if form.chosen("default", "on"):
        sent["default"] = True
    inputs: dict[str, str] = {}
    _repositories(form, sent, inputs)
    _storages(form, sent, inputs)
    _variables(form, sent, inputs)
    return sent, inputs


def _amount(text: str) -> str | None:
    return text.strip().replace(",", ".") or None


def _repositories(form: Form, sent: dict[str, Any], inputs: dict[str, str]) -> None:
    sent["repositories"] = None
    if form.value("repositories") != "chosen":
        return
    chosen = form.values.get("repository", ())
    sent["repositories"] = [
        {"repository": each, "ref": form.value(f"ref-{each}").strip() or None} for each in chosen
    ]
    for place, each in enumerate(chosen):
        inputs[f"repositories.{place}.ref"] = f"ref-{each}"
        inputs[f"repositories.{place}.repository"] = "repositories"


def _storages(form: Form, sent: dict[str, Any], inputs: dict[str, str]) -> None:
    sent["storages"] = None
    if form.value("storages") == "chosen":
        chosen = form.values.get("storage", ())
        sent["storages"] = list(chosen)
        inputs.update({f"storages.{place}": "storages" for place, _ in enumerate(chosen)})


def _variables(form: Form, sent: dict[str, Any], inputs: dict[str, str]) -> None:
    variables: dict[str, str] = {}
    for row in rows(form):
        name, value = form.value(f"variable-{row}-name").strip(), form.value(f"variable-{row}-value")
        if not name and not value:
            continue
        if name in variables:
            raise Invalid(
                f"{name} is named twice.",
                errors=[FieldError(field=f"variable-{row}-name", detail=f"{name} is named twice.")],
            )
        variables[name] = value
        inputs[f"variables.{name}.[key]"] = f"variable-{row}-name"
        inputs[f"variables.{name}"] = f"variable-{row}-value"
    sent["variables"] = variables
