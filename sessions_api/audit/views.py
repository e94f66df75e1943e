"""What pages show of the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.web.parts import Pager


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry.

    Attributes:
        person: empty: no person; then `who` says what.
        did: `added the member`.
        details: `role: editor`, each of its own.
        project: where, for pages of the platform.
    """

    id: int
    at: str
    who: str
    person: str
    did: str
    name: str
    details: tuple[str, ...]
    project: str


@dataclass(frozen=True, slots=True)
class Activity:
    """Some of the log, and what was asked for.

    Attributes:
        path: of the page, without what narrows it.
        kinds: what can be chosen, with its words.
        download: address of all of it, as lines of JSON.
    """

    path: str
    deeds: tuple[Deed, ...]
    kinds: tuple[tuple[str, str], ...]
    person: str
    kind: str
    since: str
    until: str
    project: str
    narrowed: bool
    download: str
    pager: Pager
