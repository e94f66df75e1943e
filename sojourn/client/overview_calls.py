"""What platform administrators can ask of the API about everybody's runs."""

from __future__ import annotations

from datetime import datetime

from sojourn.client.call import Call, Pages, given, path_of
from sojourn.client.models import Amounts, Answer, Part, Queue


class Thing(Part):
    """What a run belongs to."""

    slug: str
    name: str


class OverviewRun(Answer):
    """Anybody's run, without its address and its log.

    Attributes:
        wish: what is wished of it; unlike `run` it is under way.
        resource_class, pool: slugs; None: it is of no class, and nothing limits it.
        node: the cluster's node that it was seen on.
        failed_code: the code of the reason that it failed of.
    """

    id: str
    person: str
    project: Thing
    session: Thing
    environment: Thing
    version: int
    phase: str
    wish: str
    resource_class: str | None
    pool: str | None
    cpus: float | None
    memory_gib: float | None
    gpus: int | None
    node: str | None
    queue: Queue | None
    shared_with: tuple[str, ...] = ()
    launched_at: datetime
    ready_at: datetime | None
    failed_at: datetime | None
    failed_code: str | None


class FailureCount(Answer):
    """How often runs failed of one reason, how many people that met, and when it last did."""

    code: str
    count: int
    people: int
    last_at: datetime


class ClassUse(Answer):
    """What live runs take of a resource class."""

    slug: str
    name: str
    pool: str | None
    taken: Amounts


class NodeUse(Answer):
    """What live runs take on a node of the cluster."""

    node: str
    taken: Amounts


class OverviewCalls:
    """Everybody's runs; for platform administrators."""

    def runs(
        self,
        *,
        person: str | None = None,
        project: str | None = None,
        environment: str | None = None,
        resource_class: str | None = None,
        pool: str | None = None,
        node: str | None = None,
        phase: str | None = None,
    ) -> Pages[OverviewRun]:
        """Live runs, newest first; `phase` is `queued`, `launching` or `running`."""
        params = given(
            person=person,
            project=project,
            environment=environment,
            resource_class=resource_class,
            pool=pool,
            node=node,
            phase=phase,
        )
        return Pages("/admin/runs", OverviewRun, params)

    def failures(self, *, days: int = 7) -> Pages[FailureCount]:
        """What runs failed of in the last days, the most frequent reason first."""
        return Pages("/admin/failures", FailureCount, {"days": days})

    def failed_runs(
        self, *, days: int = 7, code: str | None = None, person: str | None = None, project: str | None = None
    ) -> Pages[OverviewRun]:
        """Runs that failed in the last days, newest first; `code` is that of the reason."""
        return Pages(
            "/admin/failed-runs", OverviewRun, given(days=days, code=code, person=person, project=project)
        )

    def queue(self, *, pool: str | None = None) -> Pages[OverviewRun]:
        """Who waits for a place in a pool, by pool and position."""
        return Pages("/admin/queue", OverviewRun, given(pool=pool))

    def classes(self) -> Pages[ClassUse]:
        """What live runs take of each resource class."""
        return Pages("/admin/resource-classes", ClassUse)

    def nodes(self) -> Pages[NodeUse]:
        """What live runs take on each node of the cluster."""
        return Pages("/admin/nodes", NodeUse)

    def pause(self, run: str) -> Call[OverviewRun]:
        """Asks for the pause of anybody's run: /work is kept, CPU and memory are given back."""
        return self._ask(run, "pause")

    def stop(self, run: str) -> Call[OverviewRun]:
        """Asks for the end of anybody's run; its /work is deleted."""
        return self._ask(run, "stop")

    def cancel(self, run: str) -> Call[OverviewRun]:
        """Asks for the end of anybody's launch before it is ready; /work stays as it is."""
        return self._ask(run, "cancel")

    def _ask(self, run: str, wanted: str) -> Call[OverviewRun]:
        return Call("POST", path_of("admin", "runs", run, wanted), OverviewRun.read)
