"""Front ends on pages: found by a check, shown, chosen for a session, and told where it runs."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.catalogue import made, shown
from tests.pages.conftest import Person, Site, ready
from tests.pages.images import WEB_APP, version
from tests.pages.reading import complaints
from tests.registry_server import RegistryServer
from tests.served import until

JUPYTERLAB = {"name": "JupyterLab", "command": ["lab"], "default_url": "/lab", "port": 8888}
MARIMO = {"name": "marimo", "command": ["marimo"], "default_url": "/", "port": 2718}


def values(*front_ends: dict[str, object]) -> list[str]:
    """What the form of a version sends of its other front ends."""
    return [json.dumps(each) for each in front_ends]


@pytest.fixture
def path(cleo: Person, name: str) -> str:
    """An environment that has VS Code, and two others in its place; its address."""
    return made(cleo, name, front_ends=values(JUPYTERLAB, MARIMO))


@pytest.fixture
def session(cleo: Person, path: str, request: pytest.FixtureRequest) -> str:
    """A session of it; what its addresses begin with."""
    return cleo.session(cleo.project(request.node.name[:60]), path.rpartition("/")[2])


@pytest.fixture
def browser(chromium: Browser, cluster_site: Site, cleo: Person) -> Iterator[Page]:
    context = chromium.new_context(base_url=cluster_site.url, viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": "sojourn-login", "value": cleo.cookie, "url": cluster_site.url}])
    yield context.new_page()
    context.close()


def project_of(session: str) -> str:
    """The address of a session's project."""
    return session.partition("/sessions/")[0]


def chosen(person: Person, session: str) -> object:
    """The front end that a session has, as programs read it."""
    return person.get(f"/api/v1{session}").raise_for_status().json()["front_end"]


def test_the_page_of_a_version_tells_how_each_front_end_is_run(cleo: Person, path: str) -> None:
    text = shown(cleo.get(f"{path}/versions/1"))

    assert "<dt>Front end</dt><dd>VS Code</dd>" in text
    assert "JupyterLab: runs lab, opens /lab on port 8888. Login: The program's own, of JupyterHub" in text
    assert "marimo: runs marimo, opens / on port 2718." in text


def test_the_next_version_has_the_front_ends_that_are_left_ticked(cleo: Person, path: str) -> None:
    form = cleo.get(f"{path}/versions/add").text
    assert form.count('type="checkbox" name="front_ends"') == 2
    next_one = {"made_of": "image", "front_end": "VS Code", "port": "8443", "default_url": "/"}

    added = cleo.submit(
        f"{path}/versions/add",
        **next_one,
        image=f"registry.test/code@sha256:{'a' * 64}",
        front_ends=values(MARIMO),
    )

    assert added.status_code == 303, shown(added)
    assert [each["name"] for each in version(cleo, path, 2)["front_ends"]] == ["marimo"]
    difference = shown(cleo.get(f"{path}/versions/1...2"))
    assert "Other front ends" in difference
    assert "JupyterLab: runs lab" in difference


def test_a_front_end_cannot_be_called_as_the_own_one(cleo: Person, path: str) -> None:
    answer = cleo.submit(
        f"{path}/versions/add",
        made_of="image",
        image=f"registry.test/code@sha256:{'a' * 64}",
        front_end="marimo",
        port="8443",
        default_url="/",
        front_ends=values(MARIMO),
    )

    assert answer.status_code == 422
    assert "The front end marimo is there twice" in shown(answer)
    assert 'href="#front_ends"' in answer.text


def test_a_check_finds_the_other_front_ends_of_an_image(
    ines: Person, registry: RegistryServer, name: str
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for program in ("jupyterhub-singleuser", "code-server"):
            entry = tarfile.TarInfo(f"opt/bin/{program}")
            entry.mode = 0o755
            tar.addfile(entry)
    registry.push("tide/both", "1", layers=[packed.getvalue()], config=WEB_APP)

    answer = ines.submit("/environments/add/check", image=registry.reference("tide/both", "1"), name=name)

    text = shown(answer)
    assert "It has /opt/bin/jupyterhub-singleuser. Sessions can run VS Code in its place." in text
    assert "checked> VS Code</label>" in text


@pytest.mark.browser
def test_a_person_chooses_the_front_end_and_the_card_tells_it(
    browser: Page, cleo: Person, session: str
) -> None:
    browser.goto(f"{session}/configure")
    choice = browser.get_by_role("group", name="Front end")
    expect(choice.get_by_role("radio", name="VS Code The environment's own")).to_be_checked()

    choice.get_by_role("radio", name="JupyterLab").check()
    browser.get_by_role("button", name="Save", exact=True).last.click()

    expect(browser.locator("article.session")).to_contain_text("JupyterLab")
    assert chosen(cleo, session) == "JupyterLab"
    browser.goto(f"{session}/configure")
    expect(choice.get_by_role("radio", name="JupyterLab")).to_be_checked()
    choice.get_by_role("radio", name="VS Code").check()
    browser.get_by_role("button", name="Save", exact=True).last.click()
    expect(browser.locator("article.session")).to_contain_text("VS Code")
    assert chosen(cleo, session) is None


@pytest.mark.browser
@pytest.mark.parametrize("look", [("light", 360), ("dark", 1280)])
def test_every_page_with_front_ends_can_be_read_by_everyone(
    browser: Page, cleo: Person, path: str, session: str, look: tuple[Literal["light", "dark"], int]
) -> None:
    scheme, width = look
    run = cleo.started(session)
    browser.emulate_media(color_scheme=scheme)
    browser.set_viewport_size({"width": width, "height": 800})
    found = {}
    for address in (
        f"{session}/configure",
        project_of(session),
        f"/runs/{run}",
        f"{path}/versions/1",
        f"{path}/versions/add",
    ):
        browser.goto(address)
        found[address] = complaints(browser)

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_a_front_end_that_is_gone_with_another_version_is_said_at_its_field(
    cleo: Person, path: str, session: str
) -> None:
    added = cleo.submit(
        f"{path}/versions/add",
        made_of="image",
        image=f"registry.test/code@sha256:{'b' * 64}",
        front_end="VS Code",
        port="8443",
        default_url="/",
        front_ends=values(MARIMO),
    )
    assert added.status_code == 303
    fields = {"name": "Mine", "version": "1", "front_end": "JupyterLab"}
    assert cleo.submit(f"{session}/configure", **fields).status_code == 303

    at_once = cleo.submit(f"{session}/version", version="2")
    on_the_form = cleo.submit(f"{session}/configure", **fields | {"version": "2"})

    said = "has no front end JupyterLab; it has VS Code and marimo."
    assert (at_once.status_code, on_the_form.status_code) == (422, 422)
    assert said in shown(at_once)
    assert said in shown(on_the_form)
    assert 'href="#front_end"' in on_the_form.text
    assert cleo.submit(f"{session}/configure", **fields | {"version": "2", "front_end": "marimo"}).is_redirect


@pytest.mark.slow
def test_a_change_waits_for_the_next_start_and_a_start_anew_keeps_work(
    cleo: Person, cluster_site: Site, session: str
) -> None:
    project = project_of(session)
    run = cleo.started(session)
    assert "Starting VS Code" in cleo.get(f"/runs/{run}").text
    address = cluster_site.address(run)
    cluster_site.report(run, ready(address))
    fields = {"name": "Mine", "version": "1", "front_end": "marimo"}
    assert cleo.submit(f"{session}/configure", **fields).status_code == 303

    running = shown(cleo.get(project))
    assert "Changed since it was started: front end. It takes effect on the next start." in running
    assert "VS Code</li>" in running
    cleo.paused(session, run)
    paused = shown(cleo.get(project))
    assert "Resume brings back what it had." in paused
    assert "Start with the changes" in paused
    assert cleo.started(session) == run
    assert "<dt>Front end</dt><dd>VS Code</dd>" in shown(cleo.get(f"/runs/{run}"))
    cluster_site.report(run, ready(address), attempt=2)
    cleo.paused(session, run)

    answer = cleo.submit(f"{session}/start", anew="on")

    new = answer.headers["Location"].removeprefix("/runs/")
    assert new != run
    until(lambda: cleo.phase(new) == "launching" or None, "the launch begins")
    assert "Starting marimo" in shown(cleo.get(f"/runs/{new}"))
    assert cleo.phase(run) == "succeeded"
    assert cluster_site.address(new) == address
    # Cancelled, it is paused with what it was to run: /work is still there.
    assert cleo.submit(f"{session}/cancel").status_code == 303
    until(lambda: cleo.phase(new) == "paused" or None, "the launch is cancelled")
    assert "/work is kept." in shown(cleo.get(project))


def test_what_runs_is_restarted_with_the_changes_by_one_button(
    cleo: Person, cluster_site: Site, session: str
) -> None:
    project = project_of(session)
    run = cleo.started(session)
    address = cluster_site.address(run)
    cluster_site.report(run, ready(address))
    cleo.submit(f"{session}/configure", name="Mine", version="1", front_end="marimo")
    assert f'href="{session}/restart"' in cleo.get(project).text

    asked = shown(cleo.get(f"{session}/restart"))
    assert "with the changes?" in asked
    assert "Changed since it was started: front end." in asked
    assert "Everything in /work" in asked
    assert cleo.phase(run) == "running", "nothing happens by looking"

    answer = cleo.submit(f"{session}/restart")

    new = answer.headers["Location"].removeprefix("/runs/")
    assert new != run
    until(lambda: cleo.phase(new) == "launching" or None, "the launch begins")
    assert cleo.phase(run) == "succeeded"
    assert "Starting marimo" in shown(cleo.get(f"/runs/{new}"))
    assert cluster_site.address(new) == address
