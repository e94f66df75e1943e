"""Who gets in, by browser and by token."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import jupyterhub
import pytest

from tests.gate.sessions import ORIGIN, Browser, Program, Session

Browse = Callable[..., Browser]


def test_a_browser_is_sent_to_the_hubs_login_and_back_to_where_it_was_going(
    browse: Browse, stripped: Session
) -> None:
    browser = browse(stripped)
    begun = browser.get(f"{stripped.prefix}some/page?with=query")
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert begun.status_code == 302
    assert begun.headers["Location"].startswith("/hub/api/oauth2/authorize?")
    assert asked["code_challenge_method"] == ["S256"]

    browser.log_in_at_hub("ann")
    opened = browser.get(begun.headers["Location"], follow_redirects=True)

    assert opened.url == f"{ORIGIN}{stripped.prefix}some/page?with=query"
    assert opened.json()["path"] == "/some/page?with=query"


@pytest.mark.parametrize("rest", ["x?a=b|c|d", "x?a=%7C%22;,", "x?%C3%A4"])
def test_a_login_leads_to_addresses_with_any_character(browse: Browse, stripped: Session, rest: str) -> None:
    browser = browse(stripped, "ann")
    target = f"{stripped.prefix}{rest}".encode()
    begun = browser.get(stripped.prefix, extensions={"target": target})
    back = browser.get(begun.headers["Location"]).headers["Location"]
    assert browser.get(back).headers["Location"].encode() == target


def test_the_login_cookie_is_for_this_session_and_no_script(browse: Browse, stripped: Session) -> None:
    browser = browse(stripped, "ann")
    response = browser.get(stripped.prefix)
    cookies = []
    while response.is_redirect:
        response = browser.get(response.headers["Location"])
        cookies += response.headers.get_list("Set-Cookie")
    [login] = [cookie for cookie in cookies if cookie.startswith(f"jupyterhub-user-ann-{stripped.name}=")]
    assert login.split("; ")[1:] == [f"Path={stripped.prefix}", "HttpOnly", "SameSite=Lax", "Secure"]


def test_a_login_under_way_leaves_nothing_behind(ann: Browser) -> None:
    assert "oauth-state" not in ann.cookie_header()


def test_another_person_gets_no_further_than_a_refusal(browse: Browse, stripped: Session) -> None:
    refused = browse(stripped, "bob").open()
    assert refused.status_code == 403


def test_another_persons_token_is_refused(stripped: Session) -> None:
    with stripped.script() as script:
        refused = script.get("", headers={"Authorization": f"token {stripped.token('bob', scopes=['self'])}"})
    assert refused.status_code == 403
    assert "bob has no right to open this session." in refused.text


def test_a_person_whom_the_owner_lets_in_gets_in(stripped: Session) -> None:
    token = stripped.token("ann", scopes=["access:servers!user=ann"])
    with stripped.script() as script:
        assert script.get("", headers={"Authorization": f"Bearer {token}"}).is_success


def test_a_token_for_something_else_is_refused(stripped: Session) -> None:
    with stripped.script() as script:
        token = stripped.token("ann", scopes=["read:users!user=ann"])
        assert script.get("", headers={"Authorization": f"token {token}"}).status_code == 403


def test_a_script_without_a_token_is_told_how(stripped: Session) -> None:
    with stripped.script() as script:
        refused = script.post("")
    assert refused.status_code == 401
    assert "Authorization: token TOKEN" in refused.text


def test_a_token_in_the_address_opens_nothing(stripped: Session) -> None:
    with stripped.script() as script:
        refused = script.get("", params={"token": stripped.token("ann")})
    assert refused.status_code == 403
    assert "Send it as the header" in refused.text
    assert "Set-Cookie" not in refused.headers


def test_a_parameter_of_the_program_may_be_called_token(ann: Browser) -> None:
    assert ann.fetch("x?token=of-the-program").json()["path"] == "/x?token=of-the-program"


@pytest.mark.parametrize("forged", ["", "0" * 32, "x", "a b", "\N{LATIN SMALL LETTER E WITH ACUTE}" * 9])
def test_a_forged_cookie_is_no_login(browse: Browse, stripped: Session, forged: str) -> None:
    browser = browse(stripped)
    cookie = f"jupyterhub-user-ann-{stripped.name}={forged}".encode()
    begun = browser.get(stripped.prefix, headers={b"Cookie": cookie})  # type: ignore[arg-type]
    assert begun.status_code == 302
    assert "/hub/api/oauth2/authorize" in begun.headers["Location"]


def test_a_cookie_of_another_session_is_no_login(ann: Browser, browse: Browse, kept: Session) -> None:
    value = re.search(r"jupyterhub-user-[^=]+=([^;]+)", ann.cookie_header())
    assert value is not None
    with kept.script() as script:
        cookie = f"jupyterhub-user-ann-{kept.name}={value[1]}"
        assert script.get("", headers={"Cookie": cookie}).status_code == 403


def test_a_callback_that_the_browser_did_not_ask_for_logs_nobody_in(
    browse: Browse, ann: Browser, stripped: Session
) -> None:
    attacker = browse(stripped, "ann")
    begun = attacker.get(stripped.prefix)
    back = attacker.get(begun.headers["Location"]).headers["Location"]
    assert "oauth_callback" in back

    victim = browse(stripped, "ann")
    refused = victim.get(back)

    assert refused.status_code == 403
    assert "was begun in another browser" in refused.text
    assert "Set-Cookie" not in refused.headers


def test_a_code_is_worth_nothing_without_the_verifier_of_the_login_it_belongs_to(
    browse: Browse, stripped: Session
) -> None:
    browser = browse(stripped, "ann")
    first, second = browser.get(stripped.prefix), browser.get(stripped.prefix)
    back = browser.get(first.headers["Location"]).headers["Location"]
    states = [parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0] for begun in (first, second)]
    answer = browser.get(back.replace(*states))
    # Before 6 JupyterHub asks for no verifier; the code is still the same person's.
    asks_for_it = jupyterhub.version_info >= (6,)
    assert (answer.status_code == 403) == asks_for_it


def test_logging_out_at_the_hub_closes_the_session(browse: Browse, stripped: Session) -> None:
    browser = browse(stripped, "ann")
    browser.open().raise_for_status()
    browser.get("/hub/logout", follow_redirects=True)
    begun = browser.get(stripped.prefix)
    assert "/hub/api/oauth2/authorize" in begun.headers["Location"]


def test_logging_out_of_the_session_logs_out_of_the_hub(browse: Browse, stripped: Session) -> None:
    browser = browse(stripped, "ann")
    browser.open().raise_for_status()
    ended = browser.get(f"{stripped.prefix}oauth_logout")
    assert ended.headers["Location"] == "/hub/logout"
    assert "jupyterhub-user-" not in browser.cookie_header()


def test_a_login_survives_a_gate_that_is_started_again(
    browse: Browse, open_session: Callable[..., Session], shared_program: Program
) -> None:
    session = open_session(shared_program)
    session.wait_until_ready()
    browser = browse(session, "ann")
    begun = browser.get(session.prefix)
    session.restart()
    try:
        assert browser.get(begun.headers["Location"], follow_redirects=True).is_success
        session.restart()
        assert browser.fetch("x").json()["path"] == "/x"
    finally:
        session.end()


def test_many_logins_that_are_never_finished_do_not_fill_the_browser(
    browse: Browse, stripped: Session
) -> None:
    browser = browse(stripped)
    for _ in range(20):
        browser.get(stripped.prefix)
    assert browser.cookie_header().count("oauth-state") <= 6


def test_where_cookies_are_locked_to_their_host_so_is_the_login_s(
    browse: Browse, open_session: Callable[..., Session], shared_program: Program
) -> None:
    session = open_session(shared_program, JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED="1")
    session.wait_until_ready()
    browser = browse(session, "ann")
    response = browser.get(session.prefix)
    cookies = response.headers.get_list("Set-Cookie")
    while response.is_redirect:
        response = browser.get(response.headers["Location"])
        cookies += response.headers.get_list("Set-Cookie")

    ours = [cookie for cookie in cookies if f"jupyterhub-user-ann-{session.name}" in cookie]
    assert ours
    for cookie in ours:
        assert cookie.startswith("__Host-")
        assert {"Path=/", "Secure"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert response.status_code == 200
