"""For probes and Prometheus."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from sessions_api.kit.errors import Unavailable
from sessions_api.kit.transactions import Reading
from sessions_api.runs import service as runs

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> dict[str, str]:
    """The process can do its work: the database answers.

    Raises:
        Unavailable: it does not.
    """
    try:
        async with request.app.state.database.read() as db:
            await db.execute(text("SELECT 1"))
    except Exception as error:
        raise Unavailable("The database does not answer.") from error
    return {"status": "ok"}


@router.get("/metrics")
async def metrics(db: Reading) -> Response:
    """Metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    gauge = Gauge("sojourn_runs", "Runs by phase.", ["phase"], registry=registry)
    for phase, count in (await runs.count_by_phase(db)).items():
        gauge.labels(phase).set(count)
    # The first is the database's and the same from each replica, the rest is this process's own.
    text = generate_latest(registry) + generate_latest(REGISTRY)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
