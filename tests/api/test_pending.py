from typing import Any

import pytest

from sessions_api.environments.tables import EnvironmentVersion
from sessions_api.repositories.tables import Repository
from sessions_api.sessions import pending
from sessions_api.sessions.tables import Session
from sessions_api.storages.tables import Storage

SPEC: dict[str, Any] = {
    "run": "r",
    "attempt": 1,
    "person": "ann",
    "server": "s",
    "work": "w",
    "project": {"id": "p", "slug": "p", "name": "P"},
    "session": {"id": "s", "slug": "s", "name": "S"},
    "environment": {
        "id": "e",
        "slug": "e",
        "name": "E",
        "version": 1,
        "digest": "sha256:a",
        "requirements": "",
        "front_end": "JupyterLab",
        "command": ["x"],
        "default_url": "/lab",
    },
    "resources": {"cpus": None, "memory_gib": 2},
    "repositories": [
        {"url": "u1", "ref": "main", "commit": "c", "branch": "main", "folder": "bar"},
        {"url": "u2", "ref": "v1", "commit": "c", "branch": None, "folder": "foo"},
    ],
    "storages": [{"kind": "folder", "name": "Data", "folder": "data", "path": "/data"}],
    "variables": {"A": "1"},
}


def _changes(
    *, digest: str = "sha256:a", ref: str | None = None, path: str = "/data", **configuration: Any
) -> list[pending.Changed]:
    same: dict[str, Any] = {
        "cpus": None,
        "memory_gib": 2.0,
        "repositories": None,
        "storages": None,
        "variables": {"A": "1"},
    }
    return pending.changes(
        SPEC,
        Session(**same | configuration),
        version=EnvironmentVersion(digest=digest),
        repositories=[
            Repository(id="1", url="u1", ref=ref, folder="bar"),
            Repository(id="2", url="u2", ref="v1", folder="foo"),
        ],
        storages=[Storage(id="3", folder="data", path=path)],
    )


def test_what_is_as_it_was_launched_is_not_pending() -> None:
    assert _changes() == []
    assert _changes(ref="main") == []
    assert _changes(repositories={"1": None, "2": None}, storages=["3"]) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"digest": "sha256:b"}, "environment version"),
        ({"cpus": 1}, "resources"),
        ({"memory_gib": None}, "resources"),
        ({"ref": "dev"}, "repositories"),
        ({"repositories": {"1": None}}, "repositories"),
        ({"repositories": {"1": None, "2": "v2"}}, "repositories"),
        ({"storages": []}, "storages"),
        ({"path": "/other"}, "storages"),
        ({"variables": {"A": "2"}}, "variables"),
    ],
)
def test_what_the_next_start_does_differently_is_named(changed: dict[str, Any], word: str) -> None:
    assert _changes(**changed) == [word]
