"""What a launch is handed that is secret: to whom, when, and with which git login it reads repositories."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.git_server import GitServer
from tests.pages.conftest import TOKEN, Person, Site, ended, ready, stage
from tests.served import until


def handed(site: Site, run: str, token: str = TOKEN) -> httpx.Response:
    return httpx.get(f"{site.url}/internal/runs/{run}/secrets", headers={"Authorization": f"token {token}"})


def spec_of(site: Site, run: str) -> dict[str, object]:
    headers = {"Authorization": f"token {TOKEN}"}
    answer = httpx.get(f"{site.url}/internal/runs/{run}/launch-spec", headers=headers)
    return dict(answer.raise_for_status().json())


def failed(person: Person, session: str) -> str:
    """Starts a session that cannot be launched; the page of the run, as text."""
    run = person.submit(f"{session}/start").headers["Location"]
    until(lambda: person.phase(run.removeprefix("/runs/")) == "failed" or None, "the launch fails")
    return html.unescape(person.get(run).text).replace("<wbr>", "")


@pytest.fixture
def git(tmp_path: Path) -> Iterator[GitServer]:
    folder = tmp_path / "git"
    folder.mkdir()
    with GitServer(folder) as server:
        server.create("bar", {"a.txt": "1"})
        server.make_private("bar", "oauth2", "s3cret of git")
        yield server


@pytest.fixture
def session(ann: Person, project: str) -> str:
    """A session of a project with a secret."""
    ann.submit(f"{project}/secrets/add", name="key", value="s3cret", variable="KEY")
    return ann.session(project)


@pytest.fixture
def private(ann: Person, project: str, git: GitServer) -> str:
    """A session of a project with a private repository."""
    ann.submit(f"{project}/repositories/add", url=git.url("bar"))
    return ann.session(project)


def test_the_spawner_is_handed_the_values_of_a_run_that_is_launching(
    site: Site, ann: Person, session: str
) -> None:
    run = ann.started(session)

    assert handed(site, run).json() == {
        "values": {"key": "s3cret"},
        "git": {},
    }
    assert spec_of(site, run)["secrets"] == [{"name": "key", "variable": "KEY"}]


def test_nobody_else_is_and_none_of_it_is_shown_to_the_person(site: Site, ann: Person, session: str) -> None:
    run = ann.started(session)

    assert handed(site, run, "another-token").status_code == 401
    assert ann.get(f"/internal/runs/{run}/secrets").status_code == 401
    shown = [ann.get(f"/runs/{run}"), ann.get(f"/api/v1/runs/{run}"), ann.get(f"/api/v1/runs/{run}/log")]
    assert "s3cret" not in "".join(answer.text for answer in shown) + str(spec_of(site, run))


def test_a_run_that_runs_or_has_ended_is_handed_nothing(site: Site, ann: Person, session: str) -> None:
    run = ann.started(session)
    site.report(run, ready(site.address(run)))
    until(lambda: ann.phase(run) == "running" or None, "it runs")
    running = handed(site, run)
    site.report(run, ended("It ended."))
    until(lambda: ann.phase(run) == "failed" or None, "it ended")

    assert (running.status_code, handed(site, run).status_code) == (409, 409)
    assert handed(site, "01NOSUCHRUN").status_code == 404
    assert "s3cret" not in running.text


def test_a_value_is_as_it_is_now_and_a_removed_secret_is_left_out(
    site: Site, ann: Person, project: str, session: str
) -> None:
    ann.submit(f"{project}/secrets/add", name="gone", value="x")
    run = ann.started(session)

    ann.submit(f"{project}/secrets/key/edit", name="key", variable="KEY", value="newer")
    ann.submit(f"{project}/secrets/gone/remove")

    assert handed(site, run).json()["values"] == {"key": "newer"}


def test_who_is_no_member_any_more_is_handed_nothing_of_the_project(
    site: Site, ann: Person, bob: Person, project: str, session: str
) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="viewer")
    run = bob.started(session)
    assert handed(site, run).json()["values"] == {"key": "s3cret"}

    ann.submit(f"{project}/members/bob/remove")

    assert handed(site, run).json()["values"] == {}


def test_a_private_repository_without_a_login_fails_and_leads_to_adding_one(
    ann: Person, git: GitServer, private: str
) -> None:
    shown = failed(ann, private)

    assert "127.0.0.1 does not hand out bar without a login." in shown
    assert f'href="/me/git-logins/add?host=127.0.0.1%3A{git.server_port}"' in shown
    assert "Add a git login" in shown


def test_ones_own_login_opens_it_and_is_handed_out(
    site: Site, ann: Person, git: GitServer, private: str
) -> None:
    host = f"127.0.0.1:{git.server_port}"
    ann.submit("/me/git-logins/add", host=host, username="oauth2", token="s3cret of git")

    run = ann.started(private)

    name = f"127.0.0.1_{git.server_port}"
    assert spec_of(site, run)["repositories"][0]["credential"] == name  # type: ignore[index]
    assert handed(site, run).json()["git"] == {
        name: {"host": host, "username": "oauth2", "token": "s3cret of git"}
    }
    assert "s3cret" not in str(spec_of(site, run)) + ann.get(f"/runs/{run}").text


def test_the_projects_login_opens_it_for_members(
    site: Site, ann: Person, bob: Person, git: GitServer, private: str
) -> None:
    project, _, _ = private.partition("/sessions/")
    ann.submit(f"{project}/git-logins/add", host=git.url("bar"), username="oauth2", token="s3cret of git")
    ann.submit(f"{project}/members/add", person="bob", role="viewer")

    run = bob.started(private)

    assert list(handed(site, run).json()["git"]) == [f"127.0.0.1_{git.server_port}"]


def test_no_login_is_for_who_passes_by_and_they_are_told(
    ann: Person, bob: Person, project: str, git: GitServer, private: str
) -> None:
    ann.submit(f"{project}/settings", name="Open", description="", visibility="public")
    ann.submit(f"{project}/git-logins/add", host=git.url("bar"), username="oauth2", token="s3cret of git")
    bob.submit("/me/git-logins/add", host=git.url("bar"), username="oauth2", token="s3cret of git")

    shown = failed(bob, private)

    assert "does not hand out bar without a login." in shown
    assert "Git logins are used in projects that one is a member of" in shown
    assert "Add a git login" not in shown
    assert git.sent == []


def test_a_login_that_the_host_refuses_is_named(
    ann: Person, project: str, git: GitServer, private: str
) -> None:
    ann.submit(f"{project}/git-logins/add", host=git.url("bar"), username="oauth2", token="expired")

    shown = failed(ann, private)

    assert f"127.0.0.1:{git.server_port} does not accept the git login of oauth2 for bar." in shown
    assert "Change the git login" in shown
    assert "expired<" not in shown


@pytest.fixture
def code(cleo: Person, request: pytest.FixtureRequest) -> str:
    """A session of an image, on a cluster."""
    return cleo.session(cleo.project(request.node.name[:60]), "code")


def test_the_login_of_an_images_registry_is_handed_out_ones_own_first(
    cluster_site: Site, cleo: Person, code: str
) -> None:
    project, _, _ = code.partition("/sessions/")
    login = {"host": "registry.test", "username": "robot", "password": "s3cret of registry"}
    cleo.submit(f"{project}/registry-logins/add", **login)
    with cluster_site.person("carl") as carl:
        cleo.submit(f"{project}/members/add", person="carl", role="viewer")
        carl.submit("/me/registry-logins/add", **{**login, "username": "carl"})

        of_carl, of_cleo = carl.started(code), cleo.started(code)

        assert spec_of(cluster_site, of_cleo)["registry"] == "registry.test"
        assert handed(cluster_site, of_cleo).json()["registry"] == login
        assert handed(cluster_site, of_carl).json()["registry"] == {**login, "username": "carl"}
        assert "s3cret" not in str(spec_of(cluster_site, of_cleo)) + cleo.get(f"/runs/{of_cleo}").text


def test_no_registry_login_is_for_who_passes_by(cluster_site: Site, cleo: Person, code: str) -> None:
    project, _, _ = code.partition("/sessions/")
    login = {"host": "registry.test", "username": "robot", "password": "s3cret of registry"}
    cleo.submit(f"{project}/settings", name="Open images", description="", visibility="public")
    cleo.submit(f"{project}/registry-logins/add", **login)
    with cluster_site.person("carol") as carol:
        carol.submit("/me/registry-logins/add", **login)

        run = carol.started(code)

        assert "registry" not in spec_of(cluster_site, run)
        assert "registry" not in handed(cluster_site, run).json()


def test_an_image_that_was_denied_leads_to_where_a_login_is_entered(
    cluster_site: Site, cleo: Person, code: str
) -> None:
    run = cleo.started(code)

    denied = {"action": "registry_login", "label": "Add a registry login", "host": "registry.test"}
    cluster_site.report(run, ended("Registry registry.test does not hand out code.", **denied))
    until(lambda: cleo.phase(run) == "failed" or None, "the launch fails")

    assert 'href="/me/registry-logins/add?host=registry.test"' in cleo.get(f"/runs/{run}").text


def test_the_hub_is_never_shown_what_the_api_knows_the_spawner_by(
    site: Site, ann: Person, session: str
) -> None:
    """A hub that was slow to say whose it is would hold up its own reports."""
    run = ann.started(session)
    site.report(run, stage("queued", "done"))
    assert handed(site, run).is_success
    assert site.hub.seen
    assert TOKEN not in site.hub.seen
