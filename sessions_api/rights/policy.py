"""Who may do what. Who sees a thing at all is in `rights.store`; what one does not see does not exist.

- Whoever sees a project may read what belongs to it, and start its sessions.
- Its editors `CONFIGURE` it: name and description, sessions, repositories, storages, secrets, logins.
- Its owners `GOVERN` it: who sees it, who belongs to it, what was done in it, its end.
- Who made an environment may change it, archive it, delete it.
- Who started a run may see its address and its log, open it, pause it and stop it,
  and share it with members of its project where sessions can be shared; nobody else.
- A token may be limited to reading, or to reading and to starting, pausing and ending sessions.
- Platform administrators may change every environment, say which are the default ones, name what the cluster
  has, make resource classes and pools, and read what was done anywhere. They see of every run whose and what
  it is, where, how much it takes and why it failed, and may pause and stop it; its address, its log and its
  files are not theirs to see. They see at what times whose sessions start and pause.

A platform administrator is none of the members of a project for that.
"""

from collections.abc import Iterable

from sessions_api.environments.tables import Environment
from sessions_api.kit.errors import Forbidden
from sessions_api.people.viewer import Reach, Role, Viewer
from sessions_api.runs.tables import Run

LOOK = Role.VIEWER
"""What everybody has who sees a project: to read it and to start its sessions."""
CONFIGURE = Role.EDITOR
GOVERN = Role.OWNER


LAUNCHING = frozenset(
    {
        "start_default_session",
        "start_session",
        "restart_session",
        "pause_session",
        "stop_session",
        "cancel_launch",
    }
)
"""The operations that a token for sessions may do, besides reading."""


def require_reach(viewer: Viewer, operation: str, *, reads: bool) -> None:
    """Lets those requests through that may do an operation; `reads`: it changes nothing.

    Raises:
        Forbidden: a token that is limited to less.
    """
    needed = Reach.READ if reads else Reach.SESSIONS if operation in LAUNCHING else Reach.EVERYTHING
    if viewer.reach >= needed:
        return
    may = {
        Reach.NOTHING: "is not for Sojourn",
        Reach.READ: "only reads",
        Reach.SESSIONS: "only reads, and starts, pauses and stops sessions",
    }
    raise Forbidden(
        f"This token {may[viewer.reach]}.",
        code="token_scope",
        hint="Make one that may do this, on the page Tokens.",
    )


def role(words: Iterable[str]) -> Role:
    """What somebody is who has these roles (`editor`): the highest of them; without any, who looks on."""
    return max((Role[word.upper()] for word in words), default=LOOK)


def administers(viewer: Viewer) -> bool:
    """Whether somebody administers the platform."""
    return viewer.admin


def require_administrator(viewer: Viewer) -> None:
    """Lets those through who administer the platform.

    Raises:
        Forbidden: the viewer does not.
    """
    if not administers(viewer):
        raise Forbidden("This is for platform administrators.", hint="Ask one of them.")


def may_change(viewer: Viewer, environment: Environment) -> bool:
    """Whether somebody may change an environment: who made it, and platform administrators."""
    # The name of the maker of recipes is no person's, even where the hub has a user of that name.
    return administers(viewer) or (environment.recipe is None and environment.created_by == viewer.name)


def is_own(viewer: Viewer, run: Run) -> bool:
    """Whether somebody started a run: then it exists for them."""
    return run.person == viewer.name
