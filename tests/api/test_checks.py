"""Checks of images: what is asked, what is answered, and how a check becomes an environment."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from httpx_sse import aconnect_sse

from sessions_api.environments.checks.rules import Rules
from sessions_api.settings import Settings
from tests.api.conftest import Client
from tests.registry_server import RegistryServer

SINGLE_USER = {"Cmd": ["start.sh", "jupyterhub-singleuser"], "User": "1001:1002"}
WEB_APP = {"Entrypoint": ["serve"], "ExposedPorts": {"8501/tcp": {}}, "User": "1000"}


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    with RegistryServer() as server:
        yield server


@pytest.fixture
def checking(app: FastAPI, server: RegistryServer) -> FastAPI:
    """The application, whose administrator lets it ask the tests' registry."""
    settings = app.state.settings.model_copy(
        update={
            "registry_private": server.host,
            "registry_insecure": server.host,
            "node_platforms": "linux/amd64",
        }
    )
    app.state.image_rules = Rules.of(settings)
    return app


async def check(client: Client, image: str, **more: Any) -> list[tuple[str, Any]]:
    """The events of a check."""
    path = "http://sojourn.test/api/v1/environments/check"
    async with aconnect_sse(client, "POST", path, json={"image": image, **more}) as stream:
        stream.response.raise_for_status()
        return [(event.event, event.json()) async for event in stream.aiter_sse()]


@pytest.mark.usefixtures("checking")
async def test_a_check_tells_its_steps_and_then_what_it_found(ann: Client, server: RegistryServer) -> None:
    digest = server.push("a/b", "1", layers=[b"one", b"two"], config=SINGLE_USER)

    *steps, (ended, found) = await check(ann, server.reference("a/b", "1"))

    assert [(step["key"], step["state"]) for _, step in steps] == [
        ("find", "now"),
        ("find", "done"),
        ("platform", "done"),
        ("look", "now"),
        ("look", "done"),
        ("verdict", "done"),
    ]
    assert ended == "checked"
    assert (found["verdict"], found["digest"]) == ("as_it_is", digest)
    assert found["image"] == f"{server.host}/a/b@{digest}"
    assert found["platforms"] == ["linux/amd64"]
    assert (found["version"]["uid"], found["version"]["gid"]) == (1001, 1002)
    assert len(found["version"]["layers"]) == 2


@pytest.mark.usefixtures("checking", "on_cluster")
async def test_what_a_check_found_becomes_an_environment_as_it_is(
    ann: Client, server: RegistryServer
) -> None:
    digest = server.push("a/b", "1", layers=[b"one"], config=WEB_APP)
    _, found = (await check(ann, server.reference("a/b", "1")))[-1]

    made = await ann.made("/environments", name="Web", version=found["version"])

    version = (await ann.get(f"/environments/{made['slug']}/versions/1")).json()
    assert (version["digest"], version["port"]) == (digest, 8501)
    assert version["gate"] == {"prefix": "strip", "ready_path": "/"}
    assert version["reference"] == server.reference("a/b", "1")


@pytest.mark.usefixtures("checking")
async def test_an_image_for_other_processors_is_refused_with_both(
    ann: Client, server: RegistryServer
) -> None:
    server.push("a/b", "1", layers=[b"one"], config=WEB_APP, platform="linux/arm64")

    ended, reason = (await check(ann, server.reference("a/b", "1")))[-1]

    assert (ended, reason["code"]) == ("refused", "image_wrong_platform")
    assert "arm64" in reason["sentence"]
    assert "amd64" in reason["sentence"]


@pytest.mark.usefixtures("checking")
async def test_a_private_image_is_checked_with_a_login_that_no_answer_shows(
    ann: Client, server: RegistryServer
) -> None:
    server.push("a/b", "1", layers=[b"one"], config=WEB_APP)
    server.protect("a/b", login="ann:t0ken")
    image = server.reference("a/b", "1")

    refused, reason = (await check(ann, image))[-1]
    events = await check(ann, image, login={"username": "ann", "password": "t0ken"})

    assert (refused, reason["code"]) == ("refused", "image_login_required")
    assert events[-1][0] == "checked"
    assert "t0ken" not in str(events)


@pytest.mark.usefixtures("checking")
async def test_a_private_image_is_checked_with_the_login_that_a_person_keeps(
    ann: Client, bob: Client, server: RegistryServer
) -> None:
    server.push("a/b", "1", layers=[b"one"], config=WEB_APP)
    server.protect("a/b", login="ann:t0ken")
    image = server.reference("a/b", "1")
    await ann.made("/me/registry-logins", host=server.host, username="ann", password="t0ken")

    of_ann = await check(ann, image)
    with_another = await check(ann, image, login={"username": "ann", "password": "wr0ng"})
    of_bob = await check(bob, image)

    assert of_ann[-1][0] == "checked"
    assert "t0ken" not in str(of_ann)
    assert with_another[-1][1]["code"] == "image_login_refused"
    assert of_bob[-1][1]["code"] == "image_login_required"
    assert of_bob[-1][1]["remedies"][0] == {
        "action": "registry_login",
        "label": "Add a registry login",
        "folder": None,
        "ref": None,
        "host": server.host,
    }


@pytest.mark.usefixtures("checking")
async def test_a_login_goes_to_its_own_registry_only(ann: Client, server: RegistryServer) -> None:
    server.push("a/b", "1", layers=[b"one"], config=WEB_APP)
    server.protect("a/b", login="ann:t0ken")
    await ann.made("/me/registry-logins", host="other.example.org", username="ann", password="t0ken")

    ended, reason = (await check(ann, server.reference("a/b", "1")))[-1]

    assert (ended, reason["code"]) == ("refused", "image_login_required")


@pytest.mark.usefixtures("checking")
async def test_a_kept_login_that_no_key_opens_is_why_an_image_is_not_checked(
    app: FastAPI, ann: Client, server: RegistryServer
) -> None:
    await ann.made("/me/registry-logins", host=server.host, username="ann", password="t0ken")
    other = {"secrets_key": "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="}
    app.state.settings = Settings.model_validate({**app.state.settings.model_dump(), **other})

    ended, reason = (await check(ann, server.reference("a/b", "1")))[-1]

    assert (ended, reason["code"]) == ("refused", "registry_login_unopened")
    assert server.asked == []


@pytest.mark.usefixtures("checking")
async def test_a_registry_that_nobody_listed_is_not_asked(ann: Client) -> None:
    with RegistryServer() as secret:
        secret.push("a/b", "1", layers=[b"one"])

        ended, reason = (await check(ann, secret.reference("a/b", "1")))[-1]

        assert (ended, reason["code"]) == ("refused", "registry_unreachable")
        assert secret.asked == []


@pytest.mark.usefixtures("checking")
@pytest.mark.parametrize("image", ["", "Python", "a b", "x" * 5000, "python@sha256:12"])
async def test_what_is_no_image_is_refused_at_its_field(ann: Client, image: str) -> None:
    problem = await ann.refused("/environments/check", image=image)

    assert [error["field"] for error in problem["errors"]] == ["image"]


@pytest.mark.usefixtures("checking", "on_cluster")
async def test_a_version_of_a_checked_image_knows_what_is_installed_in_it(
    ann: Client, server: RegistryServer
) -> None:
    packed = layer(
        {"usr/lib/python3/dist-packages/Tides-1.2.dist-info/METADATA": "Name: Tides\nVersion: 1.2\n"}
    )
    server.push("a/b", "1", layers=[packed], config=WEB_APP)
    _, found = (await check(ann, server.reference("a/b", "1")))[-1]

    made = await ann.made("/environments", name="Web", version=found["version"])

    assert found["packages"] == {"python": 1}
    listed = (await ann.get(f"/environments/{made['slug']}/versions/1/packages")).json()["items"]
    assert [(each["name"], each["version"]) for each in listed] == [("Tides", "1.2")]
    [hit] = (await ann.get("/environments", params={"search": "tides"})).json()["items"]
    assert hit["slug"] == made["slug"]


@pytest.mark.usefixtures("checking")
async def test_what_was_found_in_its_layers_counts(ann: Client, server: RegistryServer) -> None:
    server.push("a/b", "1", layers=[layer({"opt/bin/jupyterhub-singleuser": "#!/bin/sh\n"}, mode=0o755)])

    _, found = (await check(ann, server.reference("a/b", "1")))[-1]

    assert (found["verdict"], found["fix"].partition(".")[0]) == (
        "as_it_is",
        "It has /opt/bin/jupyterhub-singleuser",
    )


@pytest.mark.usefixtures("checking", "on_cluster")
async def test_what_layers_do_not_tell_an_attached_sbom_does(ann: Client, server: RegistryServer) -> None:
    digest = server.push("a/b", "1", layers=[b"no tar at all"], config=WEB_APP)
    listed = {"type": "library", "name": "tides", "version": "2", "purl": "pkg:pypi/tides@2"}
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [listed]}
    server.attach("a/b", digest, "application/vnd.cyclonedx+json", json.dumps(sbom).encode())

    _, found = (await check(ann, server.reference("a/b", "1")))[-1]

    assert (found["packages"], found["left_out"]) == ({"python": 1}, [])


@pytest.mark.usefixtures("checking")
async def test_what_layers_do_not_tell_is_said(ann: Client, server: RegistryServer) -> None:
    server.push("a/b", "1", layers=[b"no tar at all"], config=WEB_APP)

    _, found = (await check(ann, server.reference("a/b", "1")))[-1]

    assert found["packages"] == {}
    assert len(found["left_out"]) == 1


async def test_what_is_installed_can_be_downloaded_as_an_sbom(ann: Client) -> None:
    answer = await ann.get("/environments/python/versions/1/sbom")

    assert answer.headers["Content-Type"] == "application/vnd.cyclonedx+json"
    assert "python-1.cdx.json" in answer.headers["Content-Disposition"]
    purls = [each["purl"] for each in answer.json()["components"]]
    assert purls == ["pkg:pypi/jupyterlab@4.5.0", "pkg:pypi/numpy@2.3.5"]


def layer(files: Mapping[str, str], *, mode: int = 0o644) -> bytes:
    """A layer with these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), mode
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()
