"""A member of a project is let into another's running session, by its person, and is out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from sojourn.laptop.data import Secret
from tests.browser import lab
from tests.browser.conftest import logged_in
from tests.browser.test_own_hosts import httpx_path
from tests.e2e.projects import API, Project
from tests.pages.reading import complaints
from tests.stack import Stack, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


KERNELS = """async () => {
  const answer = await fetch(`${location.pathname.split("/lab")[0]}/api/kernels`,
    {headers: {"X-XSRFToken": (document.cookie.match(/_xsrf=([^;]+)/) || [])[1] || ""}});
  return answer.status;
}"""
"""What a session answers its page about kernels."""


@pytest.fixture(scope="module")
def apart(minimal_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Sojourn where sessions can be shared."""
    stack = Stack(
        tmp_path_factory.mktemp("shared"), people=("ann", "bob", "cyd"), own_hosts="sojourn.localhost"
    )
    with stack:
        yield stack
    assert not stack.complaints(), "the logs tell of something broken"


@pytest.fixture
def project(apart: Stack) -> Iterator[Project]:
    """Ann's, where Bob is a member and Cyd is not."""
    made = Project.with_session(apart, person="ann")
    made.post("/members", {"person": "bob", "role": "viewer"})
    yield made
    made.http.delete(made.path, params={"force": "true"})


@pytest.fixture
def people(chromium: Browser, apart: Stack) -> Iterator[tuple[Page, Page]]:
    pages = logged_in(chromium, apart, "ann"), logged_in(chromium, apart, "bob")
    yield pages
    for page in pages:
        page.context.close()


def shared(project: Project, run: dict[str, Any], person: str = "bob", **more: Any) -> dict[str, Any]:
    """A share that JupyterHub knows."""
    at = f"{API}/runs/{run['id']}/shares"
    made = project.http.post(at, json={"person": person, **more})
    assert made.status_code == 201, made.text
    eventually(lambda: project.http.get(at).json()["items"][0]["granted"], "the hub's share")
    return dict(made.json())


def status_for(apart: Stack, run: dict[str, Any], person: str) -> int:
    """What the session answers a person's token."""
    host = httpx.URL(run["url"]).netloc.decode()
    return apart.http(person).get(f"{httpx_path(run['url'])}api/kernels", headers={"Host": host}).status_code


def hub_says(apart: Stack, path: str) -> httpx.Response:
    headers = {"Authorization": f"token {apart.data.secret(Secret.HUB_TOKEN)}"}
    at = f"http://127.0.0.1:{apart.state().ports.hub}/hub/api/{path}"
    return httpx.get(at, headers=headers, trust_env=False)


def hub_shares(apart: Stack, run: dict[str, Any]) -> list[str]:
    """Whom the hub lets into a server."""
    server = httpx_path(run["url"]).strip("/").split("/")[2]
    answer = hub_says(apart, f"shares/{run['person']}/{server}")
    return [each["user"]["name"] for each in answer.json()["items"]] if answer.is_success else []


def test_a_member_is_let_in_from_the_page_of_the_run_and_is_out_when_it_is_taken_back(
    people: tuple[Page, Page], apart: Stack, project: Project
) -> None:
    ann, bob = people
    run = project.running()
    ann.goto(f"/runs/{run['id']}")
    ann.get_by_role("link", name="Share…").click()
    ann.get_by_label("Member").select_option("bob")
    ann.get_by_role("button", name="Share", exact=True).click()
    expect(ann.get_by_text("until")).to_be_visible()
    assert complaints(ann) == []
    eventually(lambda: hub_shares(apart, run) == ["bob"], "the hub's share")

    bob.goto(f"/projects/{project.slug}")
    assert complaints(bob) == []
    bob.get_by_role("region", name="Shared with you").get_by_role("link").click()
    # Whoever is let into another's session is asked first whether it may know who they are.
    bob.get_by_role("button", name="Authorize").click()
    lab.is_open(bob)
    assert bob.evaluate("location.hostname") == "ann.sojourn.localhost"
    lab.new_notebook(bob)
    assert lab.run_cell(bob, "print(6 * 7)") == "42"
    # Elsewhere at the host, and at the hub, it opens nothing.
    assert bob.evaluate("fetch('/user/ann/other/api').then((answer) => answer.status)") in {403, 404, 424}
    assert apart.http("bob").get(f"{API}/runs/{run['id']}").status_code == 404
    assert apart.http("bob").get(f"{API}/runs/{run['id']}/shares").status_code == 404

    assert bob.evaluate(f"({KERNELS})()") == 200

    ann.get_by_role("button", name="Take back from bob").click()
    expect(ann.get_by_text("Nobody but you is let in.")).to_be_visible()
    eventually(lambda: hub_shares(apart, run) == [], "the end of the hub's share")
    bob.wait_for_function(f"() => ({KERNELS})().then((status) => status === 403)", polling=1000)
    assert status_for(apart, run, "ann") == 200
    bob.goto(f"/projects/{project.slug}")
    expect(bob.get_by_role("region", name="Shared with you")).to_have_count(0)


def test_an_open_websocket_ends_when_its_visitor_may_not_be_there_any_more(
    people: tuple[Page, Page], apart: Stack, project: Project
) -> None:
    bob = people[1]
    run = project.running()
    made = shared(project, run)
    bob.goto(run["url"])
    bob.get_by_role("button", name="Authorize").click()
    lab.is_open(bob)
    lab.open_socket(bob)

    project.http.delete(f"{API}/runs/{run['id']}/shares/{made['id']}")

    lab.until_socket_is_closed(bob)


def test_a_visitor_s_token_is_good_for_the_session_and_for_nothing_else(
    people: tuple[Page, Page], apart: Stack, project: Project
) -> None:
    bob = people[1]
    run = project.running()
    shared(project, run)
    bob.goto(run["url"])
    bob.get_by_role("button", name="Authorize").click()
    lab.is_open(bob)
    # What the session's owner can take out of its memory: the token that the hub gave it for Bob.
    tokens = hub_says(apart, "users/bob/tokens").json()["api_tokens"]
    server = httpx_path(run["url"]).strip("/").split("/")[2]
    scopes = {
        scope for each in tokens if server in (each.get("oauth_client") or "") for scope in each["scopes"]
    }
    assert f"access:servers!server=ann/{server}" in scopes
    assert all(scope.startswith((f"access:servers!server=ann/{server}", "read:users:")) for scope in scopes)
    assert all(scope.endswith(("!user=bob", f"=ann/{server}")) for scope in scopes), scopes


@pytest.mark.parametrize("ending", ["expiry", "membership", "pause"])
def test_a_share_ends_with_its_time_the_membership_and_the_run(
    apart: Stack, project: Project, ending: str
) -> None:
    run = project.running()
    shared(project, run, hours=4 / 3600 if ending == "expiry" else 1)
    if ending == "membership":
        project.http.delete(f"{project.path}/members/bob")
    elif ending == "pause":
        project.ask("pause")
        project.until_phase(run["id"], "paused")

    eventually(lambda: hub_shares(apart, run) == [], "the end of the hub's share")

    assert project.http.get(f"{API}/runs/{run['id']}/shares").json()["items"] == []
    assert apart.http("bob").get(f"{API}/shares").json()["items"] == []
    told = project.get("/audit")["items"]
    assert [(each["verb"], each["person"]) for each in told if each["verb"] == "run.unshare"] == [
        ("run.unshare", None)
    ]


def test_a_share_outlives_the_death_of_hub_and_api_and_its_end_does_too(
    apart: Stack, project: Project
) -> None:
    run = project.running()
    made = project.http.post(f"{API}/runs/{run['id']}/shares", json={"person": "bob"}).json()
    apart.kill("api")
    eventually(lambda: hub_shares(apart, run) == ["bob"], "the hub's share")

    apart.kill("hub")
    eventually(lambda: _taken_back(project, run, made), "an API that answers")
    apart.kill("api")

    eventually(lambda: _gone(apart, run), "the end of the hub's share")


def _taken_back(project: Project, run: dict[str, Any], share: dict[str, Any]) -> bool:
    try:
        answer = project.http.delete(f"{API}/runs/{run['id']}/shares/{share['id']}")
    except (httpx.HTTPError, AssertionError):
        return False
    return answer.status_code == 204


def _gone(apart: Stack, run: dict[str, Any]) -> bool:
    try:
        return hub_shares(apart, run) == [] and bool(apart.servers())
    except httpx.HTTPError:
        return False


def test_only_members_are_let_in_and_only_by_who_runs_it(apart: Stack, project: Project) -> None:
    run = project.running()
    at = f"{API}/runs/{run['id']}/shares"

    assert project.http.post(at, json={"person": "cyd"}).status_code == 422
    assert project.http.post(at, json={"person": "ann"}).status_code == 422
    assert project.http.post(at, json={"person": "bob", "hours": 1000}).status_code == 422
    assert apart.http("bob").post(at, json={"person": "bob"}).status_code == 404
    assert status_for(apart, run, "bob") == 403


def test_where_all_is_at_one_host_nothing_is_shared_and_it_says_why(page: Page, sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    project.post("/members", {"person": "bob", "role": "viewer"})
    run = project.running()

    refused = project.http.post(f"{API}/runs/{run['id']}/shares", json={"person": "bob"})
    assert (refused.status_code, refused.json()["code"]) == (409, "sharing_off")
    assert refused.json()["hint"]

    page.goto(f"/runs/{run['id']}")
    expect(page.get_by_role("main")).to_contain_text("Sessions cannot be shared here")
    expect(page.get_by_role("link", name="Share…")).to_have_count(0)
    project.stop(run["id"])
