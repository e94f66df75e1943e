"""Images of the cluster's own registry: checked, made environments, pinned, updated and rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cluster.installation import Installation
from tests.cluster.registry import Repository, checked
from tests.e2e.projects import API, Project
from tests.kube import image
from tests.stack import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

EXPOSED = {"8080/tcp": {}}


@pytest.fixture
def repository(kubernetes: str) -> Iterator[Repository]:
    with Repository("http-server") as repository:
        yield repository


def test_an_image_with_a_single_user_server_works_as_it_is(installation: Installation) -> None:
    ended, found = checked(installation.http(), image("minimal"))

    assert ended == "checked"
    assert (found["verdict"], found["platforms"]) == ("as_it_is", ["linux/amd64"])
    assert found["image"] == image("minimal")
    assert found["version"]["command"] == ["jupyterhub-singleuser"]
    assert found["packages"]["python"] > 20
    assert 0 < sum(layer["size"] for layer in found["version"]["layers"]) < found["size"]


def show(page: Page, url: str, part: Locator) -> None:
    """Opens a page until a part of it is there, three times at most, as people reload what did not load.

    A browser drops what it loads when this computer's addresses change, as they do with each pod.
    """
    for _ in range(2):
        page.goto(url)
        with suppress(AssertionError):
            expect(part).to_be_visible(timeout=20_000)
            return
    page.goto(url)
    expect(part).to_be_visible()


def test_a_web_ide_behind_the_gate_opens_in_a_browser(page: Page, installation: Installation) -> None:
    verdict, url = opened(installation, "marimo")

    assert verdict == "behind_gate"
    show(page, url, page.get_by_test_id("run-button").first)
    expect(page).to_have_title("tides.py")


def test_a_web_app_behind_the_gate_answers_what_a_person_presses(
    page: Page, installation: Installation
) -> None:
    verdict, url = opened(installation, "streamlit")

    assert verdict == "behind_gate"
    show(page, url, page.get_by_role("heading", name="Tides"))
    page.get_by_role("button", name="Rise").click()
    expect(page.get_by_text("4 metres")).to_be_visible()


def test_an_image_that_says_no_port_will_not_work_and_hears_what_to_do(
    installation: Installation, repository: Repository
) -> None:
    ended, found = checked(installation.http(), repository.pinned)

    assert (ended, found["verdict"], found["version"]) == ("checked", "will_not_work", None)
    assert "EXPOSE" in found["fix"]


def test_a_tag_that_is_not_there_is_refused_in_words(
    installation: Installation, repository: Repository
) -> None:
    ended, reason = checked(installation.http(), repository.reference("no-such-tag"))

    assert (ended, reason["code"]) == ("refused", "image_not_found")
    assert "no-such-tag" in reason["sentence"]


def test_a_moved_tag_changes_nothing_until_somebody_updates_and_rolling_back_needs_no_tag(
    installation: Installation, repository: Repository
) -> None:
    http = installation.http()
    tag = f"moving-{installation.kubectl.namespace}"
    first = repository.variant(tag, ExposedPorts=EXPOSED, Labels={"version": "1"})
    _, found = checked(http, repository.reference(tag))
    assert (found["verdict"], found["digest"]) == ("behind_gate", first)
    body = {"name": "Moving", "version": found["version"]}
    environment = http.post(f"{API}/environments", json=body).raise_for_status().json()["slug"]
    project = Project.create(installation)
    session = project.post("/sessions", {"environment": environment})["slug"]
    assert runs(installation, project, session).endswith(first)

    second = repository.variant(tag, ExposedPorts=EXPOSED, Labels={"version": "2"})

    assert runs(installation, project, session).endswith(first)
    _, found = checked(http, repository.reference(tag))
    assert found["digest"] == second
    versions = f"{API}/environments/{environment}/versions"
    http.post(versions, json=found["version"]).raise_for_status()
    assert runs(installation, project, session).endswith(first)
    project.post(f"/sessions/{session}/update", {"version": 2}, status=200)
    assert runs(installation, project, session).endswith(second)

    repository.delete(second)

    project.post(f"/sessions/{session}/update", {"version": 1}, status=200)
    assert runs(installation, project, session).endswith(first)
    ended, reason = checked(http, repository.reference(tag))
    assert (ended, reason["code"]) == ("refused", "image_not_found")


def test_a_trial_launch_proves_an_image_and_its_result_is_kept(
    page: Page, installation: Installation, repository: Repository
) -> None:
    tag = f"trial-{installation.kubectl.namespace}"
    repository.variant(tag, ExposedPorts=EXPOSED)
    environment = made(installation, "Tried", repository.reference(tag))

    tries(page, environment)

    expect(page.get_by_role("heading", name="Directory listing for /")).to_be_visible()
    page.goto(f"/environments/{environment}")
    expect(page.get_by_role("main")).to_contain_text("Works: ready after")


def test_a_trial_launch_that_fails_keeps_why(
    page: Page, installation: Installation, repository: Repository
) -> None:
    tag = f"broken-{installation.kubectl.namespace}"
    repository.variant(tag, ExposedPorts=EXPOSED, Entrypoint=["/no/such/program"])
    environment = made(installation, "Broken", repository.reference(tag))

    tries(page, environment)

    expect(page.get_by_role("alert")).to_contain_text("/no/such/program")
    page.goto(f"/environments/{environment}")
    expect(page.get_by_role("main")).to_contain_text("Did not start")
    expect(page.get_by_role("main")).to_contain_text("/no/such/program")


def tries(page: Page, environment: str) -> None:
    page.goto(f"/environments/{environment}")
    expect(page.get_by_role("main")).to_contain_text("Nobody has started it here yet.")
    page.get_by_role("button", name="Trial launch").click()


def made(installation: Installation, name: str, reference: str) -> str:
    """Checks an image and makes an environment of it; its slug."""
    http = installation.http()
    ended, found = checked(http, reference)
    assert ended == "checked", found
    body = {"name": name, "version": found["version"]}
    return str(http.post(f"{API}/environments", json=body).raise_for_status().json()["slug"])


def opened(installation: Installation, name: str) -> tuple[str, str]:
    """Checks one of the tests' images, makes a session of it and starts it; the verdict, and where it is."""
    http = installation.http()
    ended, found = checked(http, image(name))
    assert ended == "checked", found
    body = {"name": name.capitalize(), "version": found["version"]}
    environment = http.post(f"{API}/environments", json=body).raise_for_status().json()["slug"]
    project = Project.create(installation)
    session = project.post("/sessions", {"environment": environment})["slug"]
    return str(found["verdict"]), str(project.running(session)["url"])


def runs(installation: Installation, project: Project, session: str) -> str:
    """Starts the session, opens it, and stops it; the image that its program's container had."""
    run = project.running(session)
    [pod] = installation.pods(sojourn__run=run["id"])
    answer = project.http.get(run["url"], follow_redirects=True)
    assert answer.status_code == 200, answer.text
    project.stop(run["id"], session)
    eventually(lambda: not installation.pods(sojourn__run=run["id"]), "the end of its pod")
    [program] = [each for each in pod["spec"]["containers"] if each["name"] == "notebook"]
    return str(program["image"])
