"""From versions of environments to what pages show of them: how they run, what is installed, what differs."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from packaging.utils import canonicalize_name

from sessions_api.environments import differences, front_ends
from sessions_api.environments.differences import FieldChange, PackageChange
from sessions_api.environments.front_ends import FrontEnd
from sessions_api.environments.packages import Package as Installed
from sessions_api.environments.present import crumbs, path_of
from sessions_api.environments.present_upstream import fact
from sessions_api.environments.service import Difference
from sessions_api.environments.tables import Environment, EnvironmentVersion, LaunchProof
from sessions_api.environments.views import Change, DifferencePage, Package, Packages, Version, VersionRow
from sessions_api.environments.watching.tags import Upstream
from sessions_api.web import words
from sessions_api.web.filters import short
from sessions_api.web.parts import Action, Crumb, Pager

CHANGES = 12
"""Changes of packages shown in the list of versions; a page of their own has all."""

KINDS = {"python": "Python", "conda": "Conda", "r": "R", "debian": "Debian", "apk": "Alpine"}
_MADE_FROM = {"recipe": "from its recipe", "image": "from an image", "requirements": "from requirements"}
_FIELDS = {
    "front_end": "Front end",
    "command": "Command",
    "arguments": "Arguments",
    "default_url": "Opens",
    "port": "Port",
    "gate": "Login",
    "front_ends": "Other front ends",
    "uid": "User",
    "gid": "Group",
    "working_folder": "Starts in",
    "read_only_root": "Root folder",
}


def made(version: EnvironmentVersion, now: datetime) -> str:
    """`17 Nov by ines, from an image`."""
    return f"{words.day(version.created_at, now)} by {version.created_by}, {made_from(version)}"


def made_from(version: EnvironmentVersion) -> str:
    """What a version came from."""
    return _MADE_FROM.get(version.made_from, version.made_from)


def shown(
    version: EnvironmentVersion,
    now: datetime,
    *,
    newest: bool,
    upstream: Upstream | None,
    proof: LaunchProof | None,
    trial: str,
) -> Version:
    """A version: what it is and how it runs.

    `upstream` is what its tag means by now, `proof` what launches showed, `trial` where to ask for one.
    """
    return Version(
        number=version.number,
        digest=version.digest,
        newest=newest,
        written=version.reference or "",
        image=version.image or "",
        facts=(
            *fact(upstream, now),
            *_of_image(version),
            *_runs(version),
            ("Front end", version.front_end),
            *(("Other front end", _whole(each)) for each in front_ends.all_of(version, ())[1:]),
            ("Made", made(version, now)),
            ("Launches", _proved(proof, now)),
        ),
        layers=tuple((short(layer["digest"], 12), words.size(layer["size"])) for layer in version.layers),
        labels=tuple((name, str(value)) for name, value in sorted(version.labels.items())),
        trial=Action("Trial launch", trial, "play", post=True) if trial else None,
    )


def _proved(proof: LaunchProof | None, now: datetime) -> str:
    """What launches showed: `Works: ready after 4 s, 2 h ago. 3 launches worked, 1 did not.`."""
    if proof is None:
        return "Nobody has started it here yet."
    when = words.ago(proof.at, now)
    if proof.works:
        last = f"Works: ready after {words.duration(proof.seconds or 0)}, {when}."
    else:
        last = f"Did not start, {when}. {(proof.reason or {}).get('sentence', '')}"
    if proof.worked + proof.failed == 1:
        return last
    counts = f"{words.count(proof.worked, 'launch', 'launches')} worked"
    return f"{last} {counts}, {proof.failed} did not."


def _of_image(version: EnvironmentVersion) -> tuple[tuple[str, str], ...]:
    found = []
    if version.platforms:
        found.append(("Platforms", ", ".join(version.platforms)))
    layers = words.count(len(version.layers), "layer") if version.layers else ""
    if version.size is not None:
        found.append(("Size", ", ".join(filter(None, (f"{words.size(version.size)} to pull", layers)))))
    elif layers:
        found.append(("Size", layers))
    return tuple(found)


def _whole(front_end: FrontEnd) -> str:
    """A front end and how it is run: `VS Code: runs code-server /work, opens / on port 8080. Login: …`."""
    started = shlex.join([*front_end.command, *front_end.arguments]) or "the image's own program"
    opens = f"opens {front_end.default_url} on port {front_end.port}"
    return f"{front_end.name}: runs {started}, {opens}. Login: {_value('gate', front_end.gate)}"


def _runs(version: EnvironmentVersion) -> tuple[tuple[str, str], ...]:
    started = shlex.join([*version.command, *version.arguments])
    command = started if version.command else " ".join(filter(None, ("The image's own program", started)))
    always = (("Runs", command), ("Opens", version.default_url))
    if version.image is None:
        return always
    return (
        *always,
        ("Port", str(version.port)),
        ("Login", _value("gate", version.gate)),
        ("User", f"{version.uid}, group {version.gid}"),
        ("Starts in", version.working_folder),
        ("Root folder", _value("read_only_root", version.read_only_root)),
    )


def _value(field: str, value: object) -> str:
    """A value of how a version is run, for people."""
    match field, value:
        case "gate", None:
            return "The program's own, of JupyterHub"
        case "gate", {"prefix": str(prefix), "ready_path": str(path)}:
            paths = "the session's own" if prefix == "keep" else "from / on"
            return f"By the gate; the program sees paths {paths}, and is up when {path} answers"
        case "front_ends", list(others):
            return "; ".join(_whole(FrontEnd(**each)) for each in others) or "None"
        case "read_only_root", bool(only):
            return "Cannot be written" if only else "Can be written, is not kept"
        case (("command" | "arguments"), [*parts]):
            return shlex.join(map(str, parts)) or "The image's own"
    return str(value)


def packages(
    version: EnvironmentVersion,
    rows: Sequence[Installed],
    *,
    path: str,
    total: Iterable[Installed],
    before: tuple[EnvironmentVersion, Sequence[PackageChange]] | None,
    query: str,
    kind: str,
    first: bool,
    following: str | None,
) -> Packages:
    """What is installed in a version; `rows` of it are on this page.

    `total` is all that is installed, `before` the version before with what differs from it.
    """
    counts = Counter(each.ecosystem for each in total)
    changed = {(each.ecosystem, each.name): each.before for each in before[1]} if before else {}
    kept = {name: value for name, value in (("package", query), ("kind", kind)) if value}
    amount = words.count(len(rows), "package")
    matching = f" that {'matches' if len(rows) == 1 else 'match'} “{query}”" if query else ""
    whole = first and following is None
    return Packages(
        number=version.number,
        path=path,
        query=query,
        kind=kind,
        kinds=tuple((name, f"{KINDS[name]}, {counts[name]}") for name in KINDS if counts[name])
        if len(counts) > 1
        else (),
        rows=tuple(
            Package(each.name, each.version, KINDS[each.ecosystem], _before(each, changed)) for each in rows
        ),
        total=counts.total(),
        before=before[0].number if before else 0,
        note=f"{amount}{matching}" if whole else f"{amount}{matching} on this page",
        pager=Pager(
            words="",
            first="" if first else f"{path}?{urlencode(kept)}#installed",
            next=f"{path}?{urlencode({**kept, 'cursor': following})}#installed" if following else "",
        ),
    )


def _before(package: Installed, changed: dict[tuple[str, str], str | None]) -> str:
    named = canonicalize_name(package.name) if package.ecosystem == "python" else package.name
    key = (package.ecosystem, named)
    return (changed[key] or "not there") if key in changed else "same"


def changes(found: Sequence[PackageChange]) -> tuple[Change, ...]:
    """Packages that differ between two versions."""
    return tuple(
        Change(
            each.name,
            KINDS.get(each.ecosystem, each.ecosystem),
            each.before or "",
            each.after or "",
            major=bool(each.before and each.after) and _first(each.before) != _first(each.after),
        )
        for each in found
    )


def _first(version: str | None) -> str:
    return (version or "").split(".")[0]


def summary(
    found: Sequence[PackageChange], runs: Sequence[FieldChange], new_bytes: int | None, *, image: bool
) -> str:
    """`9 updated, 2 added, 1 removed, how it runs, 38 MB to pull`; `image`: another image."""
    amounts = (
        (sum(bool(each.before and each.after) for each in found), "updated"),
        (sum(each.before is None for each in found), "added"),
        (sum(each.after is None for each in found), "removed"),
    )
    counts = [f"{amount} {word}" for amount, word in amounts if amount]
    if image and not counts:
        counts.append("another image")
    if runs:
        counts.append("how it runs")
    if new_bytes:
        counts.append(f"{words.size(new_bytes)} to pull")
    return ", ".join(counts) or "nothing that is known"


def version_rows(
    environment: Environment,
    versions: Sequence[EnvironmentVersion],
    *,
    newest: EnvironmentVersion,
    before: tuple[EnvironmentVersion, Sequence[PackageChange]] | None,
    now: datetime,
) -> tuple[VersionRow, ...]:
    """The list of versions; of the newest one it shows what changed since `before`."""
    return tuple(
        VersionRow(
            number=each.number,
            href=f"{path_of(environment)}/versions/{each.number}",
            digest=each.digest,
            when=words.day(each.created_at, now),
            who=f"by {each.created_by}, {made_from(each)}",
            newest=each.id == newest.id,
            summary=_since(each, newest, before),
            difference=difference_of(environment, each),
            changes=changes(before[1][:CHANGES]) if before and each.id == newest.id else (),
            more=f"All {len(before[1])} changes"
            if before and each.id == newest.id and len(before[1]) > CHANGES
            else "",
        )
        for each in versions
    )


def difference_of(environment: Environment, version: EnvironmentVersion) -> str:
    """The address of what changed since the version before; empty of the first version."""
    if version.number == 1:
        return ""
    return f"{path_of(environment)}/versions/{version.number - 1}...{version.number}"


def _since(
    version: EnvironmentVersion,
    newest: EnvironmentVersion,
    before: tuple[EnvironmentVersion, Sequence[PackageChange]] | None,
) -> str:
    if version.number == 1:
        return "The first version"
    words_of = f"Changes since version {version.number - 1}"
    if before is None or version.id != newest.id:
        return words_of
    old, found = before
    said = summary(
        found,
        differences.of_runs(old, version),
        differences.new_bytes(old, version),
        image=old.image != version.image,
    )
    return f"{words_of}: {said}"


def _place(version: EnvironmentVersion) -> str:
    return version.image.partition("@")[0] if version.image else "Made of packages"


def difference_page(environment: Environment, difference: Difference, newest: int) -> DifferencePage:
    """Everything that differs between two versions, of those up to `newest`."""
    before, after = difference.before, difference.after
    path = path_of(environment)
    title = f"Changes from version {before.number} to {after.number}"
    facts: list[tuple[str, str, str]] = [
        (_FIELDS[each.field], _value(each.field, each.before), _value(each.field, each.after))
        for each in difference.run
    ]
    # The digests stand above: what can differ besides is where the image lies.
    places = [_place(each) for each in (before, after)]
    if places[0] != places[1]:
        facts.insert(0, ("Image", places[0], places[1]))
    sizes = [words.size(each.size) if each.size is not None else "" for each in (before, after)]
    if all(sizes) and sizes[0] != sizes[1]:
        facts.append(("Size", sizes[0], sizes[1]))
    said = summary(
        difference.packages, difference.run, difference.new_bytes, image=before.image != after.image
    )
    return DifferencePage(
        title=title,
        crumbs=crumbs(Crumb(environment.name, path), Crumb(f"{before.number}...{after.number}")),
        path=path,
        before=before.number,
        after=after.number,
        digests=(before.digest, after.digest),
        summary=f"{said[:1].upper()}{said[1:]}.",
        facts=tuple(facts),
        changes=changes(difference.packages),
        compare=tuple(range(newest, 0, -1)),
    )
