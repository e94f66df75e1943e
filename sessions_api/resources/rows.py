"""Between what a class or pool says and its row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sessions_api.resources.offers import ClassFields
from sessions_api.resources.rules import PoolFields
from sessions_api.resources.tables import ResourceClass, ResourcePool

LIMITS = ("quota", "per_person", "per_project")
_OF_CLASS = ClassFields.model_fields.keys() - {"default"}


def class_values(fields: ClassFields) -> dict[str, Any]:
    """What a class's row holds of it; whether it is the default is decided among all classes."""
    values = fields.model_dump(include=set(_OF_CLASS - {"tolerations"}))
    return {**values, "tolerations": [one.model_dump(exclude_none=True) for one in fields.tolerations]}


def pool_values(fields: PoolFields) -> dict[str, Any]:
    """What a pool's row holds of it; which classes are in it their rows say."""
    limits = {name: getattr(fields, name).model_dump(exclude_none=True) for name in LIMITS}
    groups = list(fields.audience.groups)
    return {**limits, "name": fields.name, "description": fields.description, "groups": groups}


def class_fields(row: ResourceClass) -> dict[str, Any]:
    """What a class says, as a body says it."""
    return {**{name: getattr(row, name) for name in sorted(_OF_CLASS)}, "default": row.is_default}


def pool_fields(row: ResourcePool, classes: Iterable[ResourceClass]) -> dict[str, Any]:
    """What a pool says, as a body says it; `classes`: those in it."""
    return {
        "name": row.name,
        "description": row.description,
        "classes": [one.slug for one in classes],
        **{name: getattr(row, name) for name in LIMITS},
        "audience": {"groups": row.groups},
    }
