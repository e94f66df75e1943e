"""SBOMs: reads what others attached to an image, and writes what was found in one.

Read are SPDX 2 and CycloneDX, as JSON, bare or in an in-toto statement as BuildKit attaches them. They are
read as events, never as a whole tree, so memory follows the packages.
"""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import ijson  # type: ignore[import-untyped]

from sessions_api.registry.contents.model import MIB, Package
from sessions_api.registry.contents.purls import package_of, purl
from sessions_api.web import words

MOST_BYTES = 64 * MIB
"""Of an SBOM; those of large images with all their files have some tens of MiB."""
MOST_PACKAGES = 50_000
"""Of an SBOM, of the kinds that are known here."""
MOST_DEPTH = 64
"""Levels of an SBOM; real ones have about ten."""

_STATEMENT = "predicate"
_IMAGE = "image"


class SbomError(Exception):
    """An SBOM is not read; the message is a sentence for people."""


def read_sbom(data: bytes) -> tuple[Package, ...]:
    """The packages that an SBOM lists by package URL, sorted; without location where it tells none.

    Takes about a second for 10 MiB: call it in a thread.

    Raises:
        SbomError: it is none that is read here, or is too large.
    """
    if len(data) > MOST_BYTES:
        size, most = words.size(len(data)), words.size(MOST_BYTES)
        raise SbomError(f"The SBOM has {size}; {most} are the most that is read.")
    document = _Document()
    try:
        for event, value in ijson.basic_parse(io.BytesIO(data), use_float=True):
            document.take(event, value)
    except (ijson.JSONError, ValueError) as error:
        raise SbomError("The SBOM is damaged: it is not JSON.") from error
    if not document.is_known:
        raise SbomError("The SBOM is in no format that is read here; attach SPDX 2.3 or CycloneDX JSON.")
    return tuple(sorted(document.packages))


def write_sbom(packages: Iterable[Package], *, name: str, digest: str, is_complete: bool) -> bytes:
    """An SBOM in CycloneDX 1.6 JSON, the same bytes for the same packages.

    Args:
        packages: what is installed; one in several places is one component with several occurrences.
        name: of what they are installed in.
        digest: which version of it that is.
        is_complete: whether `packages` are all; an SBOM says that, too.
    """
    places: dict[str, list[Package]] = {}
    for package in sorted(packages):
        places.setdefault(purl(package), []).append(package)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "container", "bom-ref": _IMAGE, "name": name, "version": digest},
        },
        "components": [_component(url, found) for url, found in places.items()],
        "compositions": [
            {"aggregate": "complete" if is_complete else "incomplete", "assemblies": [_IMAGE]},
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _component(url: str, found: list[Package]) -> dict[str, object]:
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": url,
        "name": found[0].name,
        "version": found[0].version,
        "purl": url,
    }
    if locations := sorted({package.location for package in found if package.location}):
        component["evidence"] = {"occurrences": [{"location": location} for location in locations]}
    return component


@dataclass
class _Draft:
    """A package while it is read.

    Attributes:
        level: of its object in the document.
        said: its own fields that are text.
        reference: the fields of an external reference of SPDX.
    """

    level: int
    said: dict[str, str] = field(default_factory=dict)
    reference: dict[str, str] = field(default_factory=dict)
    locations: list[str] = field(default_factory=list)

    def take(self, path: list[str], value: str) -> None:
        """Takes a text at a path below the package."""
        match path:
            case [key]:
                self.said[key] = value
            case ["externalRefs", "item", key]:
                self.reference[key] = value
                if self.reference.get("referenceType") == "purl" and "referenceLocator" in self.reference:
                    self.said["purl"] = self.reference["referenceLocator"]
            case ["evidence", "occurrences", "item", "location"]:
                self.locations.append(value)

    def packages(self) -> Iterator[Package]:
        """One for each place; none where it is of no kind that is known here."""
        version = self.said.get("versionInfo") or self.said.get("version") or ""
        for location in self.locations or [""]:
            found = package_of(
                self.said.get("purl", ""), name=self.said.get("name", ""), version=version, location=location
            )
            if found is not None:
                yield found


class _Document:
    """Follows where in a document its events are."""

    def __init__(self) -> None:
        self.packages: set[Package] = set()
        self.is_known = False
        """Whether it says to be of a format that is read here."""
        self._path: list[str] = []
        self._drafts: list[_Draft] = []

    def take(self, event: str, value: object) -> None:
        """Takes the next event.

        Raises:
            SbomError: the document is too deep, or lists too much.
        """
        if event == "map_key":
            self._path[-1] = str(value)
        elif event in {"start_map", "start_array"}:
            if event == "start_map" and self._is_package():
                self._drafts.append(_Draft(len(self._path)))
            elif self._drafts and self._path[-2:] == ["externalRefs", "item"]:
                self._drafts[-1].reference = {}
            self._path.append("item")
            if len(self._path) > MOST_DEPTH:
                raise SbomError(f"The SBOM is nested deeper than {MOST_DEPTH} levels, as no real one is.")
        elif event in {"end_map", "end_array"}:
            self._path.pop()
            if self._drafts and self._drafts[-1].level == len(self._path):
                self._keep(self._drafts.pop())
        elif isinstance(value, str):
            self._take_text(value)

    def _take_text(self, value: str) -> None:
        below = self._below(self._path)
        self.is_known |= below == ["bomFormat"] and value == "CycloneDX"
        self.is_known |= below == ["spdxVersion"] and value.startswith("SPDX-2.")
        if self._drafts:
            self._drafts[-1].take(self._path[self._drafts[-1].level :], value)

    def _is_package(self) -> bool:
        below = self._below(self._path)
        if below == ["packages", "item"]:
            return True
        return bool(below) and below == ["components", "item"] * (len(below) // 2)

    def _keep(self, draft: _Draft) -> None:
        self.packages.update(draft.packages())
        if len(self.packages) > MOST_PACKAGES:
            raise SbomError(f"The SBOM lists more than {MOST_PACKAGES} packages; no more are read.")

    @staticmethod
    def _below(path: list[str]) -> list[str]:
        return path[1:] if path[:1] == [_STATEMENT] else path
