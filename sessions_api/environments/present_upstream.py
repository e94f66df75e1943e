"""What pages say of the tag that an environment's newest version was typed with."""

from __future__ import annotations

from datetime import datetime

from sessions_api.environments.present import path_of
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.views import News
from sessions_api.environments.watching.tags import Upstream
from sessions_api.web import words
from sessions_api.web.filters import short
from sessions_api.web.parts import Action, Hint


def is_news(found: Upstream | None) -> bool:
    """Whether people are told: the tag moved, or is gone. That a registry is away is no news."""
    return found is not None and (found.moved or found.gone)


def hint(
    environment: Environment, newest: EnvironmentVersion, found: Upstream, *, editor: bool, back: str
) -> Hint:
    """The news in a line; `editor` may make the next version, and is led `back` then."""
    if found.gone:
        return Hint(_gone(found), "alert", "warn")
    text = f"The tag {found.tag} moved at {found.host}: it means another image than version {newest.number}."
    actions = (make(environment, newest, found, back=back),) if editor else ()
    return Hint(text, "update", "note", actions)


def news(
    environment: Environment, newest: EnvironmentVersion, found: Upstream | None, *, editor: bool
) -> News | None:
    """The news on an environment's own page; None: there are none, or it is archived."""
    if found is None or not is_news(found) or environment.archived_at is not None:
        return None
    if found.gone:
        return News("warn", "alert", f"The tag {found.tag} is gone", _gone(found))
    means = f"another image, {short(found.digest or '', 12)}," if found.digest else "another image"
    text = (
        f"{found.reference} means {means} than version {newest.number}. "
        "Nothing changes by itself: sessions stay on the version they have."
    )
    act = make(environment, newest, found) if editor else None
    return News("note", "update", f"The tag {found.tag} moved", text, act)


def make(environment: Environment, newest: EnvironmentVersion, found: Upstream, *, back: str = "") -> Action:
    """Checks what the tag means now, and shows the next version's form filled with that."""
    return Action(
        f"Make version {newest.number + 1} from it",
        f"{path_of(environment)}/versions/add/check",
        "update",
        about=f"of {environment.name}",
        post=True,
        fields=(("made_of", "image"), ("image", found.reference), *((("back", back),) if back else ())),
    )


def fact(found: Upstream | None, now: datetime) -> tuple[tuple[str, str], ...]:
    """What the tag means, among the facts of a version; nothing where it was not asked for."""
    if found is None:
        return ()
    asked = words.ago(found.checked_at, now)
    if found.gone:
        told = f"{found.tag} is gone"
    elif found.problem is not None:
        told = f"Not known what {found.tag} means by now. {found.problem.sentence} That was"
        return (("Its tag", f"{told} {asked}."),)
    else:
        told = f"{found.tag} means {'another' if found.moved else 'this'} image"
    return (("Its tag", f"{told}, asked {asked}"),)


def _gone(found: Upstream) -> str:
    return "" if found.problem is None else found.problem.sentence
