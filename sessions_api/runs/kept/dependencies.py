"""Whether /work is kept at a stop here, for routes and pages."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from sessions_api.cluster.dependencies import cluster_here
from sessions_api.runs.kept.service import Keeping


def keeping_here(request: Request) -> Keeping | None:
    """For how long; None: not at all, or the cluster makes no snapshots."""
    days, cluster = request.app.state.settings.kept_days, cluster_here(request)
    if not days or cluster is None or not cluster.snapshots:
        return None
    return Keeping(timedelta(days=days))


KeepingHere = Annotated[Keeping | None, Depends(keeping_here)]
