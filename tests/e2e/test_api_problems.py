"""What the API refuses, hides and says about it, on a whole Sojourn."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.e2e.projects import API, Project
from tests.e2e.streams import events
from tests.git_server import GitServer
from tests.stack import Stack, eventually


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that an answer is; every one names its kind and says a sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["type"] == f"urn:sojourn:problem:{found['code']}"
    assert found["title"]
    assert found["detail"].endswith((".", "…")), found["detail"]
    return found


@pytest.mark.parametrize("authorization", [None, "Bearer nobody's", "Basic cm9vdDpyb290", "Bearer", "token"])
def test_who_shows_no_good_token_learns_nothing(sojourn: Stack, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in ("/me", "/projects", "/runs", "/environments/minimal", "/runs/01/events"):
        answer = httpx.get(sojourn.url + API + path, headers=headers, trust_env=False)
        assert problem(answer, 401)["code"] == "unauthenticated"


@pytest.mark.parametrize("path", ["/internal/runs/01/launch-spec", "/internal/runs/01/wish"])
def test_what_is_for_the_spawner_is_for_nobody_else(sojourn: Stack, path: str) -> None:
    problem(sojourn.http().get(path), 401)


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null", "{'name': 1}", '{"name": 1e999}', "\xff"])
def test_a_body_that_is_no_such_object_is_a_problem(sojourn: Stack, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = sojourn.http().post(f"{API}/projects", content=body.encode("latin-1"), headers=headers)
    problem(answer, 422)


def test_a_path_that_nobody_serves_is_a_problem_too(sojourn: Stack) -> None:
    http = sojourn.client()
    problem(http.get(f"{API}/nothing/here"), 404)
    problem(http.put(f"{API}/projects"), 405)
    http.close()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "{api}/projects", {"name": "x"}),
        ("PATCH", "{project}", {}),
        ("POST", "{project}/repositories", {"url": "https://example.org/x.git"}),
        ("POST", "{project}/storages", {"name": "x", "path": "/"}),
        ("POST", "{project}/members", {"person": "ann"}),
        ("POST", "{project}/sessions", {"environment": "minimal"}),
        ("PATCH", "{project}/sessions/minimal", {}),
        ("POST", "{project}/sessions/minimal/start", {}),
        ("POST", "{project}/start", {}),
    ],
)
def test_a_field_that_nobody_knows_is_refused_by_name(
    sojourn: Stack, method: str, path: str, body: dict[str, Any]
) -> None:
    project = Project.with_session(sojourn)
    address = path.format(api=API, project=project.path)

    found = problem(project.http.request(method, address, json={**body, "colour": "green"}), 422)

    assert [error["field"] for error in found["errors"]] == ["colour"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Bar one", "bar-one"),
        ("  Terrain   correction  ", "terrain-correction"),
        ("🛰️ 🌍", "project"),
        ("Überflug № 7", "uberflug-no-7"),
        ("../../etc/passwd", "etc-passwd"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_name_may_be_anything_that_people_write(sojourn: Stack, name: str, slug: str) -> None:
    first = Project.create(sojourn, name=name)
    second = Project.create(sojourn, name=name)

    assert first.slug == slug or first.slug.startswith(f"{slug}-")
    assert second.slug.startswith(slug)
    assert first.slug != second.slug
    assert first.get()["name"] == name.strip()
    page = first.http.get(f"/projects/{first.slug}", headers={"Accept": "text/html"})
    assert page.status_code in {200, 303}
    for project in (first, second):
        assert project.http.delete(project.path).status_code == 204


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "x" * 300, "two\nlines", "nul\0", None, 7, ["a"]])
def test_a_name_that_cannot_be_is_refused_by_its_field(sojourn: Stack, name: object) -> None:
    found = problem(sojourn.http().post(f"{API}/projects", json={"name": name}), 422)
    assert [error["field"] for error in found["errors"]] == ["name"]


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("", {"name": "x" * 300}, "name: This has 300 characters; 100 is the most."),
        ("", {}, "name: This is empty and has to be filled in."),
        (
            "",
            {"name": "x", "visibility": "secret"},
            "visibility: secret is not one of 'private' or 'public'.",
        ),
        ("", {"name": 7}, "name: 7 is not a text; write it in quotes."),
        ("", {"name": "two\nlines"}, "name: This has control characters; leave them out."),
        ("/sessions", {"environment": "minimal", "cpus": 0}, "cpus: 0 is too little; 0.1 is the least."),
        (
            "/sessions",
            {"environment": "minimal", "cpus": "many"},
            "cpus: many is not a number; write it like 4 or 0.5.",
        ),
        (
            "/sessions",
            {"environment": "minimal", "memory_gib": 1e9},
            "memory_gib: 1000000000.0 is too much; 4096 is the most.",
        ),
        (
            "/sessions",
            {"environment": "minimal", "default": "maybe"},
            "default: maybe is neither true nor false.",
        ),
        (
            "/sessions",
            {"environment": "minimal", "storages": "all"},
            "storages: all is not a list; write it like […].",
        ),
        (
            "/sessions",
            {"environment": "minimal", "variables": [1]},
            "variables: This is not an object; write it like {…}.",
        ),
        (
            "/sessions",
            {"environment": "minimal", "storages": ["x"] * 101},
            "storages: This has 101 entries; 100 is the most.",
        ),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_a_sentence(
    sojourn: Stack, path: str, body: dict[str, Any], detail: str
) -> None:
    project = Project.create(sojourn)
    address = project.path + path if path else f"{API}/projects"

    assert problem(project.http.post(address, json=body), 422)["detail"] == detail


def test_a_private_project_and_its_runs_do_not_exist_for_others(sojourn: Stack) -> None:
    anns = Project.with_session(sojourn, person="ann")
    run = anns.running()
    bobs = anns.seen_by("bob")

    for path in ("", "/sessions", "/sessions/minimal", "/repositories", "/storages", "/members", "/events"):
        hidden = problem(bobs.http.get(bobs.path + path), 404)
        missing = problem(bobs.http.get(f"{API}/projects/no-such-project{path}"), 404)
        assert hidden["detail"].replace(anns.slug, "") == missing["detail"].replace("no-such-project", "")
    for verb in ("start", "sessions/minimal/start", "sessions/minimal/stop"):
        problem(bobs.http.post(f"{bobs.path}/{verb}"), 404)
    for path in ("", "/log", "/events"):
        problem(bobs.http.get(f"{API}/runs/{run['id']}{path}"), 404)
    assert bobs.http.get(f"{run['url']}api/status").status_code in {401, 403, 404}
    assert bobs.http.get(f"{run['url']}lab").status_code != 200
    assert not [item for item in bobs.http.get(f"{API}/runs").json()["items"] if item["person"] != "bob"]
    anns.stop(run["id"])


def test_a_person_who_sees_a_project_starts_it_and_does_not_change_it(sojourn: Stack) -> None:
    anns = Project.with_session(sojourn, person="ann", visibility="public")
    bobs = anns.seen_by("bob")

    run = bobs.running()
    assert run["person"] == "bob"
    assert anns.get("/sessions/minimal")["status"] == "inactive"
    problem(anns.http.get(f"{API}/runs/{run['id']}"), 404)

    body = {"url": "https://example.org/x.git"}
    for answer in (
        bobs.http.patch(bobs.path, json={"name": "Mine"}),
        bobs.http.delete(bobs.path),
        bobs.http.post(f"{bobs.path}/repositories", json=body),
        bobs.http.post(f"{bobs.path}/sessions", json={"environment": "minimal"}),
        bobs.http.patch(f"{bobs.path}/sessions/minimal", json={"name": "Mine"}),
        bobs.http.delete(f"{bobs.path}/sessions/minimal", params={"force": True}),
        bobs.http.post(f"{bobs.path}/members", json={"person": "bob", "role": "owner"}),
    ):
        assert problem(answer, 403)["code"] == "forbidden"
    bobs.stop(run["id"])


def test_an_edit_on_top_of_an_old_state_is_refused_and_changes_nothing(
    sojourn: Stack, git_server: GitServer
) -> None:
    project = Project.with_session(sojourn, git_server.url("any"))
    storage = sojourn.data.root.parent / "shared"
    storage.mkdir(exist_ok=True)
    project.post("/storages", {"name": "Shared", "path": str(storage)})
    for part, change in (
        ("", {"description": "second"}),
        ("/sessions/minimal", {"description": "second"}),
        ("/repositories/any", {"ref": "second"}),
        ("/storages/shared", {"name": "Second"}),
    ):
        path = project.path + part
        seen = project.http.get(path).headers["ETag"]
        first = project.http.patch(path, json=change, headers={"If-Match": seen})
        assert first.is_success, first.text
        assert first.headers["ETag"] != seen

        old = project.http.patch(path, json={next(iter(change)): "third"}, headers={"If-Match": seen})

        assert problem(old, 412)["code"] == "stale"
        assert project.http.get(path).json() == first.json()
        problem(project.http.delete(path, headers={"If-Match": seen}), 412)


def test_two_parts_never_share_a_folder_and_a_free_one_is_proposed(
    sojourn: Stack, git_server: GitServer
) -> None:
    project = Project.create(sojourn)
    project.post("/repositories", {"url": git_server.url("team/tools")})
    again = {"url": git_server.url("other/Tools")}

    found = problem(project.http.post(f"{project.path}/repositories", json=again), 422)

    assert found["code"] == "folder_taken"
    (error,) = found["errors"]
    assert error["field"] == "folder"
    assert error["value"] == "tools-2"
    assert project.post("/repositories", {**again, "folder": error["value"]})["folder"] == "tools-2"
    storage = {"name": "tools", "path": str(sojourn.data.root.parent)}
    taken = problem(project.http.post(f"{project.path}/storages", json=storage), 422)
    assert taken["errors"][0]["value"] == "tools-3"


def test_a_password_in_an_address_is_refused_and_not_repeated(sojourn: Stack) -> None:
    project = Project.create(sojourn)
    url = "https://ann:s3cret-word@example.org/team/tools.git"

    answer = project.http.post(f"{project.path}/repositories", json={"url": url})

    assert problem(answer, 422)["errors"][0]["field"] == "url"
    assert "s3cret" not in answer.text
    assert "s3cret" not in (sojourn.data.logs / "api.log").read_text()


def test_a_project_with_live_runs_is_deleted_by_force_only_and_leaves_nothing(sojourn: Stack) -> None:
    project = Project.with_session(sojourn, person="ann", visibility="public")
    anns = project.running()
    bobs = project.seen_by("bob").running()
    session = project.get("/sessions/minimal")["id"]

    refused = problem(project.http.delete(project.path), 409)
    assert refused["code"] == "live_runs"
    assert "(2) of Minimal" in refused["detail"]
    assert project.run(anns["id"])["phase"] == "running"

    assert project.http.delete(project.path, params={"force": True}).status_code == 204
    problem(project.http.get(project.path), 404)
    for person, run in (("ann", anns), ("bob", bobs)):
        ended = project.seen_by(person).until_phase(run["id"], "stopped")
        assert not sojourn.untruths(ended)
        assert not (sojourn.data.work / session / person).exists()


def test_a_session_with_a_live_run_is_removed_by_force_only(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    session = f"{project.path}/sessions/minimal"

    refused = problem(project.http.delete(session), 409)
    assert refused["errors"][0]["value"] == run["id"]
    assert project.http.delete(session, params={"force": True}).status_code == 204

    assert not sojourn.untruths(project.until_phase(run["id"], "stopped"))
    problem(project.http.get(session), 404)


def test_a_paused_session_of_a_deleted_project_leaves_no_work(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.running()
    session = project.get("/sessions/minimal")["id"]
    project.ask("pause")
    project.until(run["id"], "paused")

    assert problem(project.http.delete(project.path), 409)["code"] == "live_runs"
    assert project.http.delete(project.path, params={"force": True}).status_code == 204

    eventually(lambda: not (sojourn.data.work / session / sojourn.owner).exists(), "the end of its work")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/projects?limit=0", "limit"),
        ("/projects?limit=501", "limit"),
        ("/projects?cursor=%C3%BC", "cursor"),
        ("/runs?cursor=!!!", "cursor"),
        ("/environments/minimal/versions/0", "number"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_its_name(sojourn: Stack, path: str, field: str) -> None:
    found = problem(sojourn.http().get(API + path), 422)
    assert field in [error["field"] for error in found["errors"]]


def test_a_stream_from_an_event_of_nobodys_is_refused(sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    run = project.start()
    for position in ("yesterday", "-1", "9" * 30):
        with pytest.raises(httpx.HTTPStatusError, match="422"):
            events(sojourn, run["events"], after=position)
    project.until(run["id"], "running")
    project.stop(run["id"])
