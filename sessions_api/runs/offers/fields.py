"""Between a class or pool and the form that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from sessions_api.kit.errors import Invalid
from sessions_api.resources.amounts import KINDS
from sessions_api.resources.editing import Offers, Row
from sessions_api.resources.rows import LIMITS
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.web.forms import Form

CLASS_LABELS = {
    "name": "Name",
    "slug": "Slug",
    "description": "Description",
    "cpus": "CPUs",
    "memory_gib": "Memory, GiB",
    "disk_gib": "Disk, GiB",
    "gpus": "GPUs",
    "gpu_resource": "Kind of GPU",
    "node_selector": "Node selector",
    "tolerations": "Tolerations",
    "affinity": "Affinity",
    "priority_class": "Priority class",
    "default": "Default class",
}
LIMIT_LABELS = {
    "quota": "All together",
    "per_person": "Each person",
    "per_project": "Each project",
}
KIND_LABELS = {"cpus": "CPUs", "memory_gib": "Memory, GiB", "gpus": "GPUs", "sessions": "Sessions"}
POOL_LABELS = {
    "name": "Name",
    "slug": "Slug",
    "description": "Description",
    "classes": "Classes",
    "groups": "Groups",
    **{
        f"{limit}-{kind}": f"{LIMIT_LABELS[limit]}: {KIND_LABELS[kind]}" for limit in LIMITS for kind in KINDS
    },
}
POOL_INPUTS = {
    "audience.groups": "groups",
    **{f"{limit}.{kind}": f"{limit}-{kind}" for limit in LIMITS for kind in KINDS},
}
"""Inputs by the fields of a body."""


def form_of(one: Row, offers: Offers) -> Form:
    """The form of a class or pool as it is."""
    return _class_form(one) if isinstance(one, ResourceClass) else _pool_form(one, offers)


def _class_form(one: ResourceClass) -> Form:
    dumped = {
        name: yaml.safe_dump(value, sort_keys=False) if value else ""
        for name, value in (("tolerations", one.tolerations), ("affinity", one.affinity))
    }
    numbers = {
        name: "" if value is None else f"{value:g}"
        for name, value in (("cpus", one.cpus), ("memory_gib", one.memory_gib), ("disk_gib", one.disk_gib))
    }
    return _form(
        {
            **dumped,
            **numbers,
            "revision": str(one.revision),
            "name": one.name,
            "description": one.description,
            "gpus": str(one.gpus),
            "gpu_resource": one.gpu_resource or "",
            "node_selector": "\n".join(f"{name}={value}" for name, value in one.node_selector.items()),
            "priority_class": one.priority_class or "",
            "default": "on" if one.is_default else "",
        }
    )


def _form(values: Mapping[str, str]) -> Form:
    return Form({name: [value] for name, value in values.items()})


def class_body(form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """The form of a class as a body says it, and which inputs its fields came from.

    Raises:
        Invalid: a text is not written as it should be.
    """
    given = form.given("name", "description", "cpus", "memory_gib", "disk_gib", "gpus")
    selector = _selector(form.value("node_selector"))
    inputs = {f"node_selector.{name}{end}": "node_selector" for name in selector for end in ("", ".[key]")}
    tolerations = _yaml(form, "tolerations", list) or []
    for number in range(len(tolerations)):
        inputs |= {f"tolerations.{number}": "tolerations"}
        inputs |= {
            f"tolerations.{number}.{name}": "tolerations" for name in ("key", "operator", "value", "effect")
        }
    body = {
        **{name: _decimal(given.get(name)) for name in ("cpus", "memory_gib", "disk_gib")},
        "name": given.get("name", ""),
        "description": given.get("description", ""),
        "gpus": given.get("gpus", "0"),
        "gpu_resource": form.value("gpu_resource").strip() or None,
        "node_selector": selector,
        "tolerations": tolerations,
        "affinity": _yaml(form, "affinity", dict) or None,
        "priority_class": form.value("priority_class").strip() or None,
        "default": form.chosen("default", "on"),
    }
    missing = {name for name in ("cpus", "memory_gib") if body[name] is None}
    return {name: value for name, value in body.items() if name not in missing}, inputs


def _decimal(text: str | None) -> str | None:
    return text.replace(",", ".") if text else None


def _selector(text: str) -> dict[str, str]:
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, equals, value = line.partition("=")
        if line.strip() and not (equals and name.strip()):
            raise Invalid.field("node_selector", f"Line {number} is not NAME=VALUE; write one label a line.")
        if line.strip():
            found[name.strip()] = value.strip()
    return found


def _yaml(form: Form, name: str, kind: type[list[Any] | dict[str, Any]]) -> Any:
    """What is written in an input as YAML, or None.

    Raises:
        Invalid: it is none, or something else.
    """
    written = "a list, each beginning with -" if kind is list else "NAME: VALUE, as in a pod"
    try:
        found = yaml.safe_load(form.value(name))
    except (yaml.YAMLError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" in line {line + 1}"
        raise Invalid.field(name, f"This is not YAML{where}; write {written}.") from error
    if found is not None and not isinstance(found, kind):
        raise Invalid.field(name, f"This is something else in YAML; write {written}.")
    return found


def _pool_form(pool: ResourcePool, offers: Offers) -> Form:
    values = {
        "revision": [str(pool.revision)],
        "name": [pool.name],
        "description": [pool.description],
        "classes": [one.slug for one in offers.classes_in(pool)],
        "groups": ["\n".join(pool.groups)],
    }
    for limit in LIMITS:
        for kind, most in getattr(pool, limit).items():
            values[f"{limit}-{kind}"] = [f"{most:g}"]
    return Form(values)


def pool_body(form: Form) -> dict[str, Any]:
    """The form of a pool as a body says it."""
    limits = {}
    for limit in LIMITS:
        given = form.given(*(f"{limit}-{kind}" for kind in KINDS))
        limits[limit] = {name.partition("-")[2]: _decimal(value) for name, value in given.items()}
    groups = [line.strip() for line in form.value("groups").splitlines() if line.strip()]
    return {
        **limits,
        "name": form.value("name").strip(),
        "description": form.value("description").strip(),
        "classes": list(form.values.get("classes", ())),
        "audience": {"groups": groups},
    }
