"""From an environment to its own page: what can be done with it, and where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sessions_api.environments import present, present_upstream
from sessions_api.environments.service import Around
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.views import EnvironmentPage, Packages, Use, Version, VersionRow
from sessions_api.kit.ids import new_id
from sessions_api.kit.repeats import FIELD
from sessions_api.people.viewer import Viewer
from sessions_api.projects.service import Access
from sessions_api.projects.tables import Project
from sessions_api.rights.policy import CONFIGURE, administers, may_change
from sessions_api.sessions.tables import Session
from sessions_api.web import words
from sessions_api.web.parts import Action

PROJECTS = 12
"""Projects in the menu of Add to project; from the page of any other one it is added there."""


def uses(
    found: Sequence[Session], owners: Mapping[str, Project], versions: Mapping[str, EnvironmentVersion]
) -> tuple[Use, ...]:
    """Sessions of an environment."""
    return tuple(
        Use(
            each.name,
            f"/projects/{owners[each.project_id].slug}#session-{each.slug}",
            owners[each.project_id].name,
            versions[each.version_id].number,
        )
        for each in found
    )


def add_menu(environment: Environment, found: Sequence[Access]) -> tuple[tuple[Action, ...], ...]:
    """The projects whose sessions the viewer may add to, newest first."""
    entries = tuple(
        Action(
            each.project.name,
            f"/projects/{each.project.slug}/sessions/add",
            "plus",
            post=True,
            fields=(("environment", environment.slug), ("then", "stay"), (FIELD, new_id())),
        )
        for each in found
        if each.may(CONFIGURE)
    )
    return (entries[:PROJECTS], (Action("New project", "/projects/new", "plus"),))


def menu(environment: Environment, viewer: Viewer) -> tuple[tuple[Action, ...], ...]:
    """What can be done with an environment, the same order everywhere."""
    path = present.path_of(environment)
    duplicate = Action(
        "Duplicate", f"{path}/duplicate", "copy", small="A copy of your own, which only you see", post=True
    )
    if not may_change(viewer, environment):
        return ((duplicate,),)
    put_away = environment.archived_at is not None
    version = () if put_away else (Action("New version", f"{path}/versions/add", "update"),)
    return (
        (*version, Action("Edit", f"{path}/edit", "sliders"), duplicate),
        _offering(environment, path) if administers(viewer) else (),
        (
            Action("Take out of the archive" if put_away else "Archive", f"{path}/edit#archive", "lock"),
            Action("Delete…", f"{path}/delete", "trash", ask=True, danger=True),
        ),
    )


def _offering(environment: Environment, path: str) -> tuple[Action, ...]:
    """Whether it is a default environment, which platform admins decide."""
    if environment.default:
        label, small, wanted = "Offer no longer as default", "It stays for everyone here", "off"
    elif environment.archived_at is None:
        label, small, wanted = "Offer as default", "First when a session is added, for everyone here", "on"
    else:
        return ()
    fields = (("default", wanted),)
    return (Action(label, f"{path}/default", "layers", small=small, post=True, fields=fields),)


def environment_page(
    environment: Environment,
    around: Around,
    viewer: Viewer,
    *,
    version: Version,
    packages: Packages,
    versions: tuple[VersionRow, ...],
    uses: tuple[Use, ...],
    add: tuple[tuple[Action, ...], ...],
    now: datetime,
) -> EnvironmentPage:
    """Everything the page of an environment shows."""
    path = present.path_of(environment)
    audience = present.audience(environment, viewer)
    counted = around.used_of(environment)
    unseen = f"and in {words.count(counted.others, 'project')} that you do not see" if counted.others else ""
    last = versions[-1].number
    newest = around.latest[environment.id]
    editable = may_change(viewer, environment)
    return EnvironmentPage(
        slug=environment.slug,
        name=environment.name,
        description=environment.description,
        keywords=present.keyword_chips(environment, present.Wanted()),
        default=environment.default,
        archived=present.archived(environment, now),
        successor=present.successor(environment, around),
        news=present_upstream.news(environment, newest, around.upstreams.get(newest.id), editor=editable),
        star=present.star(environment, around, path),
        add=add,
        menu=menu(environment, viewer),
        version=version,
        packages=packages,
        versions=versions,
        compare=tuple(row.number for row in versions) if len(versions) > 2 else (),  # noqa: PLR2004
        older=f"{path}?before={last}#versions" if last > 1 else "",
        uses=uses,
        uses_note=unseen,
        facts=(
            ("Created", words.day(environment.created_at, now)),
            ("By", environment.created_by),
            ("Visible to", audience.label),
            ("Used in", present.projects(counted)),
            ("Versions", str(version.number)),
        ),
    )
