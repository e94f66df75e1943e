"""What was probably meant by a name that is the slug of nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import sojourn
from sojourn.cli.invocation import Invocation

_NOT_FOUND = 404
_ENVIRONMENTS = 500
"""Environments that are looked at; a catalogue may have thousands, and default ones come first."""


def proposal(invocation: Invocation, error: sojourn.SojournError, given: Mapping[str, Any]) -> str | None:
    """A hint that names the slug that was probably meant; None if there is none like it."""
    if error.status != _NOT_FOUND:
        return None
    client = invocation.client
    try:
        if isinstance(project := given.get("project"), str):
            projects = {found.slug: found.name for found in client.projects.list()}
            if project not in projects:
                return _did_you_mean(project, projects)
            if isinstance(session := given.get("session"), str):
                sessions = {found.slug: found.name for found in client.sessions(project).list()}
                return _did_you_mean(session, sessions)
        if isinstance(environment := given.get("environment"), str):
            first = islice(client.environments.list(), _ENVIRONMENTS)
            return _did_you_mean(environment, {each.slug: each.name for each in first})
    except sojourn.SojournError:
        # The first error is the one to tell.
        return None
    return None


def _did_you_mean(given: str, names: Mapping[str, str]) -> str | None:
    slug = meant(given, names)
    return f"Its slug is {slug}." if slug and _same(given, names[slug]) else slug and f"There is {slug}."


def meant(given: str, names: Mapping[str, str]) -> str | None:
    """The slug, of slugs with their names, whose name was given, or that is spelled nearly so."""
    for slug, name in names.items():
        if _same(given, name) or _same(given, slug):
            return slug
    return _first(difflib.get_close_matches(given.casefold(), names, n=1))


def _same(given: str, name: str) -> bool:
    return given.strip().casefold() == name.casefold()


def _first(matches: Iterable[str]) -> str | None:
    return next(iter(matches), None)
