"""Another program writes to the file of SQLite, and does not end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.pages.conftest import Site
from tests.pages.hub import StandInHub

pytestmark = pytest.mark.slow


def test_what_cannot_be_written_is_refused_with_a_remedy_and_nothing_of_it_is_done(tmp_path: Path) -> None:
    with StandInHub() as hub, Site(tmp_path, hub) as site, site.person("ann") as ann:
        form = ann.filled(name="Tides")
        with closing(sqlite3.connect(str(make_url(site.database).database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = ann.post("/projects/new", data=form, timeout=60)
            page = ann.get("/projects")
            other.execute("ROLLBACK")

        assert answer.status_code == 503
        assert "The database is locked by others that write, so nothing was changed." in answer.text
        assert "If another program has sojourn.db open, end it. Then try again." in answer.text
        assert page.status_code == 200
        assert "Tides" not in ann.get("/projects").text
        assert ann.post("/projects/new", data=form).status_code == 303
