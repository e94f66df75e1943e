"""Three people at once in one project: an owner, an editor and a viewer, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import lab
from tests.browser.conftest import logged_in
from tests.browser.test_whole_way import card
from tests.e2e.projects import Project
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@dataclass
class Team:
    """A project, and the browsers of its people."""

    project: Project
    owner: Page
    editor: Page
    viewer: Page

    @property
    def path(self) -> str:
        """Of the project's page."""
        return f"/projects/{self.project.slug}"


@pytest.fixture
def team(chromium: Browser, sojourn: Stack) -> Iterator[Team]:
    project = Project.with_session(sojourn)
    for person, role in (("ann", "editor"), ("bob", "viewer")):
        project.post("/members", {"person": person, "role": role})
    pages = [logged_in(chromium, sojourn, person) for person in (None, "ann", "bob")]
    made = Team(project, *pages)
    for page in pages:
        page.goto(made.path)
    yield made
    for page in pages:
        page.context.close()


def test_each_has_a_session_of_their_own_and_sees_no_other_s(team: Team) -> None:
    team.owner.get_by_role("button", name="Start session").click()
    team.editor.get_by_role("button", name="Start session").click()
    lab.is_open(team.owner)
    lab.is_open(team.editor)

    owners, editors = (page.url.partition("/lab")[0] for page in (team.owner, team.editor))
    assert owners != editors
    for page in (team.owner, team.editor):
        page.goto(team.path)
        expect(card(page, "Minimal")).to_contain_text("Running")
    expect(card(team.viewer, "Minimal")).to_contain_text("Inactive")
    # Whose session it is decides who gets in, not who belongs to the project.
    answer = team.viewer.request.get(f"{owners}/api/status")
    assert answer.status in {403, 404}, answer.text()
    assert team.editor.request.get(f"{owners}/api/status").status in {403, 404}

    team.project.ask("stop")
    team.project.seen_by("ann").ask("stop")


def test_what_one_changes_the_others_see_without_a_reload(team: Team) -> None:
    team.editor.goto(f"{team.path}/sessions/minimal/configure")
    team.editor.get_by_role("region", name="Name").get_by_role("textbox").first.fill("High water")
    team.editor.get_by_role("button", name="Save").click()

    for page in (team.owner, team.viewer):
        expect(card(page, "High water")).to_be_visible()


def test_of_two_who_change_the_same_the_later_is_told_and_loses_nothing(team: Team) -> None:
    for page in (team.owner, team.editor):
        page.goto(f"{team.path}/sessions/minimal/configure")
        page.get_by_label("Description").fill(f"As {'the owner' if page is team.owner else 'Ann'} has it.")
    team.owner.get_by_role("button", name="Save").click()
    expect(card(team.owner, "Minimal")).to_be_visible()

    team.editor.get_by_role("button", name="Save").click()

    expect(team.editor.get_by_role("alert")).to_be_visible()
    expect(team.editor.get_by_label("Description")).to_have_value("As Ann has it.")
    assert team.project.get("/sessions/minimal")["description"] == "As the owner has it."


def test_who_only_looks_is_offered_nothing_to_change(team: Team) -> None:
    expect(team.viewer.get_by_role("button", name="Start session")).to_be_visible()
    expect(team.viewer.get_by_role("link", name="Add session")).to_have_count(0)
    team.viewer.get_by_role("button", name="More for Minimal").click()
    expect(team.viewer.get_by_role("link", name="Configure")).to_have_count(0)

    team.viewer.goto(f"{team.path}/sessions/minimal/configure")

    expect(team.viewer.get_by_role("main")).to_contain_text("viewer")
