"""Pages on which a session is copied to another project, without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.pages.conftest import Person
from tests.pages.reading import complaints


def test_where_to_is_asked_then_what_comes_along_is_said_and_then_it_is_copied(
    ann: Person, project: str
) -> None:
    session = ann.session(project)
    ann.submit(f"{project}/repositories/add", url="https://git.example.org/tides.git")
    other = ann.project("Where it goes")
    slug = other.rpartition("/")[2]

    asked = ann.get(f"{session}/copy").text
    said = ann.get(f"{session}/copy?project={slug}").text.replace("<wbr>", "")
    nowhere = ann.get(f"{session}/copy?project=nowhere")
    copied = ann.submit(f"{session}/copy", project=slug, name="Copy of it", once="01J0000000000000000000000B")
    again = ann.submit(f"{session}/copy", project=slug, name="Copy of it", once="01J0000000000000000000000B")

    assert f'<option value="{slug}"' in asked
    assert "The repository tides, which Where it goes does not have" in said
    assert (nowhere.status_code, 'id="project-error"' in nowhere.text) == (422, True)
    assert copied.headers["Location"] == again.headers["Location"] == f"{other}/sessions/copy-of-it/configure"
    assert f'href="{session}/copy"' in ann.get(project).text


@pytest.mark.browser
def test_the_page_of_a_copy_is_for_everybody(page: Page, ann: Person, project: str) -> None:
    session = ann.session(project)
    slug = ann.project("Copies go here").rpartition("/")[2]
    page.goto(f"{session}/copy?project={slug}")
    assert not complaints(page)
    page.get_by_role("button", name="Copy session").click()
    page.wait_for_url("**/configure")


@pytest.mark.browser
def test_a_project_of_a_long_name_stays_on_the_page_of_a_phone(page: Page, ann: Person, project: str) -> None:
    session = ann.session(project)
    ann.project("Standardised precipitation and evapotranspiration of four river basins over forty years")
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(f"{session}/copy")
    assert not complaints(page)
    button = page.get_by_role("button", name="Show what comes along").bounding_box()
    assert button is not None
    assert button["x"] + button["width"] <= 400
