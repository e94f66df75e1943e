"""From what a file lists to requirements that are pinned: by its lock, by itself, or by asking the index."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sessions_api.environments.files import lines, uv
from sessions_api.environments.files.model import Kind, Listed, Place, quoted
from sessions_api.environments.files.pyproject import Project
from sessions_api.kit.errors import Invalid, Unavailable
from spawner.build_reasons import is_no_network, what_happened

WHEELS_ONLY = "--only-binary :all:"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)


async def locked(project: Project, listed: Listed, lock: str) -> Listed:
    """What `uv.lock` pins of a project, with its extras and groups that were asked for.

    Raises:
        Invalid: it cannot be read, is another project's, or older than what the project lists.
    """
    place = Place("uv.lock", field="lock")
    if not _NAME.fullmatch(project.name):
        raise project.place.refusal("[project] has no name that can be found in uv.lock; give it one.")
    ended = await _within_time(
        *("export", "--frozen", "--offline", "--no-config"),
        *("--no-hashes", "--no-emit-project", "--no-default-groups", "--no-header", "--no-annotate"),
        *(part for name in project.extras for part in ("--extra", canonicalize_name(name))),
        *(part for name in project.wanted_groups for part in ("--group", canonicalize_name(name))),
        # Of the file only what it is called: what else stands there could lead `uv` to other folders.
        files={"pyproject.toml": _named_only(project), "uv.lock": lock},
    )
    if ended.code:
        raise place.refusal(
            f"it cannot be read: {_first_sentence(ended.errors)}; make it anew with `uv lock`."
        )
    exported = ((0, line) for _, line in lines.text_lines(ended.output))  # its lines are not the lock's
    found = lines.read(exported, place)
    _require_fresh(listed.requirements, found.requirements, place)
    return Listed(found.requirements, listed.notes)


def _named_only(project: Project) -> str:
    extras = "".join(f'"{canonicalize_name(name)}" = []\n' for name in dict.fromkeys(project.extras))
    groups = "".join(f'"{canonicalize_name(name)}" = []\n' for name in dict.fromkeys(project.wanted_groups))
    return (
        f'[project]\nname = "{project.name}"\nversion = "0"\n'
        f"[project.optional-dependencies]\n{extras}[dependency-groups]\n{groups}"
    )


def _require_fresh(wanted: Iterable[Requirement], found: Iterable[Requirement], place: Place) -> None:
    """`--frozen` takes a lock as it is, also one that was made before the project's last change."""
    pins = {canonicalize_name(each.name): each for each in found}
    for each in wanted:
        pin = pins.get(canonicalize_name(each.name))
        versions = [] if pin is None else [one.version for one in pin.specifier]
        if not versions or not each.specifier.contains(versions[0], prereleases=True):
            raise place.refusal(
                f"it does not have {quoted(str(each))}, which pyproject.toml lists; "
                "make it anew with `uv lock`."
            )


def is_pinned(requirement: Requirement) -> bool:
    """Whether it means one version."""
    said = list(requirement.specifier)
    return len(said) == 1 and said[0].operator == "==" and "*" not in said[0].version


def written(requirements: Iterable[Requirement]) -> str:
    """Pinned requirements as the lines of an environment."""
    return "".join(f"{line}\n" for line in (WHEELS_ONLY, *sorted({str(each) for each in requirements})))


async def resolved(listed: Listed, *, more: Iterable[str], kind: Kind) -> str:
    """Pinned lines that satisfy what is listed and `more`, as the package index has them today.

    Raises:
        Invalid: nothing satisfies all of it.
        Unavailable: the index does not answer.
    """
    asked = "".join(f"{line}\n" for line in (*map(str, listed.requirements), *more))
    ended = await _within_time(
        *("pip", "compile", "requirements.in"),
        *("--only-binary", ":all:", "--no-header", "--no-annotate", "--no-strip-extras"),
        files={"requirements.in": asked},
    )
    if ended.code == 0:
        return f"{WHEELS_ONLY}\n{ended.output}"
    if is_no_network(ended.errors):
        raise Unavailable(
            f"Versions could not be chosen: {what_happened(ended.errors)}.",
            code="package_index",
            hint="Try again, or take a file in which every package is pinned.",
        )
    raise Invalid.field("text", f"{kind}: no versions go together: {what_happened(ended.errors)}.")


async def _within_time(*arguments: str, files: dict[str, str]) -> uv.Ended:
    try:
        return await uv.run(*arguments, files=files)
    except TimeoutError:
        raise Unavailable(
            f"Versions could not be chosen within {uv.SECONDS:.0f} seconds.",
            code="package_index",
            hint="Try again, or take a file in which every package is pinned.",
        ) from None


def _first_sentence(errors: str) -> str:
    """What `uv` says went wrong, without its arrows and quotations of the file."""
    first = errors.strip().partition("\n")[0].removeprefix("error: ").strip()
    return quoted(first).rstrip(".") or "uv does not say why"
