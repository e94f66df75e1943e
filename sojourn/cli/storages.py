"""`sojourn storage`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, cast

import typer

from sojourn.cli.arguments import local_path, text_file, variable
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName
from sojourn.cli.output import Columns

if TYPE_CHECKING:
    from sojourn.client.calls import StorageOfOtherKind
    from sojourn.client.models import Storage

group = new_group("Storages of a project, which its sessions share.")


class Kind(StrEnum):
    """Kinds of storages."""

    FOLDER = "folder"
    CLAIM = "claim"
    NFS = "nfs"
    CSI = "csi"
    FILES = "files"


def _where(storage: Storage) -> str:
    match storage.kind:
        case Kind.CLAIM if storage.size_gib is not None:
            return f"volume of {storage.size_gib:g} GiB, claim {storage.claim}"
        case Kind.CLAIM:
            return f"claim {storage.claim}"
        case Kind.NFS:
            return f"{storage.server}:{storage.path}"
        case Kind.CSI:
            return f"volume of {storage.driver}"
        case Kind.FILES:
            return ", ".join(storage.files or ())
    return storage.path or ""


COLUMNS: Columns[Storage] = {
    "Folder": lambda storage: storage.folder,
    "Name": lambda storage: storage.name,
    "Kind": lambda storage: f"{storage.kind}, read-only" if storage.read_only else storage.kind,
    "Where": _where,
}


@command(group, "add")
def add(
    invocation: Invocation,
    project: ProjectName,
    path: Annotated[
        str | None,
        typer.Argument(
            parser=local_path,
            metavar="PATH",
            help="A folder of this computer; with --kind nfs, a directory of the server.",
            show_default=False,
        ),
    ] = None,
    *,
    kind: Annotated[Kind, typer.Option(help="What it is.")] = Kind.FOLDER,
    name: Annotated[
        str | None, typer.Option(help="What it is called.", show_default="what it leads to")
    ] = None,
    folder: Annotated[
        str | None, typer.Option(help="Its folder of /work.", show_default="derives from the name")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Let no session write to it.")] = False,
    size: Annotated[
        float | None, typer.Option(metavar="GIB", help="claim: make a new volume of this size.")
    ] = None,
    storage_class: Annotated[
        str | None, typer.Option(help="claim: of a new volume.", show_default="the cluster's default")
    ] = None,
    access: Annotated[
        str | None,
        typer.Option(help="claim: ReadWriteMany or ReadWriteOnce, of a new volume.", show_default=False),
    ] = None,
    claim: Annotated[str | None, typer.Option(metavar="NAME", help="claim: one that exists.")] = None,
    server: Annotated[str | None, typer.Option(help="nfs: the server.")] = None,
    driver: Annotated[str | None, typer.Option(help="csi: the driver.")] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="csi: tell the driver this; may be repeated."),
    ] = None,
    secret: Annotated[
        str | None, typer.Option(metavar="NAME", help="csi: a Secret of the cluster, for the driver.")
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="files: hand out this text; may be repeated."),
    ] = None,
) -> None:
    """Add a storage; sessions have it from their next start on."""
    given = {
        "claim": claim,
        "size_gib": size,
        "storage_class": storage_class,
        "access": access,
        "server": server,
        "driver": driver,
        "secret": secret,
        "attributes": dict(map(variable, attribute)) if attribute else None,
        "files": dict(map(text_file, file)) if file else None,
    }
    added = invocation.client.storages(project).add(
        name or PurePath(path or "").name or claim or path or kind,
        path,
        kind=kind,
        folder=folder,
        read_only=read_only or kind is Kind.FILES,
        **cast("StorageOfOtherKind", {key: value for key, value in given.items() if value is not None}),
    )
    invocation.done(f"Sessions of {project} get {added.folder} from their next start on.", added)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List the storages of a project."""
    invocation.listing(
        invocation.client.storages(project).list(), COLUMNS, none=f"{project} has no storages."
    )


@command(group, "remove")
def remove(
    invocation: Invocation,
    project: ProjectName,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Its folder of /work.", show_default=False)],
) -> None:
    """Remove a storage from a project; what lies in it stays where it is."""
    found = invocation.client.storages(project).get(folder)
    invocation.client.storages(project).remove(folder)
    invocation.done(f"Removed {found.folder} from {project}. {_stays(found)}")


def _stays(storage: Storage) -> str:
    if storage.kind == Kind.FILES:
        return "Its files are gone."
    if storage.size_gib is not None:
        return f"The volume claim {storage.claim} stays, until an administrator of the cluster deletes it."
    return f"What lies in it stays: {_where(storage)}."
