import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import httpx
import pytest

from tests.git_server import Fault, GitServer, Link, Submodule, modules

BIG = bytes(range(256)) * 4096


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path) as server:
        yield server


def clone(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ["git", "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=1", "clone", url, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_what_was_committed_can_be_cloned(server: GitServer, tmp_path: Path) -> None:
    server.create("bar", {"a.txt": "one"})
    commit = server.commit("bar", {"a.txt": "two", "b.bin": BIG})

    assert clone(server.url("bar"), tmp_path / "clone").returncode == 0

    assert (tmp_path / "clone" / "a.txt").read_text() == "two"
    assert (tmp_path / "clone" / "b.bin").read_bytes() == BIG
    assert server.head("bar") == commit


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("not_found", "not found"),
        ("login", "could not read Username"),
        ("unavailable", "503"),
        ("hang", "too slow"),
        ("stall", "too slow"),
        ("cut", "early EOF"),
        ("moved", "not found"),
    ],
)
def test_a_fault_is_what_git_sees(server: GitServer, tmp_path: Path, fault: Fault, words: str) -> None:
    server.create("bar", {f"{n}.bin": bytes((n * i * i) % 251 for i in range(20_000)) for n in range(1, 9)})
    server.break_with("bar", fault)

    failed = clone(server.url("bar"), tmp_path / "clone")

    assert failed.returncode != 0
    assert words in failed.stderr

    server.break_with("bar", None)
    assert clone(server.url("bar"), tmp_path / "again").returncode == 0


def test_faults_are_switched_from_outside(server: GitServer, tmp_path: Path) -> None:
    server.create("bar", {"a.txt": "one"})
    switch = f"http://127.0.0.1:{server.server_port}/-/fault?repository=bar&fault=not_found"
    with urlopen(Request(switch, method="POST")) as answer:
        assert answer.status == 204

    assert clone(server.url("bar"), tmp_path / "clone").returncode != 0


def test_a_private_repository_is_for_one_login(server: GitServer, tmp_path: Path) -> None:
    server.create("bar", {"a.txt": "one"})
    switch = f"{server.origin}/-/private?repository=bar&username=ann&token=t0ken"
    assert httpx.post(switch).status_code == 204
    url = server.url("bar").replace("http://", "http://ann:{}@")

    assert clone(server.url("bar"), tmp_path / "nobody").returncode != 0
    assert "Authentication failed" in clone(url.format("wrong"), tmp_path / "wrong").stderr
    assert clone(url.format("t0ken"), tmp_path / "clone").returncode == 0
    assert set(server.sent) == {"ann:wrong", "ann:t0ken"}


def test_the_old_protocol_gives_no_commit_that_no_ref_points_at(server: GitServer, tmp_path: Path) -> None:
    commit = server.create("bar", {"a.txt": "one"})
    server.commit("bar", {"a.txt": "two"})
    server.break_with("bar", "old")
    assert clone(server.url("bar"), tmp_path / "clone").returncode == 0

    command = ["git", "-C", str(tmp_path / "clone"), "fetch", "--depth=1", server.url("bar"), commit]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "unadvertised object" in refused.stderr


def test_submodules_and_links_are_in_the_tree(server: GitServer, tmp_path: Path) -> None:
    lib = server.create("lib", {"b.txt": "b"})
    entries = {".gitmodules": modules(libs__lib="../lib.git"), "libs/lib": Submodule(lib), "link": Link("to")}
    server.create("bar", entries)

    assert clone(server.url("bar"), tmp_path / "clone").returncode == 0

    assert (tmp_path / "clone" / "link").readlink() == Path("to")
    command = ["git", "-C", str(tmp_path / "clone"), "submodule", "update", "--init"]
    subprocess.run(command, capture_output=True, check=True)
    assert (tmp_path / "clone" / "libs" / "lib" / "b.txt").read_text() == "b"


def test_large_files_are_handed_out_by_their_id(server: GitServer) -> None:
    server.create("bar", {"a.txt": "one"})
    oid = server.keep_large("bar", BIG).splitlines()[1].rpartition(":")[2]
    wanted = {
        "operation": "download",
        "objects": [{"oid": oid, "size": len(BIG)}, {"oid": "0" * 64, "size": 1}],
    }
    found, missing = httpx.post(f"{server.url('bar')}/info/lfs/objects/batch", json=wanted).json()["objects"]

    assert httpx.get(found["actions"]["download"]["href"]).content == BIG
    assert missing["error"]["code"] == 404
