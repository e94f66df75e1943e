"""Pages of the people who belong to a project."""

from __future__ import annotations

import html
import re

from tests.pages.conftest import Person


def test_a_member_with_a_name_of_any_signs_is_led_to_changed_and_removed(ann: Person, project: str) -> None:
    name = "why? 50% #1 ╯"
    assert ann.submit(f"{project}/members/add", person=name, role="viewer").status_code == 303

    edit = link(ann.get(project).text, rf'href="({project}/members/why[^"]*/edit)"')
    form = ann.get(edit).text
    assert 'value="viewer" checked' in form
    remove = link(form, r'href="([^"]*/remove)"')
    asked = ann.get(remove).text
    assert f"Remove {name} from" in html.unescape(asked)

    assert ann.submit(edit, role="editor").status_code == 303
    assert ann.submit(link(asked, r'action="([^"]*/remove)"')).status_code == 303
    assert "members/why" not in ann.get(project).text


def link(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return html.unescape(found[1])
