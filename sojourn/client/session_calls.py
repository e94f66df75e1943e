"""What can be asked of sessions and of what runs of them; see `sojourn.client.calls`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from sojourn.client.call import Body, Call, Pages, given, match, nothing, path_of
from sojourn.client.configurations import Configuration
from sojourn.client.copies import CopiedSession
from sojourn.client.environment_calls import NewEnvironment
from sojourn.client.kept import Kept
from sojourn.client.logs import Log
from sojourn.client.models import Run, Session
from sojourn.client.usage import RunUsage


def launch_body(
    without: Sequence[str],
    refs: Mapping[str, str] | None,
    variables: Mapping[str, str] | None,
    *,
    anew: bool,
    kept: str | None = None,
) -> Body:
    """What a start is asked for with."""
    more = {**({"variables": dict(variables)} if variables else {}), **({"anew": True} if anew else {})}
    return {"without": list(without), "refs": dict(refs or {}), **more, **given(kept=kept)}


@dataclass(frozen=True, slots=True)
class SessionCalls:
    """Sessions of one project, by slug or id."""

    project: str

    def list(self) -> Pages[Session]:
        """The sessions by slug, with your own status of each."""
        return Pages(self._at(), Session)

    def get(self, session: str) -> Call[Session]:
        """One session."""
        return Call("GET", self._at(session), Session.read)

    def add(self, environment: str | NewEnvironment, **configuration: Unpack[Configuration]) -> Call[Session]:
        """Adds an environment (slug or id, or a new one) as a session; the project's first is its default.

        A new environment is made with the session: both or neither.
        """
        of = environment if isinstance(environment, str) else {**environment}
        return Call("POST", self._at(), Session.read, {"environment": of, **configuration})

    def configure(
        self, session: str, *, if_match: str | None = None, **changes: Unpack[Configuration]
    ) -> Call[Session]:
        """Changes what is given, from the next start on."""
        return Call("PATCH", self._at(session), Session.read, {**changes}, headers=match(if_match))

    def update(self, session: str, version: int, *, if_match: str | None = None) -> Call[Session]:
        """Moves a session to a version of its environment, newer or older, from its next start on."""
        body = {"version": version}
        return Call("POST", self._at(session, "update"), Session.read, body, headers=match(if_match))

    def duplicate(self, session: str, *, name: str | None = None) -> Call[Session]:
        """Adds a copy with all its configuration."""
        return Call("POST", self._at(session, "duplicate"), Session.read, given(name=name))

    def copy(self, session: str, project: str, *, name: str | None = None) -> Call[CopiedSession]:
        """Adds a copy to another project, without what that project does not have."""
        body = {"project": project, **given(name=name)}
        return Call("POST", self._at(session, "copy"), CopiedSession.read, body)

    def remove(self, session: str, *, force: bool = False) -> Call[None]:
        """Removes a session; refused while anybody's run of it is live, unless `force` stops them."""
        params = {"force": "true"} if force else {}
        return Call("DELETE", self._at(session), nothing, params=params)

    def start(
        self,
        session: str,
        *,
        without: Sequence[str] = (),
        refs: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        anew: bool = False,
        kept: str | None = None,
    ) -> Call[Run]:
        """Starts a session or resumes it; answers with the live run if there is one.

        Args:
            session: slug or id.
            without: folders of repositories and storages to leave out this time.
            refs: other refs this time, by repository folder.
            variables: other values this time, of variables that the session's configuration has.
            anew: a paused session is started as it is configured now, and not resumed as it was.
            kept: id of what is kept of it, which its /work begins with.
        """
        body = launch_body(without, refs, variables, anew=anew, kept=kept)
        return Call("POST", self._at(session, "start"), Run.read, body)

    def restart(self, session: str) -> Call[Run]:
        """Pauses your run and starts the session as it is configured now, with its /work."""
        return Call("POST", self._at(session, "restart"), Run.read)

    def resize(self, session: str) -> Call[Run]:
        """Asks that your running session has the CPU and memory it is configured with, without a restart."""
        return Call("POST", self._at(session, "resize"), Run.read)

    def pause(self, session: str) -> Call[Run]:
        """Asks for the pause of your run: /work is kept, CPU and memory are given back."""
        return Call("POST", self._at(session, "pause"), Run.read)

    def keep_alive(
        self, session: str, *, hours: float | None = None, until: datetime | None = None
    ) -> Call[Run]:
        """Keeps your run from pausing for want of activity: for hours, until a time, or one more span."""
        body = given(hours=hours, until=until.isoformat() if until else None)
        return Call("POST", self._at(session, "keep-alive"), Run.read, body)

    def stop(self, session: str, *, keep: bool = True) -> Call[Run]:
        """Asks for the end of your run; its /work is deleted, and kept for some days where that is offered.

        Without `keep` nothing is kept.
        """
        params = {} if keep else {"keep": "false"}
        return Call("POST", self._at(session, "stop"), Run.read, params=params)

    def cancel(self, session: str) -> Call[Run]:
        """Asks for the end of your launch before it is ready; /work stays as it is."""
        return Call("POST", self._at(session, "cancel"), Run.read)

    def _at(self, *parts: str) -> str:
        return path_of("projects", self.project, "sessions", *parts)


class RunCalls:
    """Your own runs."""

    def list(self, *, project: str | None = None) -> Pages[Run]:
        """Your runs, newest first; `project` leaves only those of one project."""
        return Pages("/runs", Run, given(project=project))

    def get(self, run: str) -> Call[Run]:
        """One run."""
        return Call("GET", path_of("runs", run), Run.read)

    def log(
        self,
        run: str,
        *,
        tail: int = 1000,
        container: str | None = None,
        attempt: int | None = None,
        search: str | None = None,
    ) -> Call[Log]:
        """The last lines of a run's log, at most `tail`.

        Args:
            run: its id.
            tail: how many.
            container: only what this wrote: `clone`, `session`, `gate`.
            attempt: only of this launch or resume; the first is 1.
            search: only lines with this text, in any case.
        """
        params = given(tail=tail, container=container, attempt=attempt, search=search)
        return Call("GET", path_of("runs", run, "log"), Log.read, params=params)

    def kept(self, *, project: str | None = None) -> Pages[Kept]:
        """What is kept of /work of sessions that you stopped, newest first."""
        return Pages("/kept", Kept, given(project=project))

    def delete_kept(self, kept: str) -> Call[None]:
        """Deletes what is kept."""
        return Call("DELETE", path_of("kept", kept), nothing)

    def usage(self, run: str) -> Call[RunUsage]:
        """What a run uses of CPU, memory and disk: the last hour while it runs, and its peaks."""
        return Call("GET", path_of("runs", run, "usage"), RunUsage.read)
