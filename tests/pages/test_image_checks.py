"""Images checked on the pages where environments and versions are made, against a registry."""

from __future__ import annotations

import json
import re
from typing import Literal

import pytest
from httpx_sse import connect_sse
from playwright.sync_api import Browser, expect

from sessions_api.environments.checks.verdicts import MUST_HAVE
from tests.pages.catalogue import image, made, shown
from tests.pages.conftest import Person, Site
from tests.pages.images import WEB_APP, filled, version
from tests.pages.reading import complaints
from tests.registry_server import RegistryServer


def test_a_checked_image_fills_the_form_and_keeps_what_was_typed(
    ines: Person, registry: RegistryServer
) -> None:
    digest = registry.push("tide/gauge", "1", layers=[b"one", b"two"], config=WEB_APP)
    reference = registry.reference("tide/gauge", "1")

    answer = ines.submit("/environments/add/check", image=reference, name="Tides", visibility="everyone")

    assert answer.status_code == 200
    form, text = filled(answer), shown(answer)
    assert (form["image"], form["reference"]) == (f"{registry.host}/tide/gauge@{digest}", reference)
    assert (form["front_end"], form["port"], form["login"]) == ("Tide gauge", "8501", "strip")
    assert (form["uid"], form["gid"], form["made_of"]) == ("1001", "1002", "image")
    assert (form["name"], form["visibility"]) == ("Tides", "everyone")
    assert "This image works behind the gate on port 8501." in text
    assert "it must listen on port 8501 and ask for no login" in text
    assert re.findall(r'<li data-state="(\w+)">', text) == ["done"] * 4
    assert "0 packages found" in text
    assert "<dt>Platforms</dt><dd>linux/amd64</dd>" in text
    assert 'action="/environments/add"' in answer.text


def test_who_watches_a_check_hears_its_steps_and_then_gets_the_page(
    ines: Person, registry: RegistryServer
) -> None:
    registry.push("tide/watched", "1", layers=[b"one"], config=WEB_APP)
    form = ines.filled(image=registry.reference("tide/watched", "1"))

    with connect_sse(ines, "POST", "/environments/add/check", data=form) as stream:
        *steps, page = [(event.event, event.json()) for event in stream.iter_sse()]

    assert [step["key"] for name, step in steps if step["state"] == "done"] == [
        "find",
        "platform",
        "look",
        "verdict",
    ]
    assert {name for name, _ in steps} == {"step"}
    assert page[0] == "page"
    assert "This image works behind the gate on port 8501." in page[1]


def test_what_a_check_found_goes_along_into_the_environment(
    ines: Person, registry: RegistryServer, name: str
) -> None:
    registry.push("tide/known", "1", layers=[b"one", b"two"], config=WEB_APP)
    checked = ines.submit("/environments/add/check", image=registry.reference("tide/known", "1"), name=name)

    added = ines.submit("/environments/add", **filled(checked))

    assert added.status_code == 303, shown(added)
    found = version(ines, added.headers["Location"], 1)
    assert found["platforms"] == ["linux/amd64"]
    assert found["labels"] == WEB_APP["Labels"]
    assert len(found["layers"]) == 2
    assert found["size"] >= 6


def test_what_a_check_found_survives_a_refusal_of_the_form(
    ines: Person, registry: RegistryServer, name: str
) -> None:
    registry.push("tide/again", "1", layers=[b"one"], config=WEB_APP)
    checked = ines.submit("/environments/add/check", image=registry.reference("tide/again", "1"))

    refused = ines.submit("/environments/add", **filled(checked))
    assert "This is empty and has to be filled in." in shown(refused)
    added = ines.submit("/environments/add", **{**filled(refused), "name": name})

    assert version(ines, added.headers["Location"], 1)["platforms"] == ["linux/amd64"]


def test_what_a_check_found_is_not_said_of_another_image(
    ines: Person, registry: RegistryServer, name: str
) -> None:
    registry.push("tide/other", "1", layers=[b"one"], config=WEB_APP)
    form = filled(ines.submit("/environments/add/check", image=registry.reference("tide/other", "1")))

    other = {**form, "name": name, "image": f"{registry.host}/tide/other@sha256:{'b' * 64}"}
    added = ines.submit("/environments/add", **other)

    found = version(ines, added.headers["Location"], 1)
    assert (found["platforms"], found["layers"], found["size"]) == ([], [], None)


@pytest.mark.parametrize(
    "known", ["{", "[" * 100_000, '{"image": %s, "size": -1}', '{"image": %s, "layers": [1]}']
)
def test_what_a_check_found_is_refused_when_it_comes_back_broken(ines: Person, name: str, known: str) -> None:
    form = image(name=name)
    told = known.replace("%s", json.dumps(form["image"]))

    answer = ines.submit("/environments/add", **form, known=told)

    assert answer.status_code == 422
    assert "Not added: 1 thing to correct" in shown(answer)
    assert "What a check found of this image cannot be read; check it again." in shown(answer)


def test_a_next_version_is_made_of_a_checked_image(ines: Person, registry: RegistryServer, name: str) -> None:
    path = made(ines, name)
    digest = registry.push("tide/next", "2", layers=[b"one"], config=WEB_APP)
    form = filled(ines.get(f"{path}/versions/add"))

    checked = ines.submit(
        f"{path}/versions/add/check", **{**form, "image": registry.reference("tide/next", "2")}
    )
    assert f'action="{path}/versions/add"' in checked.text
    assert ines.submit(f"{path}/versions/add", **filled(checked)).status_code == 303

    found = version(ines, path, 2)
    assert (found["digest"], found["platforms"]) == (digest, ["linux/amd64"])


def test_only_who_edits_an_environment_checks_images_for_it(
    ines: Person, checking: Site, registry: RegistryServer, name: str
) -> None:
    path = made(ines, name, visibility="everyone")
    registry.push("tide/closed", "1", config=WEB_APP)
    with checking.person("otto") as otto:
        answer = otto.submit(f"{path}/versions/add/check", image=registry.reference("tide/closed", "1"))

    assert answer.status_code == 403
    assert registry.count("GET", "tide/closed") + registry.count("HEAD", "tide/closed") == 0


def test_an_image_that_will_not_work_says_why_and_what_to_do(ines: Person, registry: RegistryServer) -> None:
    registry.push("tide/batch", "1", layers=[b"one"], config={"Entrypoint": ["compute"]})
    reference = registry.reference("tide/batch", "1")

    answer = ines.submit("/environments/add/check", **image(image=reference, front_end="Mine"))

    text, form = shown(answer), filled(answer)
    assert "This image will not work because it has no JupyterLab that can be found" in text
    assert "Install jupyterhub-singleuser in it" in text
    assert '<li data-state="fail">' in text
    assert (form["image"], form["front_end"], form["port"]) == (reference, "Mine", "8443")
    assert "known" not in form


def test_an_image_that_is_not_to_be_had_says_why(ines: Person, registry: RegistryServer) -> None:
    registry.push("tide/arm", "1", layers=[b"one"], config=WEB_APP, platform="linux/arm64")
    reference = registry.reference("tide/arm", "1")

    answer = ines.submit("/environments/add/check", **image(image=reference))

    text = shown(answer)
    assert "linux/arm64" in text
    assert "linux/amd64" in text
    assert filled(answer)["image"] == reference
    assert 'role="alert"' in text


def test_what_is_no_image_comes_back_with_what_may_have_been_meant(ines: Person) -> None:
    answer = ines.submit("/environments/add/check", **image(image="docker pull Python"))

    assert answer.status_code == 422
    assert "Not checked: 1 thing to correct" in shown(answer)
    assert 'name="use" value="image=python"' in answer.text
    assert 'formaction="/environments/add/check"' in answer.text
    assert filled(answer)["image"] == "docker pull Python"


def test_an_image_that_was_not_checked_is_refused_with_the_way_to_go(ines: Person, name: str) -> None:
    answer = ines.submit("/environments/add", **image(name=name, image="python"))

    assert answer.status_code == 422
    assert "The image python is not pinned to a digest; check it, which finds its digest." in shown(answer)
    assert "Check the image" in answer.text


def test_the_page_says_what_an_image_must_have_in_the_words_of_the_check(ines: Person) -> None:
    text = shown(ines.get("/environments/add"))

    assert all(sentence in text for sentence in MUST_HAVE)


def test_the_address_of_a_check_leads_to_the_form(ines: Person) -> None:
    assert ines.get("/environments/add/check").headers["Location"] == "/environments/add"
    assert (
        ines.get("/environments/x/versions/add/check").headers["Location"] == "/environments/x/versions/add"
    )


@pytest.mark.browser
def test_a_check_shows_what_it_does_while_it_does_it(
    chromium: Browser, checking: Site, registry: RegistryServer, ines: Person
) -> None:
    labels = {"org.opencontainers.image.description": "x" * 60_000}
    registry.push("tide/slow", "1", layers=[b"one"], config={**WEB_APP, "Labels": labels})
    registry.break_with("tide/slow", "slow")
    context = chromium.new_context(base_url=checking.url)
    context.add_cookies([{"name": "sojourn-login", "value": ines.cookie, "url": checking.url}])
    page = context.new_page()
    page.goto("/environments/add")
    page.get_by_role("textbox", name="Image").fill(registry.reference("tide/slow", "1"))
    page.get_by_role("button", name="Check the image").click()

    steps = page.get_by_role("list", name="What the check does")
    expect(steps.get_by_role("listitem")).to_have_text([f"Asking {registry.host}"])
    assert complaints(page) == []
    found = page.get_by_role("heading", name="This image works behind the gate on port 8501.")
    expect(found).to_be_focused(timeout=30_000)
    assert page.url.endswith("/environments/add")
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    "look",
    [("light", 1280, True), ("dark", 400, True), ("dark", 1280, False), ("light", 400, False)],
)
def test_an_image_is_checked_and_added_in_a_browser(
    chromium: Browser,
    checking: Site,
    registry: RegistryServer,
    ines: Person,
    look: tuple[Literal["light", "dark"], int, bool],
) -> None:
    scheme, width, script = look
    name = f"Gauge {scheme} {width}"
    registry.push("tide/seen", "1", layers=[b"one"], config=WEB_APP)
    registry.push("tide/unseen", "1", layers=[b"one"], config={"Entrypoint": ["compute"]})
    registry.protect("tide/seen", login="ann:t0ken")
    context = chromium.new_context(
        base_url=checking.url,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=script,
    )
    context.add_cookies([{"name": "sojourn-login", "value": ines.cookie, "url": checking.url}])
    page = context.new_page()
    found = {}
    page.goto("/environments/add")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("textbox", name="Image").fill(registry.reference("tide/unseen", "1"))
    page.get_by_role("button", name="Check the image").click()
    expect(page.get_by_role("alert")).to_contain_text("This image will not work")
    found["will not work"] = complaints(page) if script else []
    page.get_by_role("textbox", name="Image").fill(registry.reference("tide/seen", "1"))
    page.get_by_role("button", name="Check the image").click()
    expect(page.get_by_role("link", name="Add a registry login")).to_be_visible()
    found["asks for a login"] = complaints(page) if script else []
    page.get_by_label("User name").fill("ann")
    page.get_by_label("Password or token").fill("t0ken")
    page.get_by_label("Keep it for next time").uncheck()
    page.get_by_role("button", name="Check with this login").click()
    expect(page.get_by_role("heading", name="This image works behind the gate on port 8501.")).to_be_visible()
    expect(page.get_by_role("list", name="Steps of the check").get_by_role("listitem")).to_have_count(4)
    found["works"] = complaints(page) if script else []
    page.get_by_role("textbox", name="Name").press("Enter")

    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    context.close()
