"""Between a storage and the form that shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from sessions_api.kit.errors import Invalid
from sessions_api.people.viewer import Viewer
from sessions_api.rights.policy import administers
from sessions_api.storages.offers import Offer
from sessions_api.storages.tables import Storage
from sessions_api.web.forms import Form

_FILE = re.compile(r"file-(\d{1,3})-name")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say what a storage is; two are of kind `claim`.

    Attributes:
        offered: names that can be given, in words; empty: any, or none needed.
    """

    value: str
    kind: str
    label: str
    hint: str
    offered: str = ""


FOLDER = Way("folder", "folder", "Folder of this computer", "Stays where it is")
VOLUME = Way("volume", "claim", "New volume", "Made when a session first needs it")
CLAIM = Way("claim", "claim", "Existing volume", "By the name of its claim")
NFS = Way("nfs", "nfs", "NFS", "A directory that a server exports")
CSI = Way("csi", "csi", "CSI driver", "For instance an S3 bucket")
FILES = Way("files", "files", "Small files", "Handed out read-only, by platform admins")

LABELS = {
    "way": "What it is",
    "path": "Folder of this computer",
    "size_gib": "Size, GiB",
    "storage_class": "Storage class",
    "access": "Who can have it at once",
    "claim": "Volume claim",
    "server": "NFS server",
    "export": "Directory",
    "driver": "CSI driver",
    "attributes": "Attributes",
    "secret": "Secret",
    "files": "Files",
    "name": "Name",
    "folder": "Folder in /work",
    "read_only": "Read-only",
}


def ways(offer: Offer, viewer: Viewer) -> tuple[Way, ...]:
    """What the viewer can add."""
    named = ((CLAIM, offer.claims), (NFS, offer.nfs_servers), (CSI, offer.csi_drivers))
    found = [FOLDER, VOLUME]
    found += [
        replace(way, offered="" if administers(viewer) or "*" in names else ", ".join(sorted(names)))
        for way, names in named
        if administers(viewer) or names
    ]
    found += [FILES] if administers(viewer) else []
    return tuple(way for way in found if way.kind in offer.kinds)


def way_of(storage: Storage) -> Way:
    """The way in which a storage was added."""
    if storage.kind == "claim":
        return CLAIM if storage.details["size_gib"] is None else VOLUME
    return {"folder": FOLDER, "nfs": NFS, "csi": CSI, "files": FILES}[storage.kind]


def chosen(form: Form, offered: Sequence[Way]) -> Way | None:
    """The way that was chosen, else the first; None when nothing is offered."""
    return next((way for way in offered if way.value == form.value("way")), next(iter(offered), None))


def filled(storage: Storage) -> Form:
    """The form of a storage as it is."""
    details = storage.details
    values: dict[str, list[str]] = {
        "revision": [str(storage.revision)],
        "name": [storage.name],
        "folder": [storage.folder],
        "read_only": ["on"] if storage.read_only else [],
    }
    for name in ("claim", "server", "driver", "secret"):
        values[name] = [details.get(name) or ""]
    values["export" if storage.kind == "nfs" else "path"] = [details.get("path", "")]
    values["attributes"] = [
        "\n".join(f"{key}={value}" for key, value in details.get("attributes", {}).items())
    ]
    for row, (name, text) in enumerate(details.get("files", {}).items(), start=1):
        values[f"file-{row}-name"] = [name]
        values[f"file-{row}-text"] = [text]
    return Form(values)


def rows(form: Form) -> tuple[int, ...]:
    """The numbers of the rows of files, at least one."""
    found = sorted(int(match[1]) for name in form.values if (match := _FILE.fullmatch(name)))
    return tuple(found) or (1,)


def edited(form: Form) -> Form | None:
    """The form with a row of files more or less, when that was pressed; else None."""
    values = {name: value for name, value in form.values.items() if name not in {"add", "drop"}}
    if form.value("add"):
        return replace(form, values={**values, f"file-{rows(form)[-1] + 1}-name": [""]})
    if dropped := form.value("drop"):
        gone = {f"file-{dropped}-name", f"file-{dropped}-text"}
        return replace(form, values={name: value for name, value in values.items() if name not in gone})
    return None


def labels(form: Form) -> Mapping[str, str]:
    """What people call the inputs."""
    files = {
        f"file-{row}-{part}": f"{word} of file {row}"
        for row in rows(form)
        for part, word in (("name", "Name"), ("text", "Text"))
    }
    return LABELS | files


def body(form: Form, way: Way) -> tuple[dict[str, Any], dict[str, str]]:
    """The form as a JSON body would say it, and which input each of its fields came from.

    Without a name, the storage is called like what it leads to.

    Raises:
        Invalid: attributes are not written as they should be, or two files have the same name.
    """
    inputs = {"path": "export"} if way.kind == "nfs" else {}
    details = _details(form, way, inputs)
    given = form.given("name", "folder")
    leads = str(details.get("path") or details.get("claim") or "")
    sent: dict[str, Any] = {"name": PurePath(leads).name or "storage", **given, **details}
    if way.kind != "folder":
        sent["read_only"] = form.chosen("read_only", "on") or way.kind == "files"
    return sent, inputs


def _details(form: Form, way: Way, inputs: dict[str, str]) -> dict[str, Any]:
    match way.value:
        case "folder":
            return {"path": form.value("path").strip()}
        case "volume":
            given = form.given("size_gib", "storage_class", "access")
            size = given.get("size_gib", "").replace(",", ".")
            return {**given, "size_gib": size}
        case "claim":
            return {"claim": form.value("claim").strip()}
        case "nfs":
            return {"server": form.value("server").strip(), "path": form.value("export").strip()}
        case "csi":
            attributes = _attributes(form.value("attributes"))
            inputs |= {
                f"attributes.{name}{end}": "attributes" for name in attributes for end in ("", ".[key]")
            }
            secret = form.value("secret").strip() or None
            return {"driver": form.value("driver").strip(), "attributes": attributes, "secret": secret}
    return {"files": _files(form, inputs)}


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, equals, value = line.partition("=")
        if line.strip() and not (equals and name.strip()):
            raise Invalid.field("attributes", f"Line {number} is not NAME=VALUE; write one attribute a line.")
        if line.strip():
            found[name.strip()] = value.strip()
    return found


def _files(form: Form, inputs: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows(form):
        name, text = form.value(f"file-{row}-name").strip(), form.value(f"file-{row}-text")
        if not name and not text:
            continue
        if name in found:
            raise Invalid.field(f"file-{row}-name", f"{name} is named twice.")
        found[name] = text
        inputs[f"files.{name}.[key]"] = f"file-{row}-name"
        inputs[f"files.{name}"] = f"file-{row}-text"
    return found
