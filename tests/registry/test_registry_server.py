"""The registry of these tests itself: what programs that push and pull see of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection, create_server

import pytest

from tests.registry_images import OCI, digest_of
from tests.registry_server import RegistryServer

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def connection(server: RegistryServer) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection(server.host)) as connection:
        yield connection


def _ask(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    connection.request(method, path, body=body, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def test_what_was_pushed_is_handed_out_and_counted(
    server: RegistryServer, connection: HTTPConnection
) -> None:
    digest = server.push("a/b", "1", layers=[b"layer"])

    status, headers, body = _ask(connection, "GET", "/v2/a/b/manifests/1")
    layer = _ask(connection, "GET", f"/v2/a/b/blobs/{digest_of(b'layer')}")

    assert (status, headers["docker-content-digest"], digest_of(body)) == (200, digest, digest)
    assert (layer[0], layer[2]) == (200, b"layer")
    assert (server.count("GET"), server.sent) == (2, len(body) + len(b"layer"))


def test_a_repository_by_the_name_of_a_path_is_a_repository(
    server: RegistryServer, connection: HTTPConnection
) -> None:
    server.push("a/blobs/b", "1")

    assert _ask(connection, "HEAD", "/v2/a/blobs/b/manifests/1")[0] == 200


def test_tags_move_and_manifests_are_deleted(server: RegistryServer, connection: HTTPConnection) -> None:
    old, new = server.push("a/b", "1"), server.push("a/b", layers=[b"newer"])
    server.move_tag("a/b", "1", new)
    moved = _ask(connection, "HEAD", "/v2/a/b/manifests/1")[1]["docker-content-digest"]
    server.delete("a/b", new)

    assert moved == new
    assert _ask(connection, "GET", "/v2/a/b/manifests/1")[0] == 404
    assert _ask(connection, "GET", f"/v2/a/b/manifests/{old}")[0] == 200


def test_a_token_opens_its_repository_only(server: RegistryServer, connection: HTTPConnection) -> None:
    server.push("a/b", "1")
    server.push("a/c", "1")
    for name in ("a/b", "a/c"):
        server.protect(name)

    challenge = _ask(connection, "GET", "/v2/a/b/manifests/1")[1]["www-authenticate"]
    _, _, answer = _ask(connection, "GET", "/token?scope=repository:a/b:pull")
    token = {"Authorization": f"Bearer {json.loads(answer)['token']}"}

    assert challenge == (f'Bearer realm="{server.origin}/token",service="tests",scope="repository:a/b:pull"')
    assert _ask(connection, "GET", "/v2/a/b/manifests/1", headers=token)[0] == 200
    assert _ask(connection, "GET", "/v2/a/c/manifests/1", headers=token)[0] == 401


def test_a_program_pushes_by_http(server: RegistryServer, connection: HTTPConnection) -> None:
    _, begun, _ = _ask(connection, "POST", "/v2/a/b/blobs/uploads/")
    _ask(connection, "PATCH", begun["location"], b"lay")
    pushed = _ask(connection, "PUT", f"{begun['location']}?digest={digest_of(b'layer')}", b"er")
    manifest = json.dumps({"schemaVersion": 2}).encode()
    kind = {"Content-Type": f"{OCI}manifest.v1+json"}
    put = _ask(connection, "PUT", "/v2/a/b/manifests/1", manifest, kind)

    assert (pushed[0], put[0]) == (201, 201)
    assert _ask(connection, "GET", pushed[1]["location"])[2] == b"layer"
    status, headers, body = _ask(connection, "GET", "/v2/a/b/manifests/1")
    assert (status, headers["content-type"], body) == (200, kind["Content-Type"], manifest)


def test_faults_are_switched_by_http(server: RegistryServer, connection: HTTPConnection) -> None:
    server.push("a/b", "1")

    _ask(connection, "POST", "/-/fault?repository=a/b&fault=trouble")
    broken = _ask(connection, "GET", "/v2/a/b/manifests/1")[0]
    _ask(connection, "POST", "/-/fault?repository=a/b")
    _ask(connection, "POST", "/-/private?repository=a/b&username=ann&password=t0ken&way=basic")
    private = _ask(connection, "GET", "/v2/a/b/manifests/1")[0]

    assert (broken, private) == (500, 401)


def test_it_runs_by_itself() -> None:
    with closing(create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.registry_server", str(port)]
    with subprocess.Popen(command, cwd=CHECKOUT, env={"PATH": os.environ["PATH"]}) as program:
        try:
            while program.poll() is None:
                try:
                    create_connection(("127.0.0.1", port)).close()
                except ConnectionRefusedError:
                    continue
                break
            with closing(HTTPConnection("127.0.0.1", port)) as connection:
                assert _ask(connection, "GET", "/v2/")[0] == 200
        finally:
            program.terminate()
