import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.git_server import Fault, GitServer

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
