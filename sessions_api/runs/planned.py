"""The stages that an attempt of a run is to go through, as rows."""

from __future__ import annotations

from sessions_api.runs import freeze
from sessions_api.runs.tables import Run, RunStage
from sessions_api.web import words
from spawner.spec import QUEUED, stages


def of_run(run: Run, parts: freeze.Parts, *, on_cluster: bool) -> list[RunStage]:
    """Those of its first attempt; the first of them is under way."""
    steps = stages(
        environment=parts.environment.name,
        front_end=parts.front_end.name,
        repositories=tuple(repository.folder for repository, _ in parts.repositories),
        storages=tuple(storage.folder for storage in parts.storages),
        is_image=parts.version.image is not None,
        is_pod=on_cluster,
    )
    return [
        RunStage(
            run_id=run.id,
            attempt=run.attempt,
            position=position,
            key=stage.key,
            title=stage.title,
            state="now" if stage.key == QUEUED else "next",
            started_at=run.launched_at if stage.key == QUEUED else None,
            ended_at=None,
            detail=_withheld(parts) if stage.key == QUEUED else "",
        )
        for position, stage in enumerate(steps)
    ]


def _withheld(parts: freeze.Parts) -> str:
    """What the person is told who passes by a public project that has secrets."""
    amount = parts.secrets.withheld
    return f"without the project's {words.count(amount, 'secret')}, for members only" if amount else ""


def again(run: Run, before: RunStage) -> RunStage:
    """The same stage in the attempt that begins now."""
    queued = before.key == QUEUED
    return RunStage(
        run_id=run.id,
        attempt=run.attempt,
        position=before.position,
        key=before.key,
        title=before.title,
        state="now" if queued else "next",
        started_at=run.launched_at if queued else None,
        ended_at=None,
        detail="",
    )
