"""A start sets other values for variables that the session's configuration has, for that start only."""

from __future__ import annotations

import pytest

from sessions_api.kit.db import Database
from sessions_api.runs import freeze, store
from tests.api.conftest import Client
from tests.api.kinds import PACKAGES


@pytest.fixture
async def session(ann: Client, project: str) -> str:
    variables = {"SCALE": "3", "AREA": "alps"}
    await ann.made(f"{project}/sessions", environment="minimal", name="Chart", variables=variables)
    return f"{project}/sessions/chart"


async def test_a_start_has_the_value_and_the_session_keeps_its_own(
    bob: Client, session: str, database: Database
) -> None:
    answer = await bob.post(f"{session}/start", json={"variables": {"AREA": "  andes\n$(x) {y}"}})

    assert answer.status_code == 202
    assert (await bob.get(session)).json()["variables"] == {"SCALE": "3", "AREA": "alps"}
    async with database.read() as db:
        run = await store.get(db, answer.json()["id"])
        assert run is not None
        assert freeze.variables_of(run, (await freeze.parts_of(db, run, kinds=PACKAGES)).session) == {
            "SCALE": "3",
            "AREA": "  andes\n$(x) {y}",
        }


@pytest.mark.parametrize(
    ("name", "code"), [("OTHER", "variable_unknown"), ("PATH", "invalid"), ("a b", "invalid")]
)
async def test_no_other_variable_is_set(bob: Client, session: str, name: str, code: str) -> None:
    refused = await bob.refused(f"{session}/start", variables={name: "x"})
    assert refused["code"] == code
    assert (await bob.get(session)).json()["run"] is None
