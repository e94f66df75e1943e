"""One image with JupyterLab and VS Code: a session runs the one, then the other, over the same /work."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lab
from tests.cluster.installation import Installation
from tests.cluster.registry import checked
from tests.e2e.projects import API, Project
from tests.kube import image

pytestmark = [pytest.mark.cluster, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]


def test_a_session_switches_to_vs_code_and_back_and_keeps_its_files(
    page: Page, installation: Installation
) -> None:
    http = installation.http()
    _, found = checked(http, image("code-server"))
    assert (found["verdict"], found["version"]["front_end"]) == ("as_it_is", "JupyterLab")
    assert [each["name"] for each in found["version"]["front_ends"]] == ["VS Code"]
    body = {"name": "Both", "version": found["version"]}
    environment = http.post(f"{API}/environments", json=body).raise_for_status().json()["slug"]
    project = Project.create(installation)
    session = project.post("/sessions", {"environment": environment})["slug"]

    run = project.running(session)
    file = f"{run['url']}api/contents/from-lab.txt"
    content = {"type": "file", "format": "text", "content": "tides"}
    project.http.put(file, json=content).raise_for_status()

    run = switched(project, session, run, "VS Code")
    page.goto(run["url"])
    # The workbench comes by HTTP; files and terminals come by its WebSocket.
    expect(page.locator(".monaco-workbench")).to_be_visible()
    expect(page.get_by_role("treeitem", name="from-lab.txt")).to_be_visible()
    assert containers(installation, run) == ["gate", "notebook"]

    run = switched(project, session, run, None)
    page.goto(run["url"])
    lab.is_open(page)
    assert project.http.get(file).json()["content"] == "tides"
    assert containers(installation, run) == ["notebook"]
    project.stop(run["id"], session)


def switched(project: Project, session: str, run: dict[str, Any], front_end: str | None) -> dict[str, Any]:
    """Pauses a session, gives it another front end, and starts it anew; the run."""
    project.ask("pause", session)
    project.until(run["id"], "paused")
    changed = project.http.patch(f"{project.path}/sessions/{session}", json={"front_end": front_end})
    assert changed.status_code == 200, changed.text
    new = project.until(project.start(session, {"anew": True})["id"], "running", "failed")
    assert new["phase"] == "running", new["reason"]
    return new


def containers(installation: Installation, run: dict[str, Any]) -> list[str]:
    """The names of the containers that a run's pod has."""
    [pod] = installation.pods(sojourn__run=run["id"])
    return sorted(each["name"] for each in pod["spec"]["containers"])
