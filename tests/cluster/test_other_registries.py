"""A registry of the tests' own beside the cluster's: private images, odd ones, and answers that are none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from tests.cluster.installation import Installation
from tests.cluster.registry import Repository, checked
from tests.e2e.projects import API, Project
from tests.kube import host
from tests.registry.layers import tar
from tests.registry_images import Fault
from tests.registry_server import RegistryServer

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(300)]

WEB_APP = {"Entrypoint": ["serve"], "ExposedPorts": {"8080/tcp": {}}, "User": "1000"}
LOGIN = {"username": "ann", "password": "t0ken-of-ann"}
ONE_GIB = 2**30


@pytest.fixture(scope="module")
def registry(kubernetes: str) -> Iterator[RegistryServer]:
    with RegistryServer(address="0.0.0.0") as running:  # noqa: S104 - pods and the node reach it
        running.realm = f"http://{host()}:{running.server_port}/token"
        yield running


def reference(registry: RegistryServer, repository: str, version: str) -> str:
    """An image by the name that pods reach its registry by."""
    return f"{host()}:{registry.server_port}/{repository}:{version}"


def test_a_private_image_is_checked_and_pulled_with_a_login_and_not_without(
    installation: Installation, registry: RegistryServer
) -> None:
    http = installation.http()
    with Repository("http-server") as source:
        source.copy_to(registry, "team/private", "1", ExposedPorts={"8080/tcp": {}})
    registry.protect("team/private", login=":".join(LOGIN.values()))
    image = reference(registry, "team/private", "1")
    ended, refused = checked(http, image)
    assert (ended, refused["code"]) == ("refused", "image_login_required")
    ended, found = checked(http, image, login=LOGIN)
    assert (ended, found["verdict"]) == ("checked", "behind_gate")
    # The node takes a registry without TLS for one only where it is its own.
    own = f"127.0.0.1:{registry.server_port}"
    version = json.loads(json.dumps(found["version"]).replace(f"{host()}:{registry.server_port}", own))
    body = {"name": "Private", "version": version}
    environment = http.post(f"{API}/environments", json=body).raise_for_status().json()["slug"]
    project = Project.create(installation)
    session = project.post("/sessions", {"environment": environment})["slug"]

    failed = project.until(project.start(session)["id"], "failed")
    assert failed["reason"]["code"] == "image_denied"
    assert failed["reason"]["remedies"][0]["action"] == "registry_login"

    project.post("/registry-logins", {"host": own, **LOGIN})
    run = project.running(session)
    [pod] = installation.pods(sojourn__run=run["id"])
    assert LOGIN["password"] not in json.dumps(pod)
    assert project.http.get(run["url"], follow_redirects=True).is_success
    project.stop(run["id"], session)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("schema_1", "manifest_too_old"), ("broken_json", "manifest_broken"), ("stall", "registry_too_slow")],
)
def test_a_registry_that_does_not_behave_is_told_as_such(
    installation: Installation, registry: RegistryServer, fault: Fault, code: str
) -> None:
    registry.push(f"odd/{fault}", "1", config=WEB_APP)
    registry.break_with(f"odd/{fault}", fault)

    ended, reason = checked(installation.http(), reference(registry, f"odd/{fault}", "1"))

    assert (ended, reason["code"]) == ("refused", code)


def test_of_an_image_for_many_platforms_the_nodes_one_is_taken(
    installation: Installation, registry: RegistryServer
) -> None:
    amd, arm = (
        registry.push("many/app", layers=[name.encode()], config=WEB_APP, platform=f"linux/{name}")
        for name in ("amd64", "arm64")
    )
    index = registry.push_index("many/app", "1", [(arm, "linux/arm64"), (amd, "linux/amd64")])
    registry.push("many/other", "1", config=WEB_APP, platform="linux/s390x")

    ended, found = checked(installation.http(), reference(registry, "many/app", "1"))
    other, reason = checked(installation.http(), reference(registry, "many/other", "1"))

    assert (ended, found["digest"]) == ("checked", index)
    assert set(found["platforms"]) == {"linux/amd64", "linux/arm64"}
    assert (other, reason["code"]) == ("refused", "image_wrong_platform")


def test_a_layer_of_one_gibibyte_is_judged_without_being_read_whole(
    installation: Installation, registry: RegistryServer
) -> None:
    status = "Package: tides\nStatus: install ok installed\nVersion: 1.2-3\nArchitecture: amd64\n\n"
    small = gzip.compress(tar({"var/lib/dpkg/status": status}), mtime=0)
    large = (bytes(ONE_GIB), "application/vnd.oci.image.layer.v1.tar")
    registry.push("large/app", "1", layers=[large, small], config=WEB_APP)
    before = registry.sent

    ended, found = checked(installation.http(), reference(registry, "large/app", "1"))

    assert (ended, found["verdict"]) == ("checked", "behind_gate")
    assert found["size"] > ONE_GIB
    assert registry.sent - before < ONE_GIB / 4
    assert found["packages"]["debian"] == 1
