"""Sessions at hosts of their own: what a page in one can do to who opens it, which is nothing.

The main host is `sojourn.localhost`, so that the hosts of sessions are of the same site, as below any domain
of one's own: cookies with SameSite go along, and only what is tested here stands in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab
from tests.browser.conftest import logged_in
from tests.browser.hostile import FETCH, FORM, tried
from tests.e2e.projects import API, Project
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def apart(minimal_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Sojourn where people's sessions have hosts of their own."""
    stack = Stack(tmp_path_factory.mktemp("apart"), people=("ann", "bob"), own_hosts="sojourn.localhost")
    with stack:
        yield stack
    assert not stack.complaints(), "the logs tell of something broken"


@pytest.fixture(scope="module")
def project(apart: Stack) -> Project:
    """Ann's, where Bob is a member, and her session runs."""
    made = Project.with_session(apart, person="ann")
    made.post("/members", {"person": "bob", "role": "viewer"})
    made.running()
    return made


@pytest.fixture
def ann(chromium: Browser, apart: Stack) -> Iterator[Page]:
    opened = logged_in(chromium, apart, "ann")
    yield opened
    opened.context.close()


def open_session(page: Page, project: Project) -> str:
    """Opens the viewer's own session from its project's page, and says at which origin it is."""
    page.goto(f"/projects/{project.slug}")
    page.get_by_role("link", name="Open session").first.click()
    lab.is_open(page)
    return str(page.evaluate("location.origin"))


def test_a_session_opens_at_its_person_s_host_and_works_there(
    ann: Page, apart: Stack, project: Project
) -> None:
    origin = open_session(ann, project)

    assert origin == f"http://ann.sojourn.localhost:{apart.port}"
    lab.new_notebook(ann)
    assert lab.run_cell(ann, "print(6 * 7)") == "42"


def test_no_cookie_reaches_another_host_than_the_one_that_set_it(ann: Page, project: Project) -> None:
    open_session(ann, project)

    cookies = ann.context.cookies()
    assert {cookie["name"] for cookie in cookies if cookie["domain"] == "sojourn.localhost"} >= {
        "sojourn-login",
        "jupyterhub-session-id",
    }
    assert not [cookie for cookie in cookies if cookie["domain"].startswith(".")]
    assert "sojourn-login" not in ann.evaluate("document.cookie")
    sent = {
        cookie["name"] for cookie in cookies if cookie["domain"] not in {"sojourn.localhost", "127.0.0.1"}
    }
    assert not sent & {"sojourn-login", "jupyterhub-hub-login", "jupyterhub-session-id"}


@pytest.mark.parametrize(
    "path",
    ["/api/v1/me", "/api/v1/projects", "/projects", "/hub/api/user", "/hub/home", "/hub/token", "/events"],
)
def test_a_session_s_page_reads_nothing_of_its_visitor(
    ann: Page, apart: Stack, project: Project, path: str
) -> None:
    open_session(ann, project)

    with_cookies = {"credentials": "include"}
    assert "refused" in tried(ann, FETCH, f"{apart.url}{path}", with_cookies)
    unread = tried(ann, FETCH, f"{apart.url}{path}", {**with_cookies, "mode": "no-cors"})
    assert "refused" in unread or not unread["body"], unread
    # At the session's own host there is neither Sojourn nor the hub.
    here = tried(ann, FETCH, path, with_cookies)
    assert "refused" in here or here["status"] == 421, here


def test_a_session_s_page_changes_nothing_as_its_visitor(ann: Page, apart: Stack, project: Project) -> None:
    open_session(ann, project)
    before = project.http.get(f"{API}/projects").json()
    told: list[tuple[str, int]] = []
    ann.context.on("response", lambda answer: told.append((answer.url, answer.status)))

    for path in (f"/projects/{project.slug}/sessions/minimal/stop", "/projects/new", "/logout"):
        with ann.expect_popup() as opened:
            tried(ann, FORM, f"{apart.url}{path}")
        opened.value.wait_for_load_state()
        assert (f"{apart.url}{path}", 403) in told, told
        opened.value.close()
    for url in (f"{API}/projects", "/hub/api/users/ann/servers/x"):
        plain = {"method": "POST", "credentials": "include", "mode": "no-cors", "body": '{"name": "Stolen"}'}
        tried(ann, FETCH, f"{apart.url}{url}", plain)
        assert (f"{apart.url}{url}", 201) not in told

    assert project.http.get(f"{API}/projects").json() == before
    ann.goto(f"/projects/{project.slug}")
    expect(ann.get_by_role("link", name="Open session").first).to_be_visible()


def test_a_session_s_page_frames_nothing_and_holds_no_window(
    ann: Page, apart: Stack, project: Project
) -> None:
    open_session(ann, project)

    for path in ("/projects", "/hub/home"):
        tried(
            ann,
            """([url]) => new Promise((resolve) => {
              const frame = Object.assign(document.createElement("iframe"), {src: url, name: "caught"});
              frame.onload = resolve; document.body.append(frame);
            })""",
            f"{apart.url}{path}",
        )
        caught = next(frame for frame in ann.frames if frame.name == "caught")
        # Chromium shows a page of its own in the place of one that may not be framed.
        assert caught.url.startswith("chrome-error:") or "other_origin" in caught.content()
        tried(ann, "() => document.querySelector('iframe[name=caught]').remove()")
    with ann.expect_popup() as opened:
        tried(ann, "([url]) => { window.held = window.open(url); }", f"{apart.url}/projects")
    opened.value.wait_for_load_state()
    expect(opened.value.get_by_role("heading", name="Projects").first).to_be_visible()
    assert tried(ann, "() => window.held.closed")


def test_a_session_s_page_hears_no_event_of_its_visitor(ann: Page, apart: Stack, project: Project) -> None:
    open_session(ann, project)

    for path in ("/events", f"/api/v1/projects/{project.slug}/events"):
        heard = tried(
            ann,
            """([url]) => new Promise((resolve) => {
              const source = new EventSource(url, {withCredentials: true});
              source.onopen = () => resolve("open");
              source.onmessage = () => resolve("message");
              source.onerror = () => { source.close(); resolve("refused"); };
            })""",
            f"{apart.url}{path}",
        )
        assert heard == "refused"


def test_the_address_of_a_session_that_does_not_run_leads_to_the_main_host(ann: Page, apart: Stack) -> None:
    project = Project.with_session(apart, person="ann")
    run = project.running()
    project.ask("pause")
    project.until_phase(run["id"], "paused")

    ann.goto(run["url"])

    assert ann.url.startswith(f"{apart.url}/user/ann/")
    expect(ann.get_by_role("button", name="Resume session")).to_be_visible()
    host = f"ann.{apart.own_hosts}:{apart.port}"
    answer = project.http.get(
        httpx_path(run["url"]), headers={"Host": host, "Accept": "application/json"}, follow_redirects=False
    )
    assert answer.status_code == 424


def test_an_installation_gets_such_hosts_and_loses_them_again(
    minimal_environment: Path, tmp_path: Path
) -> None:
    stack = Stack(tmp_path)
    for own_hosts in (None, "sojourn.localhost", None):
        stack.own_hosts = own_hosts
        stack.url = f"http://{own_hosts}:{stack.port}" if own_hosts else stack.local_url
        with stack:
            host = httpx.URL(stack.url).netloc.decode()
            found = httpx.get(f"{stack.local_url}/hub/api/", headers={"Host": host}, trust_env=False)
            assert found.status_code == 200
            assert stack.end() == 0
        assert not stack.complaints()


def httpx_path(url: str) -> str:
    """The path of an address, to be asked for at the proxy with the host in a header."""
    return "/" + url.split("/", 3)[3]
