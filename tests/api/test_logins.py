"""What the hub says of who logged in is asked again."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from sessions_api.hub.client import ADMIN_SCOPE, Hub
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.errors import Unavailable
from sessions_api.people.service import FRESH, PATIENCE, Logins
from tests.pages.hub import StandInHub


async def test_whom_a_role_makes_an_administrator_is_one_as_long_as_they_have_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StandInHub() as stand_in:
        hub = Hub(stand_in.url, SecretStr("unused"))
        stand_in.scopes["ann"] = [ADMIN_SCOPE]
        ann = await hub.viewer_of_token("token-of-ann")
        assert ann is not None

        logins = Logins(database, hub, SecretStr("a-secret"))
        cookie = await logins.create(ann, "token-of-ann")
        before = await logins.by_cookie(cookie)
        other = await Logins(database, hub, SecretStr("another")).by_cookie(cookie)
        stand_in.scopes.clear()
        later = clock.now() + FRESH
        monkeypatch.setattr(clock, "now", lambda: later)
        after = await logins.by_cookie(cookie)
        await hub.close()

    assert [viewer and viewer.admin for viewer in (before, other, after)] == [True, False, False]
    async with database.read() as db:
        assert "token-of-ann" not in str((await db.execute(text("SELECT * FROM logins"))).all())


async def test_a_token_that_the_hub_knew_is_believed_for_minutes_while_it_does_not_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = clock.now()
    with StandInHub() as stand_in:
        hub = Hub(stand_in.url, SecretStr("unused"))
        logins = Logins(database, hub, SecretStr("a-secret"))
        await logins.by_token("token-of-ann")
        stand_in.away = True

        monkeypatch.setattr(clock, "now", lambda: begun + PATIENCE)
        believed = await logins.by_token("token-of-ann")
        with pytest.raises(Unavailable):
            await logins.by_token("token-of-bob")
        monkeypatch.setattr(clock, "now", lambda: begun + PATIENCE + FRESH)
        with pytest.raises(Unavailable):
            await logins.by_token("token-of-ann")
        await hub.close()

    assert believed is not None
    assert believed.name == "ann"
