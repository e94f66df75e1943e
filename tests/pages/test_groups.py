"""Pages of the hub's groups that belong to a project."""

from __future__ import annotations

from tests.pages.conftest import Person


def test_a_group_is_added_changed_and_removed_without_a_script(ann: Person, project: str) -> None:
    empty = ann.get(project).text
    assert "None. Everybody in a group of JupyterHub can be a member at once." in empty
    assert f'href="{project}/groups/add"' in empty

    added = ann.submit(f"{project}/groups/add", group="map makers", role="viewer")
    assert added.headers["Location"] == project
    assert f'href="{project}/groups/map%20makers/edit"' in ann.get(project).text
    form = ann.get(f"{project}/groups/map%20makers/edit").text
    assert 'value="viewer" checked' in form

    assert ann.submit(f"{project}/groups/map%20makers/edit", role="editor").status_code == 303
    assert 'value="editor" checked' in ann.get(f"{project}/groups/map%20makers/edit").text
    assert "Remove the group map makers from" in ann.get(f"{project}/groups/map%20makers/remove").text
    assert ann.submit(f"{project}/groups/map%20makers/remove").status_code == 303
    assert "map%20makers" not in ann.get(project).text


def test_a_group_without_a_name_is_refused_at_its_field(ann: Person, project: str) -> None:
    refused = ann.submit(f"{project}/groups/add", group=" ", role="viewer")
    slash = ann.submit(f"{project}/groups/add", group="a/b", role="viewer")

    assert (refused.status_code, slash.status_code) == (422, 422)
    assert 'id="group-error"' in refused.text
    assert "A group with a slash in its name cannot belong to a project." in slash.text


def test_only_owners_are_led_to_the_forms(ann: Person, bob: Person, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="editor")
    assert 'id="groups"' not in bob.get(project).text
    ann.submit(f"{project}/groups/add", group="mappers", role="viewer")

    shown = bob.get(project).text

    assert "mappers" in shown
    assert f'href="{project}/groups/mappers/edit"' not in shown
    assert f'href="{project}/groups/add"' not in shown
