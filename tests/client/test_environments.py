"""Environments from Python: what is asked, and what is made of the answers."""

from __future__ import annotations

import inspect
import json
from typing import Any

import httpx
import pytest

import sojourn
from sojourn import Client, Conflict
from sojourn.client import asynchronous, sync
from sojourn.client.environment_calls import NewVersion
from tests.client.standin import AT, Script
from tests.stack import Stack

VERSION: dict[str, Any] = {
    "number": 1,
    "digest": "sha256:1",
    "front_end": "JupyterLab",
    "default_url": "/lab",
    "created_by": "ann",
    "created_at": AT,
}
ENVIRONMENT: dict[str, Any] = {
    "id": "01",
    "slug": "tides",
    "name": "Tides",
    "description": "",
    "keywords": [],
    "default": True,
    "created_by": "ann",
    "created_at": AT,
    "updated_at": AT,
    "latest": VERSION,
    "versions": [VERSION],
}


def client(*steps: Any) -> tuple[sojourn.Client, Script]:
    script = Script(*steps)
    return sojourn.Client("http://sojourn.test", via=script), script


def test_a_list_is_asked_for_by_words_and_filters() -> None:
    asked, script = client(httpx.Response(200, json={"items": [ENVIRONMENT], "next": None}))
    [found] = asked.environments.list(search="xarr", keyword="sea", mine=True, archived=False)
    [request] = script.requests
    assert dict(request.url.params) == {
        "search": "xarr",
        "keyword": "sea",
        "mine": "true",
        "archived": "false",
    }
    assert found.latest.number == 1


def test_a_session_is_added_with_an_environment_of_its_own() -> None:
    asked, script = client(httpx.Response(422, json={"title": "Invalid", "status": 422, "detail": "No."}))
    version: NewVersion = {
        "image": "registry.test/a@sha256:0",
        "front_end": "A",
        "default_url": "/",
        "port": 80,
    }
    with pytest.raises(sojourn.SojournError):
        asked.sessions("tides").add({"name": "Gauge", "version": version}, default=True)
    [request] = script.requests
    assert request.url.path == "/api/v1/projects/tides/sessions"
    assert json.loads(request.content) == {
        "environment": {"name": "Gauge", "version": {**version}},
        "default": True,
    }


def test_an_older_sojourn_s_environment_is_everyone_s_and_nobody_s_to_change() -> None:
    asked, _ = client(httpx.Response(200, json=ENVIRONMENT))
    found = asked.environments.get("tides")
    assert (found.visibility, found.editable, found.archived_at, found.used.projects) == (
        "everyone",
        False,
        None,
        0,
    )


def test_an_item_of_a_list_is_what_it_was_read_from_and_a_part_is_none() -> None:
    answer = httpx.Response(200, json={"items": [{**VERSION, "colour": "petrol"}], "next": None})
    asked, script = client(answer, httpx.Response(200, json=ENVIRONMENT))
    [listed] = asked.environments.versions("tides")
    part = asked.environments.get("tides").versions[0]
    assert (listed.number, listed.body["colour"]) == (1, "petrol")
    assert script.requests[0].url.path == "/api/v1/environments/tides/versions"
    assert not hasattr(part, "body")


def test_two_versions_are_one_address() -> None:
    change = {"ecosystem": "python", "name": "six", "before": "1", "after": None}
    body = {"before": VERSION, "after": {**VERSION, "number": 2}, "added": [], "removed": [change]}
    asked, script = client(httpx.Response(200, json={**body, "changed": [], "run": [], "new_bytes": None}))
    found = asked.environments.compare("tides", 1, 2)
    assert script.requests[0].url.raw_path == b"/api/v1/environments/tides/versions/1...2"
    assert (found.after.number, found.removed[0].name, found.new_bytes) == (2, "six", None)


def test_an_edit_says_what_it_is_based_on_and_none_is_a_value() -> None:
    asked, script = client(httpx.Response(200, json=ENVIRONMENT), httpx.Response(204))
    asked.environments.change("tides", if_match='"7"', archived=True, successor=None)
    asked.environments.delete("tides", if_match='"8"')
    changed, deleted = script.requests
    assert json.loads(changed.content) == {"archived": True, "successor": None}
    assert (changed.headers["If-Match"], deleted.headers["If-Match"]) == ('"7"', '"8"')


@pytest.mark.parametrize("name", ["Environments", "Sessions"])
def test_both_clients_can_do_the_same(name: str) -> None:
    here, there = (
        {method for method, _ in inspect.getmembers(getattr(module, name)) if not method.startswith("_")}
        for module in (sync, asynchronous)
    )
    assert here == there


def test_an_environment_lives_from_its_first_version_to_its_end(sojourn: Stack) -> None:
    first: NewVersion = {
        "requirements": "jupyterlab==4.5.0\nnumpy==2.3.4\n",
        "front_end": "JupyterLab",
        "default_url": "/lab",
        "port": 8888,
        "command": ["jupyterhub-singleuser"],
    }
    following: NewVersion = {**first, "requirements": "jupyterlab==4.5.0\nnumpy==2.3.5\n"}
    with Client.from_data(sojourn.data.root) as client:
        environments = client.environments
        made = environments.create("Typed tides", first, keywords=["sea"])
        second = environments.add_version(made.slug, **following)
        [numpy] = environments.compare(made.slug, 1, 2).changed
        project = client.projects.create("Typed catalogue")
        sessions = client.sessions(project.slug)
        session = sessions.add(made.slug, version=1)
        updated = sessions.update(session.slug, 2, if_match=session.etag)
        environments.add_favourite(made.slug)
        [favourite] = environments.list(favourite=True, search="typed")
        environments.remove_favourite(made.slug)
        with pytest.raises(Conflict) as refused:
            environments.delete(made.slug)
        copy = environments.duplicate(made.slug, version=1, name="Typed copy")
        archived = environments.change(made.slug, archived=True, successor=copy.slug)
        client.projects.delete(project.slug)
        environments.delete(made.slug, if_match=archived.etag)
        environments.delete(copy.slug)

    assert (made.visibility, made.editable, second.number) == ("private", True, 2)
    assert (numpy.name, numpy.before, numpy.after) == ("numpy", "2.3.4", "2.3.5")
    assert (session.environment.version, updated.environment.version) == (1, 2)
    assert (favourite.slug, favourite.used.projects) == (made.slug, 1)
    assert refused.value.code == "environment_used"
    assert archived.archived_at is not None
    assert archived.successor is not None
    assert archived.successor.name == "Typed copy"
