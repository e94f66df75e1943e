"""Pages of secrets and git logins: forms that take what no page shows again."""

from __future__ import annotations

import re

import pytest

from tests.pages.conftest import Person, Site


def test_a_project_shows_its_secrets_by_name_and_how_to_add_one(ann: Person, project: str) -> None:
    empty = ann.get(project).text
    assert "None. Keys and tokens that sessions need belong here" in empty
    assert f'href="{project}/secrets/add"' in empty

    answer = ann.submit(f"{project}/secrets/add", name="deploy-key", value="s3cret\r\nmore", variable="KEY")

    assert answer.status_code == 303
    shown = ann.get(project).text
    assert f'href="{project}/secrets/deploy-key/edit"' in shown
    assert "also as KEY" in shown
    assert "s3cret" not in shown


def test_no_page_shows_a_value_again(ann: Person, project: str) -> None:
    ann.submit(f"{project}/secrets/add", name="deploy-key", value="s3cret")

    form = ann.get(f"{project}/secrets/deploy-key/edit").text
    refused = ann.submit(f"{project}/secrets/add", name="deploy-key", value="s3cret again")
    removal = ann.get(f"{project}/secrets/deploy-key/remove").text

    assert "Left empty, it stays as it is." in form
    assert refused.status_code == 422
    assert "There is a secret called deploy-key already; deploy-key-2 is free." in refused.text
    assert "Enter it again: it was not kept with the rest of the form." in refused.text
    assert "s3cret" not in form + refused.text + removal


def test_a_secret_is_renamed_without_entering_its_value(ann: Person, project: str) -> None:
    ann.submit(f"{project}/secrets/add", name="key", value="s3cret", variable="KEY")

    saved = ann.submit(f"{project}/secrets/key/edit", name="token", value="", variable="", revision="1")
    stale = ann.submit(f"{project}/secrets/token/edit", name="other", value="", revision="1")

    assert saved.status_code == 303
    assert "also as KEY" not in ann.get(project).text
    assert stale.status_code == 412
    assert "was changed since you opened it" in stale.text


def test_a_removed_secret_is_gone(ann: Person, project: str) -> None:
    ann.submit(f"{project}/secrets/add", name="key", value="s3cret")

    assert ann.submit(f"{project}/secrets/key/remove").status_code == 303
    assert ann.get(f"{project}/secrets/key/edit").status_code == 404


@pytest.mark.parametrize("part", ["secrets/add", "git-logins/add", "registry-logins/add"])
def test_who_may_not_edit_sees_no_form(ann: Person, bob: Person, project: str, part: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="viewer")

    shown = bob.get(project)

    assert shown.status_code == 200
    assert f"{project}/{part}" not in shown.text
    assert bob.get(f"{project}/{part}").status_code == 403
    assert bob.submit(f"{project}/{part}", name="key", value="x", host="a.org", token="x").status_code == 403


def test_a_variable_of_a_secret_is_refused_at_its_field_in_a_sessions_form(ann: Person, project: str) -> None:
    session = ann.session(project)
    ann.submit(f"{project}/secrets/add", name="key", value="s3cret", variable="KEY")
    row = {"variable-1-name": "KEY", "variable-1-value": "x"}

    answer = ann.submit(f"{session}/configure", name="Minimal", version="1", **row)

    assert answer.status_code == 422
    assert '<a href="#variable-1-name">Name of variable 1</a>: KEY is set by the project' in answer.text


def test_the_account_menu_leads_to_ones_own_git_logins(site: Site) -> None:
    with site.person("carol") as carol:
        assert 'href="/me/git-logins"' in carol.get("/projects").text
        assert "No git logins yet" in carol.get("/me/git-logins").text

        added = carol.submit("/me/git-logins/add", host="git.example.org", username="oauth2", token="s3cret")

        assert added.headers["Location"] == "/me/git-logins"
        listed = carol.get("/me/git-logins").text
        assert "git.example.org" in listed.replace("<wbr>", "")
        assert "s3cret" not in listed
        address = re.findall(r'href="(/me/git-logins/\w+/edit)"', listed)[0]
        assert "s3cret" not in carol.get(address).text
        assert carol.submit(address, username="carol", token="").status_code == 303
        assert "as carol" in carol.get("/me/git-logins").text
        assert carol.submit(address.replace("edit", "remove")).status_code == 303
        assert "No git logins yet" in carol.get("/me/git-logins").text


def test_the_form_of_a_host_that_has_a_login_is_that_login(site: Site) -> None:
    with site.person("dora") as dora:
        fresh = dora.get("/me/git-logins/add?host=git.example.org%3A8443")
        dora.submit("/me/git-logins/add", host="git.example.org:8443", username="", token="s3cret")
        known = dora.get("/me/git-logins/add?host=git.example.org%3A8443")

        assert 'value="git.example.org:8443"' in fresh.text
        assert known.status_code == 303
        assert re.fullmatch(r"/me/git-logins/\w+/edit", known.headers["Location"])


def test_a_refused_login_comes_back_without_its_token(ann: Person, project: str) -> None:
    answer = ann.submit(f"{project}/git-logins/add", host="git example", username="ann", token="s3cret")

    assert answer.status_code == 422
    assert '<a href="#host">Host</a>: git example is not a host' in answer.text
    assert 'value="ann"' in answer.text
    assert "s3cret" not in answer.text


def test_a_project_shows_its_git_logins(ann: Person, bob: Person, project: str) -> None:
    assert "Members open private repositories with git logins of their own." in ann.get(project).text
    ann.submit(f"{project}/members/add", person="bob", role="viewer")

    added = ann.submit(f"{project}/git-logins/add", host="git.example.org", username="ann", token="s3cret")

    assert added.headers["Location"] == project
    shown = bob.get(project).text
    assert "git.example.org" in shown.replace("<wbr>", "")
    assert "/git-logins/" not in shown.replace("/me/git-logins", "")
    assert "s3cret" not in shown


def test_ones_own_registry_logins_are_added_changed_and_removed(site: Site) -> None:
    with site.person("fay") as fay:
        assert 'href="/me/registry-logins"' in fay.get("/projects").text
        assert "No registry logins yet" in fay.get("/me/registry-logins").text
        login = {"host": "ghcr.io/owner/name:1", "username": "fay", "password": "s3cret"}

        refused = fay.submit("/me/registry-logins/add", **{**login, "host": "a registry"})
        added = fay.submit("/me/registry-logins/add", **login)

        assert refused.status_code == 422
        assert '<a href="#host">Registry</a>: a registry is not a registry' in refused.text
        assert added.headers["Location"] == "/me/registry-logins"
        address = fay.get("/me/registry-logins/add?host=ghcr.io").headers["Location"]
        form = fay.get(address).text
        assert fay.submit(address, username="fay2", password="").status_code == 303
        listed = fay.get("/me/registry-logins").text
        assert "as fay2" in listed
        assert "s3cret" not in refused.text + form + listed
        assert fay.submit(address.replace("edit", "remove")).status_code == 303
        assert "No registry logins yet" in fay.get("/me/registry-logins").text


def test_a_project_shows_its_registry_logins(ann: Person, bob: Person, project: str) -> None:
    assert "Members pull private images with registry logins of their own." in ann.get(project).text
    ann.submit(f"{project}/members/add", person="bob", role="viewer")

    added = ann.submit(f"{project}/registry-logins/add", host="ghcr.io", username="ann", password="s3cret")

    assert added.headers["Location"] == project
    shown = bob.get(project).text
    assert "ghcr.io" in shown.replace("<wbr>", "")
    assert f"{project}/registry-logins/" not in shown
    assert "s3cret" not in shown


def test_a_person_without_rights_does_not_find_somebody_elses_login(site: Site, ann: Person) -> None:
    ann.submit("/me/git-logins/add", host="git.example.org", username="ann", token="s3cret")
    address = re.findall(r'href="(/me/git-logins/\w+/edit)"', ann.get("/me/git-logins").text)[0]

    with site.person("eve") as eve:
        assert eve.get(address).status_code == 404
        assert eve.submit(address, username="eve", token="x").status_code == 404
        assert eve.submit(address.replace("edit", "remove")).status_code == 404


def test_a_repository_without_its_history_stays_so_in_the_form(ann: Person, project: str) -> None:
    ann.submit(f"{project}/repositories/add", url="https://git.example.org/bar.git", shallow="on")

    shown = ann.get(f"{project}/repositories/bar/edit").text
    assert re.search(r'<input id="shallow"[^>]* checked>', shown)
    ann.submit(f"{project}/repositories/bar/edit", url="https://git.example.org/bar.git", folder="bar")

    assert not re.search(
        r'<input id="shallow"[^>]* checked>', ann.get(f"{project}/repositories/bar/edit").text
    )


def test_a_launch_by_who_passes_by_says_that_it_has_no_secrets(
    ann: Person, bob: Person, project: str
) -> None:
    ann.submit(f"{project}/settings", name="Open", description="", visibility="public")
    session = ann.session(project)
    ann.submit(f"{project}/secrets/add", name="key", value="s3cret", variable="KEY")

    passing, own = bob.started(session), ann.started(session)

    assert "without the project&#39;s 1 secret, for members only" in bob.get(f"/runs/{passing}").text
    assert "for members only" not in ann.get(f"/runs/{own}").text
