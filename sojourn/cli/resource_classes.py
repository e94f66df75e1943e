"""`sojourn resource-class`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from sojourn.cli import output
from sojourn.cli.arguments import limit, name_or_none, text_file, variable
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.words import resources

if TYPE_CHECKING:
    from sojourn.client.models import ResourceClass
    from sojourn.client.offer_calls import ClassChanges, ClassDetails, OfferedClass

group = new_group("Resource classes that sessions can be of; platform admins make and change them.")

COLUMNS: output.Columns[ResourceClass | OfferedClass] = {
    "Class": lambda one: one.slug,
    "Name": lambda one: f"{one.name} (default)" if one.default else one.name,
    "Resources": lambda one: resources(one.cpus, one.memory_gib, gpus=one.gpus, disk_gib=one.disk_gib),
    "Description": lambda one: one.description,
}

Slug = Annotated[str, typer.Argument(metavar="CLASS", help="As listed.", show_default=False)]
Name = Annotated[str | None, typer.Option(help="What people call it.", show_default=False)]
Text = Annotated[str | None, typer.Option("--description", help="What it is for.", show_default=False)]
Cpus = Annotated[float | None, typer.Option(help="CPUs, may be a fraction.", show_default=False)]
Memory = Annotated[float | None, typer.Option(metavar="GIB", help="Memory.", show_default=False)]
Disk = Annotated[
    str | None,
    typer.Option(metavar="GIB", help="Size of /work; none: the installation's own.", show_default=False),
]
Gpus = Annotated[int | None, typer.Option(help="How many GPUs; 0 for none.", show_default=False)]
GpuKind = Annotated[
    str | None, typer.Option("--gpu-kind", help="As nodes offer it: nvidia.com/gpu.", show_default=False)
]
Selector = Annotated[
    list[str] | None,
    typer.Option("--node-label", metavar="NAME=VALUE", help="Only nodes with this label; may be repeated."),
]
Tolerations = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="YAML or JSON with a list, as in a pod.", show_default=False),
]
Affinity = Annotated[
    str | None, typer.Option(metavar="FILE", help="YAML or JSON, as in a pod.", show_default=False)
]
Priority = Annotated[
    str | None, typer.Option("--priority-class", help="As in a pod; none for none.", show_default=False)
]
Default = Annotated[
    bool | None,
    typer.Option("--default/--no-default", help="Make new sessions be of it, or not.", show_default=False),
]


@command(group, "list")
def listing(
    invocation: Invocation,
    *,
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="Those that were withdrawn; for platform admins.")
    ] = False,
) -> None:
    """List the resource classes, as the administrator ordered them."""
    if withdrawn:
        found = invocation.client.resource_classes.every(withdrawn=True)
        invocation.listing(found, COLUMNS, none="No resource class was withdrawn.")
        return
    none = "There are no resource classes; sessions have numbers of their own."
    invocation.listing(invocation.client.resource_classes.list(), COLUMNS, none=none)


@command(group, "show")
def show(invocation: Invocation, resource_class: Slug) -> None:
    """Show all of a class and what is taken of it; for platform admins."""
    one = invocation.client.resource_classes.get(resource_class)
    pairs = [
        ("Class", one.slug),
        *((heading, COLUMNS[heading](one)) for heading in ("Name", "Resources", "Description")),
        ("Kind of GPU", one.gpu_resource),
        ("Node labels", ", ".join(f"{name}={value}" for name, value in one.node_selector.items())),
        ("Priority class", one.priority_class),
        ("Pool", one.pool),
        ("From", "the installation's file" if one.origin == "file" else "an administrator"),
        ("Withdrawn", "yes" if one.withdrawn_at else ""),
        ("Taken", f"by {one.taken.sessions} sessions: {one.taken.cpus:g} CPU, {one.taken.memory_gib:g} GiB"),
    ]
    invocation.show(one, pairs)


@command(group, "create")
def create(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.", show_default=False)],
    *,
    cpus: Annotated[float, typer.Option(help="CPUs, may be a fraction.", show_default=False)],
    memory: Annotated[float, typer.Option(metavar="GIB", help="Memory.", show_default=False)],
    slug: Annotated[
        str | None, typer.Option(help="What programs call it.", show_default="derives from the name")
    ] = None,
    description: Text = None,
    disk: Disk = None,
    gpus: Gpus = None,
    gpu_kind: GpuKind = None,
    node_label: Selector = None,
    tolerations: Tolerations = None,
    affinity: Affinity = None,
    priority_class: Priority = None,
    default: Default = None,
) -> None:
    """Make a class; for platform admins."""
    fields = _fields(
        description=description,
        cpus=cpus,
        memory_gib=memory,
        disk=disk,
        gpus=gpus,
        gpu_resource=gpu_kind,
        node_label=node_label,
        tolerations=tolerations,
        affinity=affinity,
        priority_class=priority_class,
        default=default,
    )
    made = invocation.client.resource_classes.create(name, slug=slug, **cast("ClassDetails", fields))
    invocation.done(f"Sessions can be of the class {made.slug} now.", made)


@command(group, "change")
def change(
    invocation: Invocation,
    resource_class: Slug,
    *,
    name: Name = None,
    description: Text = None,
    cpus: Cpus = None,
    memory: Memory = None,
    disk: Disk = None,
    gpus: Gpus = None,
    gpu_kind: GpuKind = None,
    node_label: Selector = None,
    tolerations: Tolerations = None,
    affinity: Affinity = None,
    priority_class: Priority = None,
    default: Default = None,
    position: Annotated[
        int | None, typer.Option(help="Its place among those made here, from 1.", min=1, show_default=False)
    ] = None,
) -> None:
    """Change a class for starts from now on; what runs keeps what it has. For platform admins."""
    fields = _fields(
        name=name,
        description=description,
        cpus=cpus,
        memory_gib=memory,
        disk=disk,
        gpus=gpus,
        gpu_resource=gpu_kind if gpus != 0 else "none",
        node_label=node_label,
        tolerations=tolerations,
        affinity=affinity,
        priority_class=priority_class,
        default=default,
        position=position,
    )
    changed = invocation.client.resource_classes.change(resource_class, **cast("ClassChanges", fields))
    invocation.done(f"Changed the class {changed.slug}, for starts from now on.", changed)


def _fields(**given: object) -> dict[str, Any]:
    """What was given, as the API takes it."""
    found = {name: value for name, value in given.items() if value is not None}
    if "disk" in found:
        found["disk_gib"] = limit(str(found.pop("disk")))
    if "node_label" in found:
        found["node_selector"] = dict(map(variable, cast("list[str]", found.pop("node_label"))))
    for name in ("tolerations", "affinity"):
        if name in found:
            found[name] = _written(str(found[name]))
    for name in ("gpu_resource", "priority_class"):
        if name in found:
            found[name] = name_or_none(str(found[name]))
    return found


def _written(path: str) -> object:
    """What a file says in YAML, which JSON is too."""
    import yaml  # noqa: PLC0415 - only who gives a file waits for it

    _, text = text_file(path)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise typer.BadParameter(f"{path} is no YAML: {error}.") from None


@command(group, "withdraw")
def withdraw(invocation: Invocation, resource_class: Slug) -> None:
    """Offer a class no longer; sessions that are of it keep it. For platform admins."""
    gone = invocation.client.resource_classes.withdraw(resource_class)
    invocation.done(f"The class {gone.slug} is no longer offered; sessions that are of it keep it.", gone)


@command(group, "offer")
def offer(invocation: Invocation, resource_class: Slug) -> None:
    """Offer a withdrawn class again; for platform admins."""
    back = invocation.client.resource_classes.offer(resource_class)
    invocation.done(f"The class {back.slug} is offered again.", back)
