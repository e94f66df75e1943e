"""Forms without a script: what is refused keeps what was typed, nothing is half done."""

from __future__ import annotations

import html
import re
from pathlib import Path

import httpx
import pytest

from tests.pages.conftest import Person, Site


def test_a_browser_that_is_not_logged_in_is_sent_to_the_login_and_back(site: Site) -> None:
    answer = httpx.get(f"{site.url}/projects/snow?cursor=x")

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/login?next=%2Fprojects%2Fsnow%3Fcursor%3Dx")


def test_a_form_without_its_token_changes_nothing(ann: Person, project: str) -> None:
    answer = ann.post(f"{project}/settings", data={"name": "Other"})

    assert answer.status_code == 403
    assert "This form is from an earlier login." in answer.text
    assert "Other" not in ann.get(project).text


def test_a_page_lets_the_browser_load_nothing_from_elsewhere(ann: Person) -> None:
    answer = ann.get("/projects")

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", answer.text)
    assert not re.search(r"<script>|\sstyle=|\son[a-z]+=", answer.text)


def test_names_are_shown_as_they_are_written(ann: Person) -> None:
    address = ann.project("<script>alert(1)</script> & 雪")

    text = ann.get(address).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 雪" in text.replace("<wbr>", "")


def test_a_refused_project_comes_back_with_what_was_typed(ann: Person) -> None:
    answer = ann.submit("/projects/new", name="", description="Daily maps", visibility="public")

    assert answer.status_code == 422
    assert "Not created: 1 thing to correct" in answer.text
    assert '<a href="#name">Name</a>: This is empty and has to be filled in.' in answer.text
    assert 'aria-invalid="true" aria-describedby="name-error"' in answer.text
    assert ">Daily maps</textarea>" in answer.text
    assert 'value="public" checked' in answer.text


def test_a_project_is_not_made_when_its_repository_is_refused(ann: Person) -> None:
    answer = ann.submit("/projects/new", name="Half done", repository="https://ann:secret@example.org/a.git")

    assert answer.status_code == 422
    assert 'href="#repository">Git repository' in answer.text
    assert ann.get("/projects/half-done").status_code == 404


def test_a_project_called_new_does_not_hide_the_form_for_new_projects(ann: Person) -> None:
    assert ann.project("New") == "/projects/new-2"


def test_the_button_of_a_proposal_takes_it(ann: Person, project: str, tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    repository = str(tmp_path / "maps")
    assert ann.submit(f"{project}/repositories/add", url=repository).status_code == 303

    refused = ann.submit(f"{project}/repositories/add", url=repository)
    assert refused.status_code == 422
    assert "maps-2 is free" in refused.text
    button = re.search(r'name="use" value="([^"]+)">Use maps-2<', refused.text)
    assert button is not None

    taken = ann.submit(f"{project}/repositories/add", url=repository, use=html.unescape(button[1]))
    assert taken.status_code == 303
    assert ann.get(f"{project}/repositories/maps-2/edit").status_code == 200


def test_an_edit_on_top_of_somebody_elses_is_refused_and_kept(ann: Person, project: str) -> None:
    session = ann.session(project)
    ann.submit(f"{session}/configure", name="First", version="1", revision="2")

    answer = ann.submit(f"{session}/configure", name="Second", version="1", revision="2")

    assert answer.status_code == 412
    assert "was changed since you opened it" in answer.text
    assert 'value="Second"' in answer.text


def test_variables_are_added_and_dropped_before_anything_is_saved(ann: Person, project: str) -> None:
    session = ann.session(project)
    row = {"variable-1-name": "OMP_NUM_THREADS", "variable-1-value": "4"}

    more = ann.submit(f"{session}/configure", name="Minimal", version="1", add="variable", **row)
    assert more.status_code == 200
    assert 'name="variable-2-name" value=""' in more.text
    assert 'value="OMP_NUM_THREADS"' in more.text

    fewer = ann.submit(f"{session}/configure", name="Minimal", version="1", drop="1", **row)
    assert "OMP_NUM_THREADS" not in fewer.text
    assert "OMP_NUM_THREADS" not in ann.get(f"{session}/configure").text


def test_every_wrong_field_of_a_configuration_has_its_own_sentence(ann: Person, project: str) -> None:
    session = ann.session(project)
    fields = {
        "name": "Minimal",
        "version": "1",
        "cpus": "four",
        "memory_gib": "0,1",
        "variable-1-name": "2ND",
        "variable-1-value": "x",
    }

    answer = ann.submit(f"{session}/configure", **fields)

    assert answer.status_code == 422
    assert "Not saved: 3 things to correct" in answer.text
    assert "four is not a number; write it like 4 or 0.5." in answer.text
    assert "0.1 is too little; 0.25 is the least." in answer.text
    assert '<a href="#variable-1-name">Name of variable 1</a>' in answer.text
    assert 'value="four"' in answer.text


def test_two_variables_of_one_name_are_refused(ann: Person, project: str) -> None:
    session = ann.session(project)
    rows = {f"variable-{row}-{part}": "A" for row in (1, 2) for part in ("name", "value")}

    answer = ann.submit(f"{session}/configure", name="Minimal", version="1", **rows)

    assert answer.status_code == 422
    assert '<a href="#variable-2-name">Name of variable 2</a>: A is named twice.' in answer.text


def test_a_saved_configuration_is_what_the_form_shows_next(ann: Person, project: str, tmp_path: Path) -> None:
    session = ann.session(project)
    for name in ("maps", "stations"):
        (tmp_path / name).mkdir()
        ann.submit(f"{project}/repositories/add", url=str(tmp_path / name))
    shown = ann.get(f"{session}/configure").text
    first = re.findall(r'id="repository-([^"]+)"', shown)[0]
    fields = {
        "name": "Exploration",
        "version": "1",
        "cpus": "1,5",
        "repositories": "chosen",
        "repository": first,
        f"ref-{first}": "release/2026",
        "variable-1-name": "TILES",
        "variable-1-value": " {year}/$(month) ",
    }

    assert ann.submit(f"{session}/configure", **fields).status_code == 303

    text = ann.get(f"{session}/configure").text
    for value in ("Exploration", "1.5", "release/2026", "TILES", " {year}/$(month) "):
        assert f'value="{value}"' in text
    assert "1 of 2 folders" in ann.get(project).text


@pytest.mark.parametrize(
    "part", ["settings", "sessions/add", "repositories/add", "storages/add", "members/add"]
)
def test_who_may_not_edit_sees_no_form(ann: Person, bob: Person, project: str, part: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="viewer")

    assert bob.get(project).status_code == 200
    assert f"{project}/{part}" not in bob.get(project).text
    assert bob.get(f"{project}/{part}").status_code == 403


def test_a_project_that_one_may_not_see_does_not_exist(bob: Person, project: str) -> None:
    hidden, missing = bob.get(project), bob.get("/projects/never-made")

    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert project.rsplit("/", 1)[1] not in bob.get("/projects").text


def test_the_last_owner_cannot_leave(ann: Person, project: str) -> None:
    answer = ann.submit(f"{project}/members/ann/remove")

    assert answer.status_code == 409
    assert "would have no owner" in answer.text
