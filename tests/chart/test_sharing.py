"""Sharing as an installation has it: on a cluster, behind https, with a certificate for people's hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser import lab
from tests.browser.hostile import FETCH, FORM, tried
from tests.chart.conftest import HOST
from tests.cluster.front import Front
from tests.cluster.installation import Installation
from tests.e2e.projects import API, Project
from tests.pages.conftest import launched

pytestmark = [pytest.mark.cluster, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

MAIN = f"https://{HOST}"
ANNS = f"https://ann.{HOST}"
LOGINS = {"__Host-sojourn-login", "__Host-jupyterhub-hub-login"}
"""Cookies by which Sojourn and JupyterHub know somebody."""


@dataclass
class Somebody:
    """A person at a browser of their own.

    Attributes:
        asked: all that their browser asked for.
        sockets: where it opened WebSockets.
    """

    page: Page
    asked: list[Request] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)

    def sent_to(self, origin: str) -> set[str]:
        """Names of the cookies that the browser sent there."""
        headers = [each.all_headers() for each in self.asked if each.url.startswith(f"{origin}/")]
        pairs = [pair for each in headers for pair in each.get("cookie", "").split("; ") if pair]
        assert pairs, f"nothing was sent to {origin}"
        return {pair.partition("=")[0] for pair in pairs}


@pytest.fixture(scope="module")
def browser(front: Front) -> Iterator[Browser]:
    """A browser for whom the names lead to the front."""
    with launched(f"--host-resolver-rules=MAP {HOST} {front.address}, MAP *.{HOST} {front.address}") as made:
        yield made


def logged_in(browser: Browser, installation: Installation, person: str) -> Somebody:
    """Somebody with a browser that holds the certificate, which the other tests check, to be good."""
    context = browser.new_context(
        base_url=installation.url, ignore_https_errors=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    made = Somebody(page)
    page.on("request", lambda request: made.asked.append(request))  # noqa: PLW0108 - it is marked as a handler
    page.on("websocket", lambda socket: made.sockets.append(socket.url))
    page.goto("/")
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(installation.secret("trial-password"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/projects**")
    return made


@pytest.fixture(scope="module")
def project(installation: Installation) -> Iterator[Project]:
    """Ann's, where Bob is a member."""
    installation.http("bob")  # who never logged in is nobody's member
    made = Project.with_session(installation, person="ann")
    made.post("/members", {"person": "bob", "role": "viewer"})
    yield made
    made.http.delete(made.path, params={"force": "true"})


@pytest.fixture(scope="module")
def run(project: Project) -> dict[str, str]:
    """Her session, which runs."""
    return project.running()


@pytest.fixture(scope="module")
def ann(browser: Browser, installation: Installation, project: Project, run: dict[str, str]) -> Somebody:
    """Has opened her session, and shared it with Bob."""
    made = logged_in(browser, installation, "ann")
    made.page.goto(f"/projects/{project.slug}")
    made.page.get_by_role("link", name="Open session").first.click()
    lab.is_open(made.page)
    made.page.goto(f"/runs/{run['id']}")
    made.page.get_by_role("link", name="Share…").click()
    made.page.get_by_label("Member").select_option("bob")
    made.page.get_by_role("button", name="Share", exact=True).click()
    expect(made.page.get_by_text("until")).to_be_visible()
    return made


@pytest.fixture(scope="module")
def bob(browser: Browser, installation: Installation, project: Project, ann: Somebody) -> Somebody:
    """Has come by the page of the project into Ann's session, and has a notebook there."""
    made = logged_in(browser, installation, "bob")
    made.page.goto(f"/projects/{project.slug}")
    made.page.get_by_role("region", name="Shared with you").get_by_role("link").click()
    made.page.get_by_role("button", name="Authorize").click()
    lab.is_open(made.page)
    lab.new_notebook(made.page)
    return made


def addresses(page: Page) -> set[str]:
    """Where links and forms of a page lead, as the browser reads them."""
    found: list[str] = page.evaluate(
        """[...document.links].map((each) => each.href)
          .concat([...document.forms].map(
            (each) => each.getAttribute("action") ? each.action : location.href))"""
    )
    return set(found)


def test_a_member_works_in_a_session_at_its_person_s_host(bob: Somebody) -> None:
    assert bob.page.evaluate("location.origin") == ANNS
    assert lab.run_cell(bob.page, "print(6 * 7)") == "42"
    assert bob.sockets
    assert {url.partition("/user/")[0] for url in bob.sockets} == {f"wss://ann.{HOST}"}


def test_every_link_is_https_and_of_the_host_that_it_is_for(
    ann: Somebody, bob: Somebody, installation: Installation, project: Project, run: dict[str, str]
) -> None:
    found = set()
    for somebody, path in (
        (ann, f"/projects/{project.slug}"),
        (ann, f"/runs/{run['id']}"),
        (bob, f"/projects/{project.slug}"),
    ):
        opened = somebody.page.context.new_page()
        opened.goto(path)
        found |= addresses(opened)
        opened.close()

    assert run["url"].startswith(f"{ANNS}/user/ann/")
    assert run["url"] in found
    origins = {address: "{0.scheme}://{0.netloc}".format(urlsplit(address)) for address in found}
    assert {origin for address, origin in origins.items() if "/user/" in address} == {ANNS}
    assert {origin for address, origin in origins.items() if "/user/" not in address} == {MAIN}
    # Where no session runs there is a page of Sojourn's, at its own host.
    with installation.client() as http:
        led = http.get(f"{ANNS}/user/ann/nothing/lab", headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["Location"]) == (302, f"{MAIN}/user/ann/nothing/lab")


def test_cookies_are_for_https_and_for_the_one_host_that_set_them(ann: Somebody, bob: Somebody) -> None:
    for somebody in (ann, bob):
        cookies = somebody.page.context.cookies()
        assert {cookie["name"] for cookie in cookies} >= LOGINS
        assert [cookie["name"] for cookie in cookies if not cookie["secure"]] == []
        assert {cookie["domain"] for cookie in cookies} == {HOST, f"ann.{HOST}"}
        # What opens something is in cookies that browsers take from no other host.
        kept = {cookie["name"] for cookie in cookies if cookie["httpOnly"]}
        assert {name for name in kept if not name.startswith("__Host-")} == {"jupyterhub-session-id"}
        assert somebody.sent_to(MAIN) >= LOGINS
        assert not somebody.sent_to(ANNS) & {*LOGINS, "jupyterhub-session-id"}
        assert "__Host-" not in somebody.page.evaluate("document.cookie")


def test_a_program_behind_the_gate_has_such_cookies_too(installation: Installation, project: Project) -> None:
    session = project.post("/sessions", {"environment": "files"})["slug"]
    run = project.running(session)
    with closing(installation.browser("ann")) as browser:
        told: list[httpx.Response] = []
        browser.event_hooks["response"].append(told.append)
        assert browser.get(run["url"]).status_code == 200

        assert [cookie.name for cookie in browser.cookies.jar if cookie.domain == f"ann.{HOST}"] != []
    project.stop(run["id"], session)
    set_there = [
        header
        for answer in told
        if answer.url.host == f"ann.{HOST}"
        for header in answer.headers.get_list("Set-Cookie")
    ]
    assert set_there
    for header in set_there:
        name, *attributes = header.split("; ")
        assert name.startswith("__Host-jupyterhub-user-ann-"), header
        assert {"Secure", "HttpOnly", "Path=/"} <= set(attributes)
        assert "domain" not in header.lower()


def test_a_page_of_the_session_does_nothing_as_its_visitor(
    bob: Somebody, installation: Installation, project: Project
) -> None:
    page = bob.page
    told: list[tuple[str, int]] = []
    page.context.on("response", lambda answer: told.append((answer.url, answer.status)))
    with_cookies = {"credentials": "include"}

    for path in ("/api/v1/me", "/projects", "/hub/api/user", "/hub/home"):
        assert "refused" in tried(page, FETCH, f"{MAIN}{path}", with_cookies)
        assert tried(page, FETCH, path, with_cookies)["status"] == 421
    plain = {**with_cookies, "method": "POST", "mode": "no-cors", "body": '{"name": "Stolen"}'}
    for path in (f"{API}/projects", "/hub/api/users/bob/tokens"):
        tried(page, FETCH, f"{MAIN}{path}", plain)
    with page.expect_popup() as opened:
        tried(page, FORM, f"{MAIN}/logout")
    opened.value.wait_for_load_state()
    opened.value.close()

    statuses = {(httpx.URL(url).path, status) for url, status in told if url.startswith(f"{MAIN}/")}
    assert {(f"{API}/projects", 403), ("/logout", 403)} <= statuses
    assert ("/hub/api/users/bob/tokens", 201) not in statuses
    projects = installation.http("bob").get(f"{API}/projects").json()["items"]
    assert [each["slug"] for each in projects] == [project.slug]


def test_a_page_of_the_session_puts_nothing_in_the_place_of_a_login(bob: Somebody) -> None:
    bob.page.evaluate(
        """([host, names]) => {
          for (const name of names)
            for (const path of ["/", "/api/", "/projects"])
              document.cookie = `${name}=forged; Domain=${host}; Path=${path}; Secure`;
        }""",
        [HOST, [*LOGINS, *(name.removeprefix("__Host-") for name in LOGINS)]],
    )

    cookies = bob.page.context.cookies()
    assert [cookie for cookie in cookies if cookie["value"] == "forged" and cookie["name"] in LOGINS] == []
    opened = bob.page.context.new_page()
    opened.goto(f"{MAIN}/api/v1/me")
    assert '"bob"' in opened.content()
    opened.close()


def test_who_is_not_let_in_any_more_is_out(
    ann: Somebody, bob: Somebody, run: dict[str, str], project: Project
) -> None:
    lab.open_socket(bob.page)
    ann.page.goto(f"/runs/{run['id']}/shares")
    ann.page.get_by_role("button", name="Take back from bob").click()
    expect(ann.page.get_by_text("Nobody but you is let in.")).to_be_visible()

    lab.until_socket_is_closed(bob.page)
    answer = bob.page.goto(run["url"])
    assert answer is not None
    assert answer.status == 403
    bob.page.goto(f"{MAIN}/projects/{project.slug}")
    expect(bob.page.get_by_role("region", name="Shared with you")).to_have_count(0)
