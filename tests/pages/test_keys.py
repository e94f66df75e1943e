"""Keys that secrets are encrypted with, replaced while Sojourn is down."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.pages.conftest import IMAGE, Site
from tests.pages.hub import StandInHub
from tests.served import REPOSITORY, until

pytestmark = pytest.mark.slow

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def sealed(folder: Path) -> str:
    with sqlite3.connect(folder / "sojourn.db") as database:
        return str(database.execute("SELECT sealed FROM secrets").fetchone()[0])


def test_a_new_key_in_front_encrypts_everything_anew_at_the_next_start(tmp_path: Path) -> None:
    with StandInHub() as hub:
        with Site(tmp_path, hub, SECRETS_KEY=OLD) as before, before.person("ann") as ann:
            project = ann.project("Kept")
            assert ann.submit(f"{project}/secrets/add", name="key", value="s3cret").status_code == 303
        first = sealed(tmp_path)

        with Site(tmp_path, hub, SECRETS_KEY=f"{NEW},{OLD}"):
            until(lambda: sealed(tmp_path) != first or None, "it is encrypted anew")

    assert Fernet(OLD).decrypt(first) == Fernet(NEW).decrypt(sealed(tmp_path)) == b"s3cret"
    log = (tmp_path / "api.log").read_text()
    assert "encrypted 1 secrets and logins anew with the first key" in log
    assert not any(hidden in log for hidden in ("s3cret", OLD, NEW))


def test_a_key_that_is_none_is_said_at_the_start_by_its_place(tmp_path: Path) -> None:
    settings = {
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'sojourn.db'}",
        "PUBLIC_URL": "http://sojourn.test",
        "HUB_API_URL": "http://hub.test",
        **dict.fromkeys(("HUB_TOKEN", "SPAWNER_TOKEN", "COOKIE_SECRET"), "unused"),
        "SECRETS_KEY": f"{NEW},hunter2",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "sessions_api"],
        env=os.environ | {f"SOJOURN_{name}": value for name, value in settings.items()},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "Key 2 of SOJOURN_SECRETS_KEY is not 32 bytes in URL-safe Base64" in said
    assert "hunter2" not in said


def test_a_launch_whose_registry_login_no_key_opens_fails_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "environments" / "code").mkdir(parents=True)
    (tmp_path / "environments" / "code" / "environment.yaml").write_text(IMAGE)
    cluster = {
        "LAPTOP": "false",
        "KUBERNETES_NAMESPACE": "sessions",
        "ENVIRONMENTS_DIR": str(tmp_path / "environments"),
    }
    with StandInHub() as hub:
        with Site(tmp_path, hub, SECRETS_KEY=OLD, **cluster) as before, before.person("ann") as ann:
            session = ann.session(ann.project("Locked"), "code")
            ann.submit("/me/registry-logins/add", host="registry.test", username="ann", password="s3cret")

        with Site(tmp_path, hub, SECRETS_KEY=NEW, **cluster) as after, after.person("ann") as ann:
            run = ann.submit(f"{session}/start").headers["Location"].removeprefix("/runs/")
            until(lambda: ann.phase(run) == "failed" or None, "the launch fails")
            shown = ann.get(f"/runs/{run}").text
            reason = ann.get(f"/api/v1/runs/{run}").json()["reason"]

    assert reason["code"] == "registry_login_unopened"
    assert "The registry login of registry.test cannot be opened" in shown.replace("<wbr>", "")
    assert 'href="/me/registry-logins/add?host=registry.test"' in shown
