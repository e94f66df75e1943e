"""Images from a registry that become sessions of a project in one go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.catalogue import shown
from tests.pages.conftest import Person, Site
from tests.pages.images import WEB_APP, filled, version
from tests.pages.reading import complaints
from tests.registry_server import RegistryServer


def test_a_session_is_added_from_an_image_that_was_checked(
    ines: Person, registry: RegistryServer, name: str
) -> None:
    digest = registry.push("tide/session", "1", layers=[b"one"], config=WEB_APP)
    reference = registry.reference("tide/session", "1")
    own = ines.project(name)
    checked = ines.submit(f"{own}/sessions/add/image/check", image=reference)

    assert checked.status_code == 200
    form = filled(checked)
    assert "This image works behind the gate on port 8501." in shown(checked)
    assert (form["image"], form["name"], form["visibility"]) == (reference, "Tide gauge", "private")
    assert 'action="' + f'{own}/sessions/add/image"' in checked.text

    added = ines.submit(f"{own}/sessions/add/image", **form, then="stay")

    assert added.headers["Location"].startswith(f"{own}#session-")
    session = ines.get(f"/api/v1{own}/sessions").json()["items"][0]
    assert (session["name"], session["status"]) == ("Tide gauge", "inactive")
    made = version(ines, f"/environments/{session['environment']['slug']}", 1)
    assert (made["image"], made["reference"]) == (f"{registry.host}/tide/session@{digest}", reference)
    assert (made["port"], made["uid"], made["platforms"]) == (8501, 1001, ["linux/amd64"])


def test_pressing_add_twice_adds_one_session(ines: Person, registry: RegistryServer, name: str) -> None:
    registry.push("tide/twice", "1", layers=[b"one"], config=WEB_APP)
    own = ines.project(name)
    reference = registry.reference("tide/twice", "1")
    form = filled(ines.submit(f"{own}/sessions/add/image/check", image=reference))

    sent = form | {"name": "Twice", "then": "stay"}
    with ThreadPoolExecutor(4) as presses:
        answers = list(presses.map(lambda _: ines.submit(f"{own}/sessions/add/image", **sent), range(4)))

    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (303, f"{own}#session-twice")
    }
    found = ines.get(f"/api/v1{own}/sessions").json()["items"]
    assert [session["name"] for session in found] == ["Twice"]


def test_an_image_that_will_not_work_adds_nothing_and_says_what_to_change(
    ines: Person, registry: RegistryServer, name: str
) -> None:
    registry.push("tide/batch", "1", layers=[b"one"], config={"Entrypoint": ["compute"]})
    reference = registry.reference("tide/batch", "1")
    own = ines.project(name)

    answer = ines.submit(f"{own}/sessions/add/image/check", image=reference)

    assert filled(answer)["image"] == reference
    assert "This image will not work because" in shown(answer)
    assert "Install jupyterhub-singleuser in it" in shown(answer)
    assert "Add and start" not in answer.text
    refused = ines.submit(f"{own}/sessions/add/image", image=reference, name=name, then="stay")
    assert refused.status_code == 422
    assert f"The image {reference} has not been checked; check it." in shown(refused)
    assert filled(refused)["image"] == reference
    assert ines.get(f"/api/v1{own}/sessions").json()["items"] == []


def test_another_image_than_was_checked_is_not_added(
    ines: Person, registry: RegistryServer, name: str
) -> None:
    registry.push("tide/checked", "1", layers=[b"one"], config=WEB_APP)
    own = ines.project(name)
    reference = registry.reference("tide/checked", "1")
    form = filled(ines.submit(f"{own}/sessions/add/image/check", image=reference))

    refused = ines.submit(f"{own}/sessions/add/image", **form | {"image": "python"}, then="stay")

    assert refused.status_code == 422
    assert "The image python has not been checked; check it." in shown(refused)
    broken = ines.submit(f"{own}/sessions/add/image", **form | {"version": "{"}, then="stay")
    assert broken.status_code == 422
    assert "What the check found cannot be read; check it again." in shown(broken)


def test_what_is_no_image_s_name_is_said_where_a_session_is_added(ines: Person, name: str) -> None:
    own = ines.project(name)

    answer = ines.submit(f"{own}/sessions/add/image/check", image="docker pull Python")

    assert answer.status_code == 422
    assert 'name="use" value="image=python"' in answer.text
    assert f'formaction="{own}/sessions/add/image/check"' in answer.text
    back = ines.get(f"{own}/sessions/add/image/check")
    assert back.headers["Location"] == f"{own}/sessions/add/image"


@pytest.mark.browser
def test_an_image_becomes_a_session_in_a_browser(
    chromium: Browser, checking: Site, registry: RegistryServer, ines: Person, name: str
) -> None:
    registry.push("tide/added", "1", layers=[b"one"], config=WEB_APP)
    context = chromium.new_context(base_url=checking.url, viewport={"width": 400, "height": 900})
    context.add_cookies([{"name": "sojourn-login", "value": ines.cookie, "url": checking.url}])
    page = context.new_page()
    page.goto(ines.project(name))
    page.get_by_role("link", name="Use an external image").click()
    page.get_by_role("textbox", name="Image").fill(registry.reference("tide/added", "1"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Tide gauge")
    found = complaints(page)
    page.get_by_role("button", name="Add session").dblclick()

    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article", name="Tide gauge").get_by_text("Inactive")).to_be_visible()
    assert found == []
    context.close()
