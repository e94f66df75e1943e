"""Between a session's configuration and the form that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sessions_api.environments import front_ends
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.tables import EnvironmentVersion
from sessions_api.kit.errors import FieldError, Invalid
from sessions_api.repositories.tables import Repository
from sessions_api.resources.amounts import KINDS, Amounts, said
from sessions_api.resources.specs import spec_of_class
from sessions_api.resources.tables import ResourceClass
from sessions_api.sessions import choices
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.sessions.schemas import Minimum
from sessions_api.sessions.tables import Session
from sessions_api.sessions.views import ClassChoice, ConfigurePage, Mount
from sessions_api.storages.specs import place_of
from sessions_api.storages.tables import Storage
from sessions_api.web import words
from sessions_api.web.forms import Form

NO_CLASS = ClassChoice("", "Of no class", "", "no limits", "", default=True)
LEAST = {"cpus": "least_cpus", "memory_gib": "least_memory_gib", "gpus": "least_gpus"}
"""The inputs of what a session needs at least, by what it is."""
_ROW = re.compile(r"variable-(\d{1,4})-name")


def mounts(repositories: Sequence[Repository]) -> tuple[Mount, ...]:
    """Repositories as the form offers them."""
    return tuple(
        Mount(each.id, each.folder, each.url, each.ref or "the repository's default branch")
        for each in repositories
    )


def folders(storages: Sequence[Storage]) -> tuple[Mount, ...]:
    """Storages as the form offers them."""
    return tuple(
        Mount(
            each.id,
            each.folder,
            place_of(each),
            read_only=each.read_only,
            fixed=each.read_only or each.kind == "folder",
        )
        for each in storages
    )


def classes(offered: Iterable[ResourceClass], free: Mapping[str, str]) -> tuple[ClassChoice, ...]:
    """Resource classes as forms offer them; `free`: what is left of each, in words, by its id."""
    return tuple(
        ClassChoice(
            one.slug,
            one.name,
            one.description,
            words.resources(spec_of_class(one)),
            _number(one.disk_gib),
            one.is_default,
            free.get(one.id, ""),
        )
        for one in offered
    )


def front_ends_of(version: EnvironmentVersion, session: Session, kinds: Kinds) -> tuple[tuple[str, str], ...]:
    """Value and name of what the session can run, the own one first; nothing where nothing is to choose."""
    own, *others = (each.name for each in front_ends.all_of(version, kinds.computer))
    return (("", own), *((name, name) for name in others)) if others or session.front_end else ()


def filled(session: Session, version: EnvironmentVersion, resource_class: str) -> Form:
    """The form of a configuration as it is."""
    read_only = choices.chosen_storages(session)
    values: dict[str, list[str]] = {
        "revision": [str(session.revision)],
        "name": [session.name],
        "description": [session.description],
        "version": [str(version.number)],
        "front_end": [session.front_end if session.front_end not in {None, version.front_end} else ""],
        "resource_class": [resource_class],
        "cpus": [_number(session.cpus)],
        "memory_gib": [_number(session.memory_gib)],
        "disk_gib": [_number(session.disk_gib)],
        "idle_minutes": [_number(session.idle_minutes)],
        "life_hours": [_number(session.life_hours)],
        "repositories": ["all" if session.repositories is None else "chosen"],
        "storages": ["all" if session.storages is None else "chosen"],
        "repository": list(session.repositories or ()),
        "storage": list(read_only or ()),
        "read-only": [storage for storage, wanted in (read_only or {}).items() if wanted],
    }
    for repository, ref in (session.repositories or {}).items():
        values[f"ref-{repository}"] = [ref or ""]
    for row, (name, value) in enumerate(session.variables.items(), start=1):
        values[f"variable-{row}-name"] = [name]
        values[f"variable-{row}-value"] = [value]
    return Form(values)


def _number(amount: float | None) -> str:
    return "" if amount is None else f"{amount:g}"


def pausing(lifetimes: Lifetimes) -> tuple[str, str]:
    """What is said of the minutes without activity and of the hours in all: empty ones, and the most."""
    return (
        _bounds(lifetimes.idle_minutes, lifetimes.idle_minutes_most, "minute"),
        _bounds(lifetimes.life_hours, lifetimes.life_hours_most, "hour"),
    )


def _bounds(default: float, most: float, unit: str) -> str:
    own = min(default or most, most) if most else default
    empty = f"Empty is {own:g} {unit}{'s' if own != 1 else ''}" if own else "Empty is never"
    return (
        f"{empty}; at most {most:g}."
        if most
        else f"{empty}, as 0 is."
        if not own
        else f"{empty}, 0 is never."
    )


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


def least(form: Form) -> Amounts:
    """What the form says that a session needs at least.

    Raises:
        ValidationError: a number is none.
    """
    sent = {name: amount for name, field in LEAST.items() if (amount := _amount(form.value(field)))}
    body = Minimum.model_validate(sent)
    return Amounts(cpus=body.cpus, memory_gib=body.memory_gib, gpus=body.gpus)


def chosen(form: Form, found: ResourceClass, wanted: Amounts) -> Form:
    """The form with the class that is the smallest that has enough, and with words that say so."""
    parts = [said(kind, getattr(wanted, kind)) for kind in KINDS if getattr(wanted, kind)]
    having = f" with at least {words.listed(tuple(parts))}" if parts else ""
    sentence = f"{found.name} ({words.resources(spec_of_class(found))}) is the smallest class{having}."
    values = {name: value for name, value in form.values.items() if name != "find"}
    return replace(form, values={**values, "resource_class": [found.slug], "found": [sentence]})


def labels(form: Form, view: ConfigurePage) -> dict[str, str]:
    """What people call the inputs."""
    known = {
        "name": "Name",
        "description": "Description",
        "version": "Version",
        "front_end": "Front end",
        "resource_class": "Resources",
        "cpus": "CPU",
        "memory_gib": "Memory",
        "disk_gib": "Disk",
        "idle_minutes": "Minutes without activity",
        "life_hours": "Hours in all",
        "repositories": "Repositories",
        "storages": "Storages",
        "variables": "Variables",
        "least_cpus": "At least, CPU",
        "least_memory_gib": "At least, memory",
        "least_gpus": "At least, GPU",
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
    }
    if "front_end" in form.values:
        sent["front_end"] = form.value("front_end") or None
    _resources(form, sent)
    if form.chosen("default", "on"):
        sent["default"] = True
    inputs: dict[str, str] = {}
    _repositories(form, sent, inputs)
    _storages(form, sent, inputs)
    _variables(form, sent, inputs)
    return sent, inputs


def _amount(text: str) -> str | None:
    return text.strip().replace(",", ".") or None


def _resources(form: Form, sent: dict[str, Any]) -> None:
    """A class leaves out the numbers beside it, which are then not shown; what the form lacks stays."""
    by_class = form.value("resource_class") or None
    if "resource_class" in form.values:
        sent["resource_class"] = by_class
    if by_class is None:
        sent["cpus"] = _amount(form.value("cpus"))
        sent["memory_gib"] = _amount(form.value("memory_gib"))
    if "disk_gib" in form.values:
        sent["disk_gib"] = _amount(form.value("disk_gib"))
    for name in ("idle_minutes", "life_hours"):
        if name in form.values:
            sent[name] = _amount(form.value(name))


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
        sent["storages"] = [{"storage": each, "read_only": form.chosen("read-only", each)} for each in chosen]
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
