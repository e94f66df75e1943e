"""Login by links that work once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sojourn.laptop import login_links
from sojourn.laptop.data import DataFolder, Ports, State
from sojourn.laptop.errors import LaptopError
from sojourn.laptop.processes import KnownProcess
from tests.laptop.stack import Stack


@pytest.fixture
def known(data: DataFolder) -> DataFolder:
    """A data folder on which, as far as it can tell, this process is `sojourn up`."""
    ports = Ports(public=8000, hub=20001, api=20002, proxy=20003)
    data.write_state(
        State(supervisor=KnownProcess.of(os.getpid()), ports=ports, people=("me", "ada"), children={})
    )
    return data


def key_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["key"][0]


def test_a_link_logs_its_person_in_and_only_once(known: DataFolder) -> None:
    key = key_of(login_links.new_login_link(known, "ada"))
    assert login_links.use(known, key) == "ada"
    assert login_links.use(known, key) is None


def test_of_many_who_use_a_link_at_once_one_gets_in(known: DataFolder) -> None:
    key = key_of(login_links.new_login_link(known))
    with ThreadPoolExecutor(8) as pool:
        let_in = list(pool.map(lambda _: login_links.use(known, key), range(32)))
    assert sorted(let_in, key=str) == [None] * 31 + ["me"]


def test_a_link_is_good_for_an_hour(known: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_links, "VALID_SECONDS", -1)
    assert login_links.use(known, key_of(login_links.new_login_link(known))) is None


def test_the_key_of_a_link_is_not_kept(known: DataFolder) -> None:
    key = key_of(login_links.new_login_link(known))
    kept = [path.name + path.read_text() for path in known.login_links.iterdir()]
    assert len(kept) == 1
    assert key not in kept[0]


@pytest.mark.parametrize("key", ["", "../../secrets/hub-token", "ü", "a" * 10_000])
def test_a_key_that_never_was_lets_nobody_in(known: DataFolder, key: str) -> None:
    assert login_links.use(known, key) is None


def test_a_link_for_somebody_unknown_names_who_is_known(known: DataFolder) -> None:
    with pytest.raises(LaptopError, match="Nobody is called eve here; there is me, ada"):
        login_links.new_login_link(known, "eve")


@pytest.mark.parametrize(
    ("name", "normal"),
    [("root", "root"), ("Ada.Lovelace", "ada.lovelace"), ("DOM\\Ada L", "dom-ada-l"), ("42", "me")],
)
def test_a_computer_name_becomes_a_hub_name(name: str, normal: str) -> None:
    assert login_links.hub_name(name) == normal
    assert login_links.check_person(normal) == normal


@pytest.mark.parametrize("name", ["Ada", "a b", "", "../x", "é", "a" * 33])
def test_a_person_who_cannot_be_a_hub_name_is_refused_with_a_name_that_can(name: str) -> None:
    with pytest.raises(LaptopError, match=r"--person [a-z]"):
        login_links.check_person(name)


@pytest.mark.slow
def test_a_printed_link_logs_in_once_and_then_says_how_to_get_another(running: Stack) -> None:
    with httpx.Client(follow_redirects=False) as browser:
        first = browser.get(running.links()[0])
        assert (first.status_code, first.headers["location"]) == (302, "/")
        assert browser.get(f"{running.url}/hub/login").status_code == 302
    again = httpx.get(running.links()[0])
    assert again.status_code == 403
    assert "This login link no longer works" in again.text
    assert f"<code>sojourn link --data {running.data.root}</code>" in again.text


@pytest.mark.slow
def test_sojourn_link_prints_a_link_that_works(running: Stack) -> None:
    printed = running.run("link", "--person", "ada")
    assert printed.returncode == 0
    assert httpx.get(printed.stdout.strip()).status_code == 302


@pytest.mark.slow
def test_the_login_page_asks_for_no_password(running: Stack) -> None:
    page = httpx.get(f"{running.url}/hub/login")
    assert page.is_success
    assert "<form" not in page.text
    assert "sojourn link" in page.text


@pytest.mark.slow
def test_a_login_without_a_key_is_refused(running: Stack) -> None:
    with httpx.Client() as browser:
        browser.get(f"{running.url}/hub/login")
        form = {"username": "root", "password": "root", "_xsrf": browser.cookies["_xsrf"]}
        assert browser.post(f"{running.url}/hub/login", data=form).status_code == 403
        assert "jupyterhub-hub-login" not in browser.cookies


@pytest.mark.slow
def test_no_link_stands_in_a_log(running: Stack) -> None:
    key = key_of(running.run("link").stdout.strip())
    httpx.get(f"{running.url}/hub/link?key={key}")
    httpx.get(f"{running.url}/hub/link?key={key}")
    logs = "".join(path.read_text() for path in running.data.logs.iterdir())
    assert "/hub/link" in logs
    assert key not in logs


@pytest.mark.slow
def test_the_command_of_each_person_has_a_token_that_starts_no_server(running: Stack) -> None:
    for person in running.state().people:
        token = {"Authorization": f"token {running.command_token(person)}"}
        me = httpx.get(f"{running.url}/hub/api/user", headers=token).json()
        assert me["name"] == person
    started = httpx.post(f"{running.url}/hub/api/users/ada/servers/x", headers=token, json={})
    assert started.status_code == 403
