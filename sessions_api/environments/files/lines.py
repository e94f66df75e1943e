"""Lines of a requirements file, wherever they stand: what they ask for, or why it is not taken.

Packages are asked for by name. Where they come from is this computer's own matter (docs/decisions/0008), and
other files are not there to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement

from sessions_api.environments.files.model import PACKAGES, Listed, Place, quoted

_LENGTH = 1000
"""Of a line; what is longer is none that people or programs write."""
_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"\s--hash[= ]\S+")
_OPTION = re.compile(r"--?[A-Za-z][A-Za-z0-9-]*")
_ADDRESS = re.compile(r"^[./~\\]|://|^[a-z+]+:|\.(whl|zip|tar\.gz|tgz)$", re.IGNORECASE)

_INCLUDES = "includes another file, which is not here; put its lines in its place."
_LIMITS = "takes limits from another file, which is not here; put them at the packages."
_INDEX = "says where packages come from, which is this computer's own matter; leave it out."
_FOLDER = "installs a folder as it is edited; name a package of the index, or clone it in the project."
_BUILDS = "builds packages, which runs their code; leave it out, ready-made packages only are installed."
_OTHER = "is an option that is not taken; leave it out."

_OPTIONS = {
    **dict.fromkeys(("-r", "--requirement"), _INCLUDES),
    **dict.fromkeys(("-c", "--constraint"), _LIMITS),
    **dict.fromkeys(("-i", "--index-url", "--pypi-url", "--extra-index-url", "--no-index"), _INDEX),
    **dict.fromkeys(("-f", "--find-links", "--trusted-host"), _INDEX),
    **dict.fromkeys(("-e", "--editable"), _FOLDER),
    "--no-binary": _BUILDS,
}


def text_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a requirements file by their numbers; those that go on in the next are one."""
    begin, parts = 0, []
    for number, line in enumerate(text.split("\n"), 1):
        begin = begin or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        yield begin, " ".join((*parts, line))
        begin, parts = 0, []
    if parts:
        yield begin, " ".join(parts)


def read(lines: Iterable[tuple[int, str]], place: Place) -> Listed:
    """What lines ask for; they come with their numbers.

    Raises:
        Invalid: a line is none that is taken, or there are too many; it is named with what to do.
    """
    found: list[Requirement] = []
    hashes = elsewhere = 0
    for number, raw in lines:
        line = _COMMENT.sub("", raw).strip()
        if not line:
            continue
        here = place.at(number)
        named, hashed = _HASH.subn("", line)
        hashes += hashed
        if len(named) > _LENGTH:
            raise here.refusal(f"this is longer than {_LENGTH} characters; a line names one package.")
        if len(found) + elsewhere >= PACKAGES:
            raise here.refusal(f"it lists more than {PACKAGES} packages; leave some out.")
        if (requirement := _requirement(named.strip(), here)) is None:
            continue
        if not _is_for_this_computer(requirement, here):
            elsewhere += 1
            continue
        found.append(requirement)
    notes = []
    if hashes:
        notes.append("The hashes were left out: environments are pinned to versions.")
    if elsewhere:
        noun = "1 line is" if elsewhere == 1 else f"{elsewhere} lines are"
        notes.append(f"{noun} for other computers and left out.")
    return Listed(tuple(found), tuple(notes))


def _requirement(line: str, here: Place) -> Requirement | None:
    """What a line asks for; None: nothing that is not so anyway."""
    if option := _OPTION.match(line):
        name = option[0] if line.startswith("--") else option[0][:2]
        if name == "--only-binary":
            return None
        raise here.refusal(f"{quoted(name)} {_OPTIONS.get(name, _OTHER)}")
    if _ADDRESS.search(line):
        raise _address(line, here)
    try:
        requirement = Requirement(line)
    except (InvalidRequirement, RecursionError):
        raise here.refusal(
            f"{quoted(line)} is no package with versions; write it like numpy==2.3.5 or numpy>=2."
        ) from None
    if requirement.url is not None:
        raise _address(line, here)
    if not str(requirement).isprintable():
        raise here.refusal(f"{quoted(line)} has control characters; leave them out.")
    return requirement


def _address(line: str, here: Place) -> Exception:
    return here.refusal(
        f"{quoted(line)} is an address or a path, and packages are taken by their names only; "
        "write it like numpy==2.3.5."
    )


def _is_for_this_computer(requirement: Requirement, here: Place) -> bool:
    """Evaluates the marker, which is gone afterwards."""
    marker, requirement.marker = requirement.marker, None
    if marker is None:
        return True
    try:
        return marker.evaluate()
    except (ValueError, KeyError, TypeError, RecursionError):
        raise here.refusal(
            f"{quoted(str(requirement))} has a condition that cannot be told here; leave it out."
        ) from None
