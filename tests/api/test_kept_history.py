"""That what is kept of /work is part of the history of runs."""

from datetime import timedelta

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from tests.api.conftest import Client
from tests.api.held import stopped_and_kept


async def test_the_history_says_of_a_stopped_run_until_when_its_work_is_kept(
    ann: Client, project: str, database: Database
) -> None:
    session = f"{project}/sessions/{(await ann.made(f'{project}/sessions', environment='minimal'))['slug']}"
    runs = [(await ann.post(f"{session}/start")).json()]
    assert runs[0]["kept"] is None
    gone = await stopped_and_kept(database, runs[0]["id"], timedelta(seconds=-1))
    runs.append((await ann.post(f"{session}/start")).json())
    kept = await stopped_and_kept(database, runs[1]["id"], timedelta(days=7))

    newest, before = (await ann.get("/runs")).json()["items"]

    assert newest["kept"]["id"] == kept
    assert newest["kept"]["expires_at"] > clock.now().isoformat()
    assert before["kept"] is None, f"{gone} is over"
    assert (await ann.get(f"/runs/{newest['id']}")).json()["kept"] == newest["kept"]
    started = await ann.post(f"{session}/start", json={"kept": newest["kept"]["id"]})
    assert started.status_code == 202, started.text
