"""The whole way of a person: from the login link to a stopped session."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import lab
from tests.e2e.projects import Project
from tests.git_server import GitServer
from tests.stack import Stack, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

MOST_TABS = 40


def card(page: Page, session: str) -> Locator:
    return page.locator("article.session").filter(has=page.get_by_role("heading", name=session))


def test_a_person_goes_from_the_login_link_to_a_running_cell_and_back(
    page: Page, sojourn: Stack, git_server: GitServer
) -> None:
    git_server.create("whole-way", {"hello.txt": "hello from the repository"})

    # A new project with a repository.
    page.goto("/projects/new")
    page.get_by_label("Name").fill("The whole way")
    page.get_by_label("Git repository").fill(git_server.url("whole-way"))
    page.get_by_role("button", name="Create project").click()
    page.wait_for_url("**/projects/the-whole-way")
    expect(page.get_by_role("region", name="Repositories")).to_contain_text("whole-way")

    # A default environment in two clicks; the second project page click starts it.
    page.get_by_role("button", name="Add Minimal").click()
    expect(card(page, "Minimal")).to_contain_text("Inactive")
    page.get_by_role("button", name="Start session").click()

    # JupyterLab opens by itself, and a cell prints the repository's file.
    lab.is_open(page)
    address = page.url
    lab.new_notebook(page)
    assert lab.run_cell(page, "print(open('whole-way/hello.txt').read())") == "hello from the repository"
    assert lab.run_cell(page, "print(open('whole-way/hello.txt', 'w').write('edited'))") == "6"

    # Paused, its address shows how to go on.
    page.goto("/projects/the-whole-way")
    card(page, "Minimal").get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Pause…").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.get_by_role("main")).to_contain_text("Paused")
    page.goto(address)
    expect(page.get_by_role("button", name="Resume session")).to_be_visible()

    # Resumed, the edited file is still there.
    page.get_by_role("button", name="Resume session").click()
    lab.is_open(page)
    file = page.request.get(f"{address.partition('/lab')[0]}/api/contents/whole-way/hello.txt").json()
    assert file["content"] == "edited"

    # Stopped, nothing is left.
    page.goto("/projects/the-whole-way")
    card(page, "Minimal").get_by_role("button", name="More for Minimal").click()
    page.get_by_role("link", name="Stop…").click()
    page.get_by_role("button", name="Stop and delete /work").click()
    expect(card(page, "Minimal")).to_contain_text("Inactive")
    session = sojourn.http().get("/api/v1/projects/the-whole-way/sessions/minimal").json()
    eventually(lambda: not (sojourn.data.work / session["id"] / sojourn.owner).exists(), "the end of /work")


def test_a_session_is_started_by_keyboard_alone(page: Page, sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    page.goto(f"/projects/{project.slug}")

    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if "Start session" in page.evaluate("document.activeElement.innerText"):
            break
    page.keyboard.press("Enter")

    lab.is_open(page)


def test_back_and_reload_start_nothing_again(page: Page, sojourn: Stack) -> None:
    project = Project.with_session(sojourn)
    page.goto(f"/projects/{project.slug}")
    page.get_by_role("button", name="Start session").click()
    lab.is_open(page)

    page.goto(f"/projects/{project.slug}")
    page.go_back()
    page.reload()
    page.goto(f"/projects/{project.slug}/history")

    expect(page.get_by_role("row")).to_have_count(2)
    assert re.search("Running", page.get_by_role("row").nth(1).inner_text())
