from __future__ import annotations

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.e2e.projects import Project
from tests.git_server import GitServer
from tests.stack import Stack

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}


def test_every_operation_has_a_name_and_says_which_problems_it_answers(sojourn: Stack) -> None:
    operations = sojourn.contract.operations
    names = [operation.described["operationId"] for operation in operations]
    assert len(names) == len(set(names)) > 30

    for operation in operations:
        answers = operation.described["responses"]
        problems = {status: stated for status, stated in answers.items() if int(status) >= 400}
        assert {"401", "422", "503"} <= problems.keys(), operation.path
        for status, stated in problems.items():
            assert stated["content"] == PROBLEM, (operation.path, status)
        if operation.method in {"POST", "PATCH", "DELETE"}:
            assert {"403", "409"} <= problems.keys(), operation.path
        if "{" in operation.path:
            assert "404" in problems, operation.path
        if any(parameter["name"] == "If-Match" for parameter in operation.described.get("parameters", [])):
            assert "412" in problems, operation.path


def test_the_schemas_are_schemas_and_forbid_what_they_do_not_name(sojourn: Stack) -> None:
    document = sojourn.contract.document
    assert document["openapi"].startswith("3.1")
    assert document["security"]
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        if name.endswith(("Create", "Change", "Overrides")):
            assert schema["additionalProperties"] is False, name


def test_probes_and_metrics_are_there_and_no_part_of_the_api(sojourn: Stack) -> None:
    paths = [operation.path for operation in sojourn.contract.operations]
    assert all(path.startswith("/api/v1/") for path in paths)
    for path in ("/healthz", "/readyz", "/metrics"):
        assert httpx.get(sojourn.url + path, trust_env=False).is_success, path


def _made_environment(http: httpx.Client) -> str:
    """Makes an environment of two versions with all that there is to do with one; its slug."""
    path = "/api/v1/environments"
    version = {
        "requirements": "jupyterlab==4.5.0\n",
        "command": ["jupyterhub-singleuser"],
        "front_end": "JupyterLab",
        "default_url": "/lab",
        "port": 8888,
    }
    made = http.post(path, json={"name": "Described", "version": version}).raise_for_status().json()
    path += f"/{made['slug']}"
    http.post(f"{path}/versions", json={**version, "port": 9999}).raise_for_status()
    copy = http.post(f"{path}/duplicate").raise_for_status()
    assert http.delete(copy.headers["Location"]).status_code == 204
    assert http.put(f"{path}/favourite").status_code == 204
    assert http.delete(f"{path}/favourite").status_code == 204
    return str(made["slug"])


def _invite(project: Project) -> None:
    """Invites two people, of whom one joins and the other finds the invitation taken back."""
    joined, left = (project.post("/invitations", {"note": note}) for note in ("For bob", "For nobody"))
    token = joined["link"].rpartition("/")[2]
    guest = project.stack.http("bob").post("/api/v1/join", json={"invitation": token})
    assert guest.is_success, guest.text
    assert project.http.delete(f"{project.path}/invitations/{left['id']}").status_code == 204


def _make_a_token(http: httpx.Client) -> None:
    made = http.post("/api/v1/me/tokens", json={"note": "A program"}).raise_for_status()
    assert http.delete(f"/api/v1/me/tokens/{made.json()['id']}").status_code == 204


def _do_all_with_its_runs(project: Project) -> None:
    """Does with the running session what its person can do, and what an administrator can."""
    session = f"{project.path}/sessions/minimal"
    assert project.http.delete(f"{session}/timetable").status_code == 204
    project.http.patch(session, json={"idle_minutes": 60}).raise_for_status()
    project.ask("keep-alive")
    run = project.ask("restart")["id"]
    project.until(run, "running")
    project.ask("pause")
    project.until(run, "paused")
    project.post("/sessions/minimal/start", status=202)
    project.ask("cancel")
    project.until(run, "paused")
    project.running()
    for verb in ("pause", "cancel", "stop"):
        # Whether there still is something to cancel is a matter of moments.
        assert project.http.post(f"/api/v1/admin/runs/{run}/{verb}").status_code in {202, 409}
        project.until(run, "stopped" if verb == "stop" else "paused")
    project.stop(project.running()["id"])


def _add_logins(project: Project) -> None:
    opened = {"host": "git.example.org", "username": "x", "password": "x"}
    for kind, body in (
        ("git-logins", {"host": "git.example.org", "token": "x"}),
        ("registry-logins", opened),
    ):
        project.post(f"/{kind}", body)
        project.http.post(f"/api/v1/me/{kind}", json=body).raise_for_status()


def _offer(http: httpx.Client) -> str:
    """Offers a class, and a pool that is withdrawn: where there is one every session has to be of a class."""
    admin = "/api/v1/admin"
    size = {"name": "Walked", "cpus": 2, "memory_gib": 1}
    slug = str(http.post(f"{admin}/resource-classes", json=size).raise_for_status().json()["slug"])
    pool = {"name": "Walked", "classes": [slug]}
    http.post(f"{admin}/resource-pools", json=pool).raise_for_status()
    for kinds in ("pools", "classes"):
        for verb in ("withdraw", "offer", "withdraw"):
            http.post(f"{admin}/resource-{kinds}/{slug}/{verb}").raise_for_status()
    return slug


def _ask_for_what_is_elsewhere(project: Project, run: str) -> None:
    """Asks for what a computer, where all is at one host, does not have."""
    http = project.http
    assert http.post(f"{project.path}/sessions/minimal/resize").status_code == 409
    assert http.post(f"/api/v1/runs/{run}/shares", json={"person": "ann"}).status_code == 409
    assert http.delete(f"/api/v1/runs/{run}/shares/none").status_code == 404
    assert http.delete("/api/v1/kept/none").status_code == 404


def _check(http: httpx.Client) -> httpx.Response:
    """Asks for a check; once more, as every client does, where the proxy cut the stream of its answer."""
    path, body = "/api/v1/environments/check", {"image": "registry.invalid/team/app:1"}
    try:
        return http.post(path, json=body)
    except httpx.RemoteProtocolError:
        return http.post(path, json=body)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_operation_answers_as_the_document_says(sojourn: Stack, git_server: GitServer) -> None:
    storage = sojourn.data.root.parent / "walk"
    storage.mkdir(exist_ok=True)
    contract, http = sojourn.contract, sojourn.http()
    git_server.create("walk", {"a.txt": "a"})
    project = Project.with_session(sojourn, git_server.url("walk"))
    project.post("/storages", {"name": "Files", "path": str(storage)})
    project.post("/secrets", {"name": "key", "value": "x"})
    _add_logins(project)
    project.post("/members", {"person": "ann", "role": "editor"})
    http.put(f"{project.path}/groups/mappers", json={"role": "viewer"}).raise_for_status()
    project.post("/sessions/minimal/duplicate", {"name": "Copy"})
    environment = _made_environment(http)
    contract.check(_check(http))
    pinned = {"name": "requirements.txt", "text": "jupyterhub==6.1.1\njupyterlab==4.5.0\n"}
    http.post("/api/v1/environments/read", json=pinned).raise_for_status()
    project.post("/sessions/minimal/update", {"version": 1}, status=200)
    run = project.running()
    times = {"zone": "Europe/Berlin", "start": {"at": "08:30", "days": ["mon"]}}
    http.put(f"{project.path}/sessions/minimal/timetable", json=times).raise_for_status()
    values = {
        "slug": project.slug,
        "session": "minimal",
        "repository": "walk",
        "storage": "files",
        "secret": "key",
        "login": "git.example.org",
        "person": "ann",
        "environment": environment,
        "number": "1",
        "before": "1",
        "after": "2",
        "run_id": run["id"],
        "kept_id": "none",
        "name": _offer(http),
    }
    changes = {"change_member": {"role": "viewer"}}
    other = Project.create(sojourn)
    queries = {"plan_session_copy": {"project": other.slug}}
    others = [operation for operation in contract.operations if operation.method != "DELETE"]
    for operation in others:
        name = operation.described["operationId"]
        if operation.method in {"GET", "PATCH"} and not name.startswith("watch_"):
            body = changes.get(name, {}) if operation.method == "PATCH" else None
            path = operation.path.format(**values)
            answer = http.request(operation.method, path, params=queries.get(name), json=body)
            assert answer.is_success or name == "get_kept", (name, answer.text)
    _ask_for_what_is_elsewhere(project, run["id"])
    _invite(project)
    _make_a_token(http)
    assert http.post(f"{project.path}/sessions/minimal/copy", json={"project": other.slug}).status_code == 201
    _do_all_with_its_runs(project)
    assert http.delete("/api/v1/me/git-logins/git.example.org").status_code == 204
    assert http.delete("/api/v1/me/registry-logins/git.example.org").status_code == 204
    parts = (
        "members/ann",
        "groups/mappers",
        "repositories/walk",
        "storages/files",
        "secrets/key",
        "sessions/copy",
    )
    assert http.delete(f"/api/v1/environments/{environment}").status_code == 204
    logins = ("/git-logins/git.example.org", "/registry-logins/git.example.org")
    for part in (*(f"/{part}" for part in parts), *logins, ""):
        assert http.delete(project.path + part).status_code == 204, part

    trial = http.post("/api/v1/environments/minimal/versions/1/trial")
    assert trial.status_code == 202, trial.text
    tried = f"/api/v1/projects/{trial.json()['project']}"
    assert http.delete(tried, params={"force": "true"}).status_code == 204

    streams = {"watch_run", "watch_project"}
    names = {operation.described["operationId"] for operation in contract.operations}
    assert names - streams - contract.exercised == set()
