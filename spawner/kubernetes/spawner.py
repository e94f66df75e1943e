"""Sessions as pods: KubeSpawner's settings and hooks, Sojourn's spec, and nothing waited for by asking."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import dataclasses

from jupyterhub.utils import maybe_future
from kubernetes_asyncio.client import ApiException
from traitlets import Float, Unicode, default

from spawner import handout
from spawner.api import ApiRefusalError, ApiUnavailableError, SojournApi
from spawner.failures import LaunchFailedError
from spawner.kubernetes import why
from spawner.kubernetes.creation import as_failures, end_later, end_pod, make_pod, make_secret
from spawner.kubernetes.launch import Course, Rise
from spawner.kubernetes.outputs import Outputs
from spawner.kubernetes.reflectors import Raw
from spawner.kubernetes.requests import ClusterAwayError, refusal
from spawner.kubernetes.stages import Stages
from spawner.kubernetes.steady import SteadyKubeSpawner
from spawner.kubernetes.view import PodView, belongs_to
from spawner.kubernetes.why import facts
from spawner.launch import Ending, Launch
from spawner.mixin import Address, Session, SessionSpawnerMixin, too_slow
from spawner.pod.builder import Objects, build
from spawner.pod.frame import Frame
from spawner.pod.names import SESSION, secret
from spawner.pod.settings import PodSettings
from spawner.readiness import until_it_answers
from spawner.reasons import Reason
from spawner.refusal import SpawnException
from spawner.reporter import Reporter
from spawner.saved import SavedRun
from spawner.spec import SCHEDULING, STARTING, LaunchSpec

_GONE = 1
"""What KubeSpawner's `poll` answers for a pod that is not there."""

_API_PAUSE = 1.0
_MARK_SECONDS = 1.0
"""How often the hub's database is told how far a session's log has been delivered, at most."""

_WATCH_PROBLEM_SECONDS = 20.0


class KubeSessionSpawner(SessionSpawnerMixin, SteadyKubeSpawner):
    """One person's session as a pod.

    KubeSpawner's own settings are the frame that the launch spec is laid over. Its `profile_list`, its image
    and its resources are not used: these come with the spec.
    """

    installation = Unicode(
        "sojourn", help="Which Sojourn the pods belong to, where several share a cluster."
    ).tag(config=True)
    sojourn_image = Unicode(help="Sojourn's own image, which clones repositories and is the gate.").tag(
        config=True
    )
    disk_gib = Float(
        10.0, help="Size of /work in GiB, where neither the session nor `storage_capacity` says one."
    ).tag(config=True)
    clone_memory_gib = Float(
        1.0, help="Most that cloning may use, of a session without a limit of its own."
    ).tag(config=True)
    schedule_patience = Float(
        300.0, help="Seconds a launch waits for a node, anew whenever the cluster says that it adds one."
    ).tag(config=True)
    nfs_driver = Unicode(
        "nfs.csi.k8s.io",
        allow_none=True,
        help="CSI driver that mounts storages of kind nfs; None: the kubelet.",
    ).tag(config=True)
    _made_pod = False
    _ended_pod: str | None = None
    _output: Outputs | None = None
    _marking: asyncio.TimerHandle | None = None

    @default("delete_pvc")
    def _delete_pvc(self) -> bool:
        """Nothing asks: /work goes with its server, and storages are the project's."""
        return False

    @default("start_timeout")
    def _start_timeout(self) -> int:
        """Each stage has a limit of its own; this one is for what nobody thought of."""
        return 3600

    async def start(self) -> Address:
        """Launches the run; KubeSpawner's `progress` ends when this does."""
        self._start_future = asyncio.current_task()
        return await super().start()

    async def bring_up(self, launch: Launch, session: Session) -> Address:
        """Makes the pod and what it needs, unless an earlier hub has; waits for its first answer."""
        stages = Stages(launch.spec, launch.reporter)
        stages.begin(SCHEDULING)
        try:
            with as_failures():
                await self._watch_cluster()
                if session.saved.pod is None:
                    self._output = None
                    uid = await self._make(launch)
                    session.saved = session.saved.model_copy(update={"pod": uid})
                    self.save_state()
        except LaunchFailedError as failure:
            stages.fail(why.Failed(failure.reason))
            raise
        address = await Rise(
            self._view(session.saved), stages, self._course(launch.spec, session), self.log
        ).until_it_answers()
        stages.report(STARTING, "done")
        return address

    async def _watch_cluster(self) -> None:
        """Begins to watch pods and events, once for all sessions.

        Raises:
            LaunchFailedError: the cluster does not let itself be watched.
        """
        if self.enable_user_namespaces:
            await self._ensure_namespace()
        watching = [self._start_watching_pods()]
        if self.events_enabled:
            watching.append(self._start_watching_events())
        try:
            async with asyncio.timeout(_WATCH_PROBLEM_SECONDS):
                await asyncio.gather(*watching)
        except TimeoutError as timeout:
            problems = (each.problem for each in self.reflectors.values())
            problem = next((each for each in problems if each is not None), None)
            status, said = (
                (problem.status, problem.reason) if isinstance(problem, ApiException) else (0, problem)
            )
            raise LaunchFailedError(why.refused(status, str(said))) from timeout
        said_before = self.events
        self._last_event = said_before[-1]["metadata"]["uid"] if said_before else None

    async def _make(self, launch: Launch) -> str:
        """Makes claims, pod and Secret; the pod waits for its Secret, and takes it along when it goes."""
        cluster = self._cluster()
        await self._keep_legacy_claim()
        objects = await self._objects(launch)
        for note in objects.notes:
            launch.logger("sojourn")(note)
        if launch.spec.attempt == 1 or not self._pvc_exists:
            said = await cluster.ensure_claim(objects.work)
            self._pvc_exists = True
            if said:
                launch.logger("sojourn")(f"/work: {said}.")
            for claim in objects.claims:
                await cluster.ensure_claim(claim)
        self._made_pod = True
        pod = objects.pod.metadata.name
        uid = await make_pod(cluster, objects.pod, self._view_of, grace=self.delete_grace_period)
        # The kubelet reads what it pulls with once it has mounted the other one, which it waits for.
        if objects.pull_secret is not None:
            await make_secret(cluster, objects.pull_secret, pod=pod, uid=uid)
        await make_secret(cluster, objects.secret, pod=pod, uid=uid)
        await self._make_service(objects.pod, uid)
        if self.after_pod_created_hook:
            made = await self._view_of(uid).until_seen()
            await maybe_future(self.after_pod_created_hook(self, made))
        return uid

    async def _objects(self, launch: Launch) -> Objects:
        """The spec laid over what the administrator set."""
        pod = await self.get_pod_manifest()
        pod.metadata.namespace = self.namespace
        frame = Frame(pod=pod, claim=self.get_pvc_manifest(), arguments=tuple(self.get_args()))
        secrets = await handout.secrets_of(self._sojourn(), launch.spec)
        objects = build(launch.spec, secrets, frame, self._pod_settings())
        if self.modify_pod_hook:
            objects = dataclasses.replace(
                objects, pod=await maybe_future(self.modify_pod_hook(self, objects.pod))
            )
        return objects

    def _pod_settings(self) -> PodSettings:
        return PodSettings(
            installation=self.installation,
            sojourn_image=self.sojourn_image,
            disk_gib=self.disk_gib,
            clone_memory_gib=self.clone_memory_gib,
            nfs_driver=self.nfs_driver,
        )

    def _course(self, spec: LaunchSpec, session: Session) -> Course:
        return Course(
            path=session.saved.url,
            answer_seconds=self.answer_timeout,
            address_of=self._address_of,
            answers=self._until_ready if self.internal_ssl else until_it_answers,
            follow_session=lambda: self._follow_session(session.saved, session.reporter),
            last_lines=self._last_lines,
            too_slow=lambda: too_slow(session.saved, self.answer_timeout),
            context=why.Context(
                front_end=spec.environment.front_end,
                environment=spec.environment.name,
                own_secret=secret(self.pod_name, spec.run, spec.attempt),
                logs_in=spec.registry is not None,
                patience=why.Patience(schedule=self.schedule_patience),
            ),
        )

    async def _until_ready(self, _host: str, _port: int, _path: str) -> None:
        """With the hub's own certificates it is the kubelet who finds out that the session answers."""
        assert self._session is not None  # noqa: S101 - its launch asks
        view, news = self._view(self._session.saved), asyncio.Event()
        with view.news(news):
            while not self.is_pod_running(view.now):
                news.clear()
                await news.wait()

    def _follow_session(self, saved: SavedRun, reporter: Reporter) -> None:
        """Begins to pass on what the pod says, unless that is being done, or nobody has seen the pod yet."""
        view = self._view(saved)
        if self._output is None and view.now is not None:
            self._output = Outputs(
                view.now,
                reporter,
                since=saved.log_until,
                is_adopted=self._session is not None and self._session.is_adopted,
                is_over=lambda: view.is_over(_context(saved)),
                on_delivered=self._mark,
                log=self.log,
            )

    def _last_lines(self) -> str:
        return "" if self._output is None else self._output.last_lines

    def _mark(self, at: str) -> None:
        """Notes how far the log has been delivered; a hub that comes back goes on from there."""
        if self._session is None:
            return
        self._session.saved = self._session.saved.model_copy(update={"log_until": at})
        if self._marking is None:
            self._marking = asyncio.get_running_loop().call_later(_MARK_SECONDS, self._save_mark)

    def _save_mark(self) -> None:
        self._marking = None
        self.save_state()

    async def session_end(self, saved: SavedRun, reporter: Reporter) -> Ending:
        """Passes the log on until the pod says that the session is over, or is gone."""
        view, context = self._view(saved), _context(saved)
        news = asyncio.Event()
        self._follow_session(saved, reporter)
        with view.news(news):
            while not view.is_over(context):
                news.clear()
                await news.wait()
        if self._output is not None:
            await self._output.close(is_told=view.is_told(context))
        return why.ending(view.last, context, events=view.events, last_lines=self._last_lines())

    async def end_unseen(self, saved: SavedRun) -> Reason:
        """What the pod still tells, if it is there."""
        pod = self._pod_of(saved)
        if pod is None:
            return await super().end_unseen(saved)
        events = [] if self.event_reflector is None else self._view(saved).events
        return why.ending(pod, _context(saved), events=events).reason

    async def session_status(self, saved: SavedRun) -> int | None:
        """What the pod tells; None as long as it may still become, or is, a session."""
        await self._start_watching_pods()
        pod = self._pod_of(saved)
        if pod is None or pod["metadata"]["uid"] != saved.pod or saved.pod == self._ended_pod:
            return _GONE
        program = facts.Pod(pod).container(SESSION)
        if program is not None and program.end is not None:
            return int(program.end.get("exitCode", _GONE))
        if pod["status"].get("phase") in {"Failed", "Succeeded"}:
            return _GONE
        self._follow_address(pod)
        return None

    async def end_session(self, saved: SavedRun) -> None:
        """Deletes the pod, and with it its Secret; /work stays."""
        pod = self._pod_of(saved)
        uid = saved.pod if pod is None else pod["metadata"]["uid"]
        self._ended_pod = uid
        if uid is not None or self._made_pod:
            await self._end_pod(uid, _context(saved))
        if self._output is not None:
            await self._output.close()

    async def _end_pod(self, uid: str | None, context: why.Context) -> None:
        cluster, grace = self._cluster(), float(self.delete_grace_period)
        try:
            if uid is None:
                # Nobody knows what came of the request that was to make it.
                await cluster.delete_pod(self.pod_name, uid=None, grace=grace)
            else:
                view = self._view_of(uid)
                await end_pod(cluster, view, grace=grace, waits=not view.is_over(context))
        except (ClusterAwayError, ApiException) as problem:
            self.log.warning("Pod %s will be deleted later: %s", self.pod_name, problem)
            end_later(cluster, self.pod_name, uid, grace=grace, log=self.log)

    async def _abandon(self, session: Session, reason: Reason | None) -> None:
        """A hub that ends in order leaves its launches to the next one, as one that is killed does."""
        if not self.pod_reflector or not _is_cancelled(self.pod_reflector.watch_task):
            await super()._abandon(session, reason)

    async def poll(self) -> int | None:
        """As in every Sojourn spawner; a launch whose hub is gone is brought to its end first."""
        saved = self._saved
        if self._session is None and saved is not None and saved.phase == "launching":
            await self._start_watching_pods()
            pod = self._pod_of(saved)
            if pod is not None and pod["metadata"]["uid"] == saved.pod:
                await self._go_on(saved)
        return await super().poll()

    async def _go_on(self, saved: SavedRun) -> None:
        """Takes a launch over where an earlier hub left it; the token that its pod has still holds."""
        api = self._sojourn()
        try:
            spec = await _spec(api, saved.run)
        except ApiRefusalError:
            # Nobody waits for it any more; what is left of it is ended like all that died with its hub.
            self._ended_pod = saved.pod
            return
        reporter = Reporter(api, run=saved.run, attempt=saved.attempt, log=self.log)
        session = self._session = Session(saved, reporter, is_adopted=True)
        try:
            self.server.ip, self.server.port = await self._carry_out(Launch(spec, reporter), session, api)
            self.db.commit()
        except SpawnException as failure:
            self.log.warning("The launch of %s, which was taken over, failed: %s", self._log_name, failure)

    async def delete_forever(self) -> None:
        """Deletes pod and /work of this server, also when the hub has forgotten what it was."""
        await self._start_watching_pods()
        cluster = self._cluster()
        pod = self._pod
        if pod is not None:
            view = self._view_of(pod["metadata"]["uid"])
            await end_pod(cluster, view, grace=self.delete_grace_period)
        await cluster.delete_claim(self.pvc_name)
        self._pvc_exists = False

    def reason_of(self, error: BaseException) -> Reason:
        """An API that is away is told as such wherever it is met."""
        if isinstance(error, ApiException):
            return refusal(error)
        return super().reason_of(error)

    def clear_state(self) -> None:
        """Forgets the pod."""
        super().clear_state()
        self._made_pod, self._ended_pod = False, None
        self._output = None
        if self._marking is not None:
            self._marking.cancel()
            self._marking = None

    def _sojourn(self) -> SojournApi:
        return SojournApi(self.sojourn_url, self.sojourn_token)

    def _pod_of(self, saved: SavedRun) -> Raw | None:
        """The pod of this very attempt, if there is one."""
        pod = self._pod
        return pod if pod is not None and belongs_to(pod, saved.run, saved.attempt) else None

    def _view(self, saved: SavedRun) -> PodView:
        return self._view_of(saved.pod or "")


async def _spec(api: SojournApi, run: str) -> LaunchSpec:
    """The spec of a run, asked for until the API is there: it may have been started anew with the hub."""
    while True:
        try:
            return await api.launch_spec(run)
        except ApiUnavailableError:
            await asyncio.sleep(_API_PAUSE)


def _context(saved: SavedRun) -> why.Context:
    return why.Context(front_end=saved.front_end)


def _is_cancelled(task: asyncio.Task[None] | None) -> bool:
    """Whether the hub, which cancels all tasks at its end, has done so with this one."""
    return task is not None and (task.cancelled() or task.cancelling() > 0)
