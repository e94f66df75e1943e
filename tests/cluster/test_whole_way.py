"""The whole way of a person on a cluster, in a browser, with everything that a project can have."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser import lab
from tests.browser.test_whole_way import card
from tests.cluster.installation import Installation
from tests.e2e.projects import API
from tests.git_server import GitServer
from tests.stack import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

LOOK = """
import os, pathlib, subprocess
print(open('open/hello.txt').read().strip())
print(open('closed/hello.txt').read().strip())
print(open('notes/welcome.txt').read().strip())
pathlib.Path('scratch/mark').write_text('kept')
print(os.environ['COLOUR'], os.environ['API_KEY'])
print(pathlib.Path(os.environ['SOJOURN_SECRETS'], 'api-key').read_text())
git = lambda *words: subprocess.run(['git', '-C', *words], capture_output=True, text=True)
print(git('closed', 'fetch').returncode)
print(git('open', 'branch', '--show-current').stdout.strip())
"""
LOOKED = "hello from here\nhello from behind\nbe welcome\nblue sesame\nsesame\n0\nmain"


def test_a_person_goes_from_a_password_to_a_running_cell_and_back(
    page: Page, installation: Installation, pod_git_server: GitServer
) -> None:
    ann = installation.http("ann")
    pod_git_server.create("open", {"hello.txt": "hello from here"})
    pod_git_server.create("closed", {"hello.txt": "hello from behind"})
    pod_git_server.make_private("closed", "ann", "token-of-ann")

    # A new project with a repository over HTTP.
    page.goto("/projects/new")
    page.get_by_label("Name").fill("The whole way")
    page.get_by_label("Git repository").fill(pod_git_server.url("open"))
    page.get_by_role("button", name="Create project").click()
    page.wait_for_url("**/projects/the-whole-way")

    # What it needs beside: a private repository, two storages of different kind, a secret, a variable.
    path = f"{API}/projects/the-whole-way"
    whose = {"sojourn__project": ann.get(path).json()["id"]}
    for part, body in (
        (
            "git-logins",
            {"host": pod_git_server.origin.partition("//")[2], "username": "ann", "token": "token-of-ann"},
        ),
        ("repositories", {"url": pod_git_server.url("closed")}),
        ("storages", {"kind": "claim", "name": "scratch", "size_gib": 1, "access": "ReadWriteOnce"}),
        ("storages", {"kind": "files", "name": "notes", "files": {"welcome.txt": "be welcome\n"}}),
        ("secrets", {"name": "api-key", "variable": "API_KEY", "value": "sesame"}),
        ("sessions", {"environment": "minimal", "variables": {"COLOUR": "blue"}}),
    ):
        answer = ann.post(f"{path}/{part}", json=body)
        assert answer.status_code == 201, answer.text

    # One click, and JupyterLab opens by itself; a cell sees all of it.
    page.goto("/projects/the-whole-way")
    page.get_by_role("button", name="Start session").click()
    lab.is_open(page)
    address = page.url
    lab.new_notebook(page)
    assert lab.run_cell(page, LOOK.strip()) == LOOKED
    [pod] = installation.pods(**whose)
    assert "sesame" not in str(pod)
    assert "token-of-ann" not in str(pod)

    # Paused, its address shows how to go on; resumed, what was written is there.
    page.goto("/projects/the-whole-way")
    card(page, "Minimal").get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Pause…").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.get_by_role("main")).to_contain_text("Paused")
    page.goto(address)
    page.get_by_role("button", name="Resume session").click()
    lab.is_open(page)
    root = address.partition("/lab")[0]
    for file in ("scratch/mark", "open/hello.txt", "closed/hello.txt"):
        assert page.request.get(f"{root}/api/contents/{file}").ok, file

    # Stopped, /work is deleted; the project's storage stays.
    [work] = installation.kubectl.list("pvc", sojourn__work="true", **whose)
    page.goto("/projects/the-whole-way")
    card(page, "Minimal").get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Stop…").click()
    page.get_by_role("button", name="Stop and delete /work").click()
    expect(card(page, "Minimal")).to_contain_text("Inactive")
    eventually(lambda: not installation.pods(**whose), "the end of its pod")
    eventually(lambda: installation.kubectl.get("pvc", work["metadata"]["name"]) is None, "the end of /work")
    assert len(installation.kubectl.list("pvc", **whose)) == 1


def test_a_web_program_that_knows_nothing_of_jupyterhub_opens_behind_the_gate(
    page: Page, installation: Installation
) -> None:
    page.goto("/projects/new")
    page.get_by_label("Name").fill("Behind the gate")
    page.get_by_role("button", name="Create project").click()
    page.wait_for_url("**/projects/behind-the-gate")
    page.get_by_role("button", name="Add Files").click()
    page.get_by_role("button", name="Start session").click()

    page.wait_for_url("**/user/ann/**")
    expect(page.get_by_role("heading", name="Directory listing for /")).to_be_visible()
    address = page.url
    with closing(installation.browser("bob")) as bob:
        assert bob.get(address).status_code == 403
    page.goto("/projects/behind-the-gate")
    card(page, "Files").get_by_role("button", name="More for Files").click()
    page.get_by_role("link", name="Stop…").click()
    page.get_by_role("button", name="Stop and delete /work").click()
    expect(card(page, "Files")).to_contain_text("Inactive")
