"""That what is kept of /work is part of the history of runs."""

from datetime import timedelta

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import store
from sessions_api.runs.kept import service
from sessions_api.runs.kept.service import Keeping
from tests.api.conftest import Client
from tests.api.held import held


async def stopped(database: Database, run_id: str, time: timedelta) -> str:
    """Makes of a run what a stop does that keeps its /work for so long; the id of what is kept."""
    run = await held(database, run_id)
    async with database.write() as db:
        await service.want(db, run, Keeping(time))
        kept = await service.of_run(db, run_id)
        assert kept is not None
        kept.state = "ready"
        await store.set_values(db, run_id, phase="stopped", wish="run", slot=None)
        return kept.id


async def test_the_history_says_of_a_stopped_run_until_when_its_work_is_kept(
    ann: Client, project: str, database: Database
) -> None:
    session = f"{project}/sessions/{(await ann.made(f'{project}/sessions', environment='minimal'))['slug']}"
    runs = [(await ann.post(f"{session}/start")).json()]
    assert runs[0]["kept"] is None
    gone = await stopped(database, runs[0]["id"], timedelta(seconds=-1))
    runs.append((await ann.post(f"{session}/start")).json())
    kept = await stopped(database, runs[1]["id"], timedelta(days=7))

    newest, before = (await ann.get("/runs")).json()["items"]

    assert newest["kept"]["id"] == kept
    assert newest["kept"]["expires_at"] > clock.now().isoformat()
    assert before["kept"] is None, f"{gone} is over"
    assert (await ann.get(f"/runs/{newest['id']}")).json()["kept"] == newest["kept"]
    started = await ann.post(f"{session}/start", json={"kept": newest["kept"]["id"]})
    assert started.status_code == 202, started.text
