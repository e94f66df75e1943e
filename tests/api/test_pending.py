from typing import Any

import pytest

from sessions_api.environments.tables import EnvironmentVersion
from sessions_api.repositories.tables import Repository
from sessions_api.resources.specs import spec_of
from sessions_api.resources.tables import ResourceClass
from sessions_api.sessions import pending
from sessions_api.sessions.tables import Session
from sessions_api.storages.tables import Storage

BIG = ResourceClass(
    slug="big",
    cpus=8,
    memory_gib=32,
    disk_gib=None,
    gpus=0,
    gpu_resource=None,
    node_selector={},
    tolerations=[],
    affinity=None,
    priority_class=None,
)
VS_CODE = {
    "name": "VS Code",
    "command": ["code-server"],
    "arguments": [],
    "default_url": "/",
    "port": 8080,
    "gate": None,
}
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
    *,
    digest: str = "sha256:a",
    number: int = 1,
    ref: str | None = None,
    shallow: bool = False,
    path: str = "/data",
    read_only: bool = False,
    **configuration: Any,
) -> list[pending.Changed]:
    same: dict[str, Any] = {
        "resource_class_id": None,
        "cpus": None,
        "memory_gib": 2.0,
        "disk_gib": None,
        "repositories": None,
        "storages": None,
        "variables": {"A": "1"},
    }
    session = Session(**same | configuration)
    return pending.changes(
        SPEC,
        session,
        version=EnvironmentVersion(
            digest=digest, number=number, front_end="JupyterLab", front_ends=[VS_CODE]
        ),
        computer=(),
        resources=spec_of(session, {"big": BIG}),
        repositories=[
            Repository(id="1", url="u1", ref=ref, folder="bar", shallow=shallow),
            Repository(id="2", url="u2", ref="v1", folder="foo", shallow=False),
        ],
        storages=[
            Storage(
                id="3",
                kind="folder",
                name="Data",
                folder="data",
                details={"path": path},
                read_only=read_only,
            )
        ],
    )


def test_what_is_as_it_was_launched_is_not_pending() -> None:
    assert _changes() == []
    assert _changes(ref="main") == []
    assert _changes(front_end="JupyterLab") == []
    assert _changes(repositories={"1": None, "2": None}, storages=["3"]) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"digest": "sha256:b"}, "environment version"),
        ({"number": 2}, "environment version"),
        ({"front_end": "VS Code"}, "front end"),
        ({"cpus": 1}, "resources"),
        ({"disk_gib": 20}, "resources"),
        ({"resource_class_id": "big", "memory_gib": None}, "resources"),
        ({"memory_gib": None}, "resources"),
        ({"ref": "dev"}, "repositories"),
        ({"shallow": True}, "repositories"),
        ({"repositories": {"1": None}}, "repositories"),
        ({"repositories": {"1": None, "2": "v2"}}, "repositories"),
        ({"storages": []}, "storages"),
        ({"path": "/other"}, "storages"),
        ({"read_only": True}, "storages"),
        ({"variables": {"A": "2"}}, "variables"),
    ],
)
def test_what_the_next_start_does_differently_is_named(changed: dict[str, Any], word: str) -> None:
    assert _changes(**changed) == [word]
