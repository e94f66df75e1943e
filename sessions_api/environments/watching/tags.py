"""Which tags are watched, and what is said of a version whose tag is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sessions_api.environments.tables import EnvironmentVersion, WatchedTag
from sessions_api.kit.errors import Invalid
from sessions_api.registry.references import Reference, parse

GONE = "image_not_found"
"""The code of what a registry does not have (`registry.reasons`)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why it is not known what a tag means now."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """What the tag that a version was typed with meant when its registry was last asked.

    Attributes:
        tag: `1`.
        host: of the registry.
        reference: `HOST/REPOSITORY:TAG`.
        digest: what the registry last said; None: it did not say since there is the version.
        checked_at: when the registry was last asked.
        moved: whether the tag means another image than the version is.
        problem: why the registry did not say what it means at `checked_at`; None: it did.
    """

    tag: str
    host: str
    reference: str
    digest: str | None
    checked_at: datetime
    moved: bool
    problem: Problem | None

    @property
    def gone(self) -> bool:
        """Whether the registry has no such tag any more."""
        return self.problem is not None and self.problem.code == GONE


def watched(reference: str | None, image: str | None) -> Reference | None:
    """The tag to watch of a version that was typed as `reference` and pinned to `image`.

    None of one that nobody typed, that was typed with a digest, or whose image lies elsewhere: what was typed
    says nothing about it then.
    """
    if reference is None or image is None:
        return None
    try:
        typed = parse(reference)
    except Invalid:
        return None
    lies_there = image.partition("@")[0] == f"{typed.host}/{typed.repository}"
    return typed if typed.digest is None and lies_there else None


def upstream(version: EnvironmentVersion, typed: Reference, tag: WatchedTag) -> Upstream | None:
    """What is known of a version's tag; None: its registry was not asked since the version was made.

    What it said before counts no more: whoever made the version from the tag asked later.
    """
    if tag.checked_at is None or tag.checked_at < version.created_at:
        return None
    is_later = tag.known_at is not None and tag.known_at >= version.created_at
    digest = tag.digest if is_later else None
    problem = None
    if tag.code is not None:
        problem = Problem(tag.code, _sentence(version, typed, tag))
    return Upstream(
        tag=typed.tag or "",
        host=typed.host,
        reference=tag.reference,
        digest=digest,
        checked_at=tag.checked_at,
        moved=digest not in {None, version.digest} and tag.code != GONE,
        problem=problem,
    )


def _sentence(version: EnvironmentVersion, typed: Reference, tag: WatchedTag) -> str:
    if tag.code != GONE:
        return tag.sentence or ""
    stays = f"version {version.number} still runs while the registry keeps its digest."
    # A registry that never showed the tag may keep it from those without a login.
    if tag.digest is None:
        return f"{tag.sentence} {stays[:1].upper()}{stays[1:]}"
    return f"The tag {typed.tag} is gone from {typed.host}; {stays}"
