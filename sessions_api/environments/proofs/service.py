"""What launches proved of versions: that they come up here, or why they do not."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.proofs import store
from sessions_api.environments.tables import LaunchProof
from spawner.reasons import Reason

OF_THE_VERSION = frozenset(
    {
        "environment_build_failed",
        "environment_runs_as_root",
        "image_name_invalid",
        "image_not_found",
        "image_platform",
        "image_runs_as_root",
        "out_of_memory",
        "probe_failed",
        "program_missing",
        "program_not_executable",
        "session_crashed",
        "session_ended",
        "session_killed",
        "start_failed",
        "start_timeout",
        "working_folder_unusable",
    }
)
"""Reasons that lie in what was started; the others (a quota, a branch that is gone) say nothing about it."""


async def worked(db: AsyncSession, version_id: str, *, seconds: float, at: datetime) -> None:
    """Keeps that a launch of the version got ready."""
    proof = await store.hold(db, version_id, at)
    proof.works, proof.at, proof.seconds, proof.reason = True, at, seconds, None
    proof.worked += 1


async def failed(db: AsyncSession, version_id: str, reason: Reason, at: datetime) -> None:
    """Keeps that a launch of the version failed, where that lay in the version."""
    if reason.code not in OF_THE_VERSION:
        return
    proof = await store.hold(db, version_id, at)
    proof.works, proof.at, proof.seconds = False, at, None
    proof.reason = {"code": reason.code, "sentence": reason.sentence}
    proof.failed += 1


async def of_versions(db: AsyncSession, version_ids: Collection[str]) -> dict[str, LaunchProof]:
    """What launches proved, by the version's id; versions that nobody launched are missing."""
    return await store.of_versions(db, version_ids)
