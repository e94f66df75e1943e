"""Logging in by way of the hub, what a browser's login may do, and logging out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.stack import Stack

COOKIE = "sojourn-login"


@pytest.fixture
def browser(sojourn: Stack) -> Iterator[httpx.Client]:
    with sojourn.browser() as client:
        yield client


def csrf(browser: httpx.Client) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/projects/new").text)
    assert found
    return found[1]


def test_a_login_shows_the_page_that_was_asked_for(sojourn: Stack) -> None:
    with sojourn.browser("ann") as client:
        del client.cookies[COOKIE]
        page = client.get("/environments?search=python")

        assert page.url.path == "/environments"
        assert page.url.params["search"] == "python"


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:0"])
def test_a_login_never_leads_to_another_origin(sojourn: Stack, elsewhere: str) -> None:
    with sojourn.browser("ann") as client:
        page = client.get("/login", params={"next": elsewhere})

        assert (str(page.url.copy_with(path="/", query=None)), page.url.path) == (
            f"{sojourn.url}/",
            "/projects",
        )


def test_the_cookie_is_for_the_server_only_and_not_what_is_kept(
    sojourn: Stack, browser: httpx.Client
) -> None:
    cookie = next(each for each in browser.cookies.jar if each.name == COOKIE)

    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert cookie.value
    assert cookie.value.encode() not in b"".join(
        path.read_bytes() for path in sojourn.data.root.glob("sojourn.db*")
    )


def test_a_cookie_reads_and_changes_nothing_without_its_csrf_token(browser: httpx.Client) -> None:
    assert browser.get("/api/v1/me").json()["name"]

    refused = browser.post("/api/v1/projects", json={"name": "From elsewhere"})
    form = browser.post("/projects/new", data={"name": "From elsewhere"})

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    assert form.status_code == 403
    assert "From elsewhere" not in browser.get("/projects").text


def test_a_cookie_with_its_csrf_token_may_write(browser: httpx.Client) -> None:
    made = browser.post("/api/v1/projects", json={"name": "Mine"}, headers={"X-CSRF-Token": csrf(browser)})

    assert made.status_code == 201


def test_a_login_that_ended_is_over_here_and_at_the_hub(browser: httpx.Client) -> None:
    kept = browser.cookies[COOKIE]
    left = browser.post("/logout", data={"csrf_token": csrf(browser)})

    assert left.url.path == "/logged-out"
    assert browser.get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me", headers={"Cookie": f"{COOKIE}={kept}"}).status_code == 401
    assert browser.get("/projects").url.path == "/hub/login"


def test_a_token_of_nobodys_is_refused(sojourn: Stack) -> None:
    headers = {"Authorization": "Bearer nothing"}
    answer = httpx.get(f"{sojourn.url}/api/v1/me", headers=headers, trust_env=False)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_nobody_starts_servers_past_the_service(sojourn: Stack) -> None:
    for person in (None, "ann"):
        name = person or sojourn.owner
        answer = sojourn.http(person).post(f"/hub/api/users/{name}/servers/own", json={"user_options": {}})

        assert answer.status_code == 403


def test_the_spawners_way_in_is_closed_to_people(sojourn: Stack) -> None:
    assert sojourn.http().get("/internal/runs/x/launch-spec").status_code == 401
    assert sojourn.http().post("/internal/pause-all").status_code == 401


def test_probes_and_metrics_answer(sojourn: Stack) -> None:
    with httpx.Client(base_url=sojourn.url, trust_env=False) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ok"}
        assert "# TYPE sojourn_runs gauge" in client.get("/metrics").text


def test_a_token_is_made_limited_listed_with_its_use_and_revoked(sojourn: Stack) -> None:
    http = sojourn.http()
    made = http.post("/api/v1/me/tokens", json={"note": "Report", "scope": "read", "days": 2})
    assert made.status_code == 201, made.text
    program = {"Authorization": f"Bearer {made.json()['token']}"}

    with httpx.Client(base_url=sojourn.url, headers=program, trust_env=False) as client:
        me = client.get("/api/v1/me").json()
        refused = client.post("/api/v1/projects", json={"name": "By a program"})
        listed = {each["id"]: each for each in http.get("/api/v1/me/tokens").json()["items"]}
        revoked = http.delete(f"/api/v1/me/tokens/{made.json()['id']}")

    assert (me["name"], me["scope"], me["groups"]) == (sojourn.owner, "read", ["sojourn-admins"])
    assert (refused.status_code, refused.json()["code"]) == (403, "token_scope")
    assert listed[made.json()["id"]]["used_at"] is not None
    assert {each["scope"] for each in listed.values()} >= {"read", "everything"}
    assert not any(each["note"].startswith("Server at") for each in listed.values())
    assert revoked.status_code == 204
    assert made.json()["id"] not in {each["id"] for each in http.get("/api/v1/me/tokens").json()["items"]}


@pytest.mark.parametrize("scope", ["sessions", "everything"])
def test_the_hub_makes_tokens_of_every_scope(scope: str, sojourn: Stack) -> None:
    made = sojourn.http().post("/api/v1/me/tokens", json={"note": "Report", "scope": scope})
    assert made.json()["scope"] == scope
    program = {"Authorization": f"Bearer {made.json()['token']}"}
    me = httpx.get(f"{sojourn.url}/api/v1/me", headers=program, trust_env=False)
    assert me.json()["scope"] == scope
