"""The cluster that sessions run on, for routes and pages."""

from typing import Annotated

from fastapi import Depends, Request

from sessions_api.cluster.client import Cluster


def cluster_here(request: Request) -> Cluster | None:
    """The cluster; None where sessions run on this computer."""
    found = request.app.state.cluster
    assert found is None or isinstance(found, Cluster)  # noqa: S101 - create_app puts it there
    return found


ClusterHere = Annotated[Cluster | None, Depends(cluster_here)]
