"""`sojourn resource-class`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn.cli import output
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.words import resources

if TYPE_CHECKING:
    from sojourn.client.models import ResourceClass

group = new_group("Resource classes that sessions can be of.")

COLUMNS: output.Columns[ResourceClass] = {
    "Class": lambda one: one.slug,
    "Name": lambda one: f"{one.name} (default)" if one.default else one.name,
    "Resources": lambda one: resources(one.cpus, one.memory_gib, gpus=one.gpus, disk_gib=one.disk_gib),
    "Description": lambda one: one.description,
}


@command(group, "list")
def listing(invocation: Invocation) -> None:
    """List the resource classes, as the administrator ordered them."""
    none = "There are no resource classes; sessions have numbers of their own."
    invocation.listing(invocation.client.resource_classes.list(), COLUMNS, none=none)
