"""What Prometheus is told of runs: how launches end, how long they take, what had to be mended.

Each process counts what it wrote itself; sums over replicas are the installation's.
"""

from prometheus_client import Counter, Gauge, Histogram

from sessions_api.runs.tables import Run, RunStage

_SECONDS = (0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300, 600, 1800)

LAUNCHES = Counter(
    "sojourn_launches", "Launches that ended, by outcome: ready, failed, cancelled.", ["outcome"]
)
FAILURES = Counter("sojourn_failures", "Runs that failed, by the code of their reason.", ["code"])
LAUNCH_SECONDS = Histogram(
    "sojourn_launch_seconds", "From the click to a session that answers.", buckets=_SECONDS
)
STAGE_SECONDS = Histogram(
    "sojourn_stage_seconds", "How long a stage of a launch took.", ["stage"], buckets=_SECONDS
)
MENDED = Counter("sojourn_mended", "What repair and sweep corrected, by what it was.", ["what"])
HUB_UP = Gauge("sojourn_hub_up", "Whether JupyterHub answered when it was last asked.")
CLUSTER_UP = Gauge("sojourn_cluster_up", "Whether Kubernetes answered when it was last asked.")
STREAMS = Gauge("sojourn_event_streams", "Open event streams.")


def launched(run: Run) -> None:
    """A launch became ready."""
    LAUNCHES.labels("ready").inc()
    if run.ready_at is not None:
        LAUNCH_SECONDS.observe((run.ready_at - run.launched_at).total_seconds())


def launch_ended(code: str | None) -> None:
    """A launch ended before it was ready: with the code of its reason, or because it was cancelled."""
    LAUNCHES.labels("cancelled" if code is None else "failed").inc()


def failed(code: str) -> None:
    """A run failed."""
    FAILURES.labels(code).inc()


def passed(stage: RunStage) -> None:
    """A stage ended well; those of each repository and storage count together."""
    if stage.started_at is not None and stage.ended_at is not None:
        seconds = (stage.ended_at - stage.started_at).total_seconds()
        STAGE_SECONDS.labels(stage.key.partition(":")[0]).observe(seconds)
