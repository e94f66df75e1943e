"""What a person sees when a launch fails: one sentence that names it, and a button that mends it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab
from tests.browser.conftest import logged_in
from tests.conftest import FreshStack
from tests.e2e.projects import Project
from tests.git_server import GitServer
from tests.stack import Stack, eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


def start(page: Page, project: Project) -> None:
    page.goto(f"/projects/{project.slug}")
    page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/runs/*")


def fails_with(page: Page, sentence: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(page.get_by_role("main")).to_contain_text("Failed")


def press(page: Page, button: str) -> None:
    page.get_by_role("alert").get_by_role("button", name=button, exact=True).click()


def changed_environment(stack: Stack, slug: str, **changes: Any) -> None:
    """An environment as nobody could make it by recipe: the minimal one with other columns."""
    with sqlite3.connect(stack.data.root / "sojourn.db", timeout=30) as db:
        db.row_factory = sqlite3.Row
        environment = dict(db.execute("SELECT * FROM environments WHERE slug = 'minimal'").fetchone())
        version = dict(
            db.execute(
                "SELECT * FROM environment_versions WHERE environment_id = ?", [environment["id"]]
            ).fetchone()
        )
        environment |= {"id": f"{slug:E<26}", "slug": slug, "name": slug.capitalize(), "recipe": None}
        version |= {"id": f"{slug:V<26}", "environment_id": environment["id"], **changes}
        for table, row in (("environments", environment), ("environment_versions", version)):
            marks = ", ".join("?" * len(row))
            names = ", ".join(f'"{name}"' for name in row)
            db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608
    db.close()


def test_an_unreachable_repository_can_be_left_out(page: Page, sojourn: Stack, git_server: GitServer) -> None:
    git_server.create("away", {"a.txt": "a"})
    project = Project.with_session(sojourn, git_server.url("away"))
    git_server.break_with("away", "unavailable")

    start(page, project)
    fails_with(page, "away could not be cloned")
    press(page, "Start without away")

    lab.is_open(page)


def test_a_repository_that_is_back_is_cloned_by_retry(
    page: Page, sojourn: Stack, git_server: GitServer
) -> None:
    git_server.create("back", {"a.txt": "a"})
    project = Project.with_session(sojourn, git_server.url("back"))
    git_server.break_with("back", "not_found")
    start(page, project)
    fails_with(page, "back")

    git_server.break_with("back", None)
    press(page, "Retry")

    lab.is_open(page)


def test_a_missing_branch_can_be_replaced_by_the_default_one(
    page: Page, sojourn: Stack, git_server: GitServer
) -> None:
    git_server.create("branches", {"a.txt": "a"})
    project = Project.with_session(sojourn)
    project.post("/repositories", {"url": git_server.url("branches"), "ref": "release/2026-q3"})

    start(page, project)
    fails_with(page, "release/2026-q3 does not exist in branches.")
    press(page, "Use branch main and start")

    lab.is_open(page)


def test_an_environment_that_cannot_be_built_says_what_is_missing(page: Page, sojourn: Stack) -> None:
    changed_environment(sojourn, "unbuildable", requirements="sojourn-has-no-such-package==1.0\n")
    project = Project.create(sojourn)
    project.post("/sessions", {"environment": "unbuildable"})

    start(page, project)
    fails_with(page, "Unbuildable was not built")

    expect(page.get_by_role("alert")).to_contain_text("sojourn-has-no-such-package")
    expect(page.get_by_role("alert").get_by_role("button", name="Retry")).to_be_visible()


def test_a_server_that_crashes_on_start_shows_its_last_lines(page: Page, sojourn: Stack) -> None:
    command = '["python", "-c", "raise SystemExit(\'broken on purpose\')"]'
    changed_environment(sojourn, "crashing", command=command)
    project = Project.create(sojourn)
    project.post("/sessions", {"environment": "crashing"})

    start(page, project)
    fails_with(page, "JupyterLab ended with exit code 1")

    expect(page.get_by_role("log")).to_contain_text("broken on purpose")
    expect(page.get_by_role("alert").get_by_role("button", name="Retry")).to_be_visible()


def test_a_cancelled_launch_leaves_nothing_that_runs(
    page: Page, sojourn: Stack, git_server: GitServer
) -> None:
    git_server.create("slow", {f"{number}.bin": os.urandom(20_000) for number in range(4)})
    git_server.break_with("slow", "stall")
    project = Project.with_session(sojourn, git_server.url("slow"))
    start(page, project)
    expect(page.get_by_role("list", name="Stages of the launch")).to_contain_text("Cloning slow in progress")
    run = page.url.rpartition("/")[2]

    page.get_by_role("button", name="Cancel launch").click()

    expect(page.get_by_role("main")).to_contain_text("Inactive")
    eventually(lambda: not sojourn.processes_of(run), "the end of all its processes")
    git_server.break_with("slow", None)


@pytest.fixture
def small_disk(fresh_sojourn: FreshStack) -> Iterator[Stack]:
    """A Sojourn whose /work lies on a disk of 1 MiB."""
    stack = fresh_sojourn()
    work: Path = stack.data.work
    work.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", work], check=False)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        stack.start()
        yield stack
    finally:
        stack.close()
        subprocess.run(["umount", "--lazy", work], check=True)


def test_a_full_disk_is_named_as_such(chromium: Browser, small_disk: Stack, git_server: GitServer) -> None:
    git_server.create("large", {"large.bin": os.urandom(3_000_000)})
    project = Project.with_session(small_disk, git_server.url("large"))
    page = logged_in(chromium, small_disk)

    start(page, project)
    fails_with(page, "/work is full")

    expect(page.get_by_role("alert").get_by_role("button", name="Retry")).to_be_visible()
    page.context.close()
