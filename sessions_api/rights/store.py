"""The condition that every list of what people see is read with: `visible`.

`scripts/house_rules.py` complains about a list of projects, sessions, environments or runs without it.
"""

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, or_, select, true

from sessions_api.environments.tables import Environment, EnvironmentProject
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Member, Project, ProjectGroup
from sessions_api.rights.policy import administers
from sessions_api.runs.tables import Run
from sessions_api.sessions.tables import Session

Seen = type[Project] | type[Session] | type[Environment] | type[Run]


def visible(viewer: Viewer, table: Seen) -> ColumnElement[bool]:
    """Whether the viewer sees the row of `table` that a statement looks at.

    - A project: it is public, or they belong to it, by themselves or by a group of the hub's.
    - A session: they see its project.
    - An environment: it is for everyone, they made it, or they belong to a project that it is for; passing by
      a public project is not belonging to it. Platform administrators see all.
    - A run: they started it.
    """
    if table is Project:
        return _project(viewer)
    if table is Session:
        return Session.removed_at.is_(None) & Session.project_id.in_(project_ids(viewer))
    if table is Environment:
        return _environment(viewer)
    return Run.person == viewer.name


def project_ids(viewer: Viewer) -> Select[str]:
    """The ids of all projects that the viewer sees, to be part of another statement."""
    return select(Project.id).where(visible(viewer, Project)).correlate(None)


def roles(viewer: Viewer) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The roles that the viewer has in the project of a statement: their own, their groups' highest.

    Each is null where there is none.
    """
    own = select(Member.role).where(Member.project_id == Project.id, Member.person == viewer.name)
    highest = case({"owner": 0, "editor": 1}, value=ProjectGroup.role, else_=2)
    by_group = (
        select(ProjectGroup.role)
        .where(ProjectGroup.project_id == Project.id, ProjectGroup.group.in_(viewer.groups))
        .order_by(highest)
        .limit(1)
    )
    return own.correlate(Project).scalar_subquery(), by_group.correlate(Project).scalar_subquery()


def _memberships(viewer: Viewer) -> Select[str] | CompoundSelect[str]:
    """The ids of the projects that the viewer belongs to, by themselves or by a group of the hub's."""
    # Correlated with nothing: the statement that this becomes part of may look at members too.
    own = select(Member.project_id).where(Member.person == viewer.name).correlate(None)
    if not viewer.groups:
        return own
    by_group = select(ProjectGroup.project_id).where(ProjectGroup.group.in_(viewer.groups)).correlate(None)
    return own.union(by_group)


def _project(viewer: Viewer) -> ColumnElement[bool]:
    belongs = Project.id.in_(_memberships(viewer))
    return Project.removed_at.is_(None) & or_(Project.visibility == "public", belongs)


def _environment(viewer: Viewer) -> ColumnElement[bool]:
    if administers(viewer):
        return true()
    shared = (
        select(EnvironmentProject.environment_id)
        .join(Project, Project.id == EnvironmentProject.project_id)
        .where(
            EnvironmentProject.environment_id == Environment.id,
            Project.removed_at.is_(None),
            Project.id.in_(_memberships(viewer)),
        )
        .correlate(Environment)
    )
    return or_(
        Environment.visibility == "everyone",
        Environment.created_by == viewer.name,
        and_(Environment.visibility == "projects", shared.exists()),
    )
