"""What reaches the program, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
from collections.abc import Iterator
from typing import Any

import aiohttp
import httpx
import pytest

from tests.gate.program import PART
from tests.gate.sessions import ORIGIN, Browser, Session

MIB = 2**20


def fields(seen: dict[str, Any], name: str) -> list[str]:
    return [value for field, value in seen["headers"] if field.lower() == name]


@pytest.fixture
def script(stripped: Session) -> Iterator[httpx.Client]:
    with stripped.script("ann") as client:
        yield client


@pytest.fixture
def kept_script(kept: Session) -> Iterator[httpx.Client]:
    with kept.script("ann") as client:
        yield client


def test_the_prefix_is_stripped(script: httpx.Client, stripped: Session) -> None:
    seen = script.get("a%20b/c;d?e=%2F&f").json()
    assert seen["path"] == "/a%20b/c;d?e=%2F&f"
    assert fields(seen, "x-forwarded-prefix") == [stripped.prefix.rstrip("/")]


def test_the_prefix_is_kept(kept_script: httpx.Client, kept: Session) -> None:
    seen = kept_script.get("a%20b?c").json()
    assert seen["path"] == f"{kept.prefix}a%20b?c"
    assert not fields(seen, "x-forwarded-prefix")


def test_a_prefix_that_is_escaped_differently_is_the_same(script: httpx.Client, stripped: Session) -> None:
    assert script.get(f"{stripped.direct}/user/%61nn/{stripped.name}/x").json()["path"] == "/x"


def test_the_root_without_its_slash_leads_to_it(stripped: Session) -> None:
    answer = httpx.get(f"{stripped.direct}{stripped.prefix.rstrip('/')}?a=b", trust_env=False)
    assert answer.headers["Location"] == f"{stripped.prefix}?a=b"


@pytest.mark.parametrize("path", ["/", "/user/ann/", "/user/bob/app0/", "/hub/home", "/user/ann/app0x/"])
def test_paths_that_are_not_the_sessions_are_not_found(
    script: httpx.Client, stripped: Session, path: str
) -> None:
    assert script.get(stripped.direct + path).status_code == 404


def test_the_program_knows_where_people_are(ann: Browser) -> None:
    seen = ann.fetch("x", headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Prefix": "/forged"}).json()
    assert fields(seen, "host") == fields(seen, "x-forwarded-host") == ["sojourn.test"]
    assert fields(seen, "x-forwarded-proto") == ["https"]
    assert fields(seen, "x-forwarded-for") == ["192.0.2.1, 127.0.0.1"]
    assert fields(seen, "x-forwarded-prefix") == [ann.session.prefix.rstrip("/")]


def test_no_login_reaches_the_program(ann: Browser) -> None:
    for name in ("sojourn-login", "jupyterhub-hub-login", "__Host-jupyterhub-x", "of-the-program"):
        ann.cookies.set(name, "value", domain="sojourn.test", path="/")
    assert "jupyterhub-session-id" in ann.cookie_header()
    seen = ann.fetch("x").json()
    assert fields(seen, "cookie") == ["of-the-program=value"]


def test_the_token_does_not_reach_the_program(script: httpx.Client) -> None:
    assert not fields(script.get("x").json(), "authorization")


def test_a_password_of_the_programs_own_reaches_it(ann: Browser) -> None:
    basic = f"Basic {base64.b64encode(b'a:b').decode()}"
    bearer = "Bearer a-token-that-the-hub-does-not-know"
    for given in (basic, bearer):
        assert fields(ann.fetch("x", headers={"Authorization": given}).json(), "authorization") == [given]


def test_what_is_about_one_connection_stays_on_it(script: httpx.Client) -> None:
    headers = {
        "Connection": "keep-alive, x-mine",
        "X-Mine": "1",
        "Keep-Alive": "1",
        "TE": "trailers",
        "X": "2",
    }
    seen = script.get("x", headers=headers).json()
    assert not any(fields(seen, name) for name in ("connection", "x-mine", "keep-alive", "te"))
    assert fields(seen, "x") == ["2"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_methods_and_bodies_arrive(script: httpx.Client, method: str) -> None:
    seen = script.request(method, "x", content=b"the body").json()
    assert (seen["method"], seen["body"]) == (method, "the body")
    assert fields(seen, "content-length") == ["8"]


def test_a_body_in_chunks_arrives_in_chunks(script: httpx.Client) -> None:
    seen = script.post("x", content=iter([b"one ", b"two"])).json()
    assert seen["body"] == "one two"
    assert fields(seen, "transfer-encoding") == ["chunked"]


def test_head_has_the_length_and_no_body(script: httpx.Client) -> None:
    answer = script.head("files/digits.txt")
    assert (answer.headers["Content-Length"], answer.content) == ("10", b"")
    assert script.get("files/digits.txt").text == "0123456789"


def test_a_part_of_a_file_is_served(script: httpx.Client) -> None:
    answer = script.get("files/digits.txt", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.text) == (206, "234")
    assert answer.headers["Content-Range"] == "bytes 2-4/10"


def test_what_did_not_change_is_not_sent_again(script: httpx.Client) -> None:
    first = script.get("files/digits.txt")
    again = script.get("files/digits.txt", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert script.get("files/digits.txt").is_success


def test_an_answer_without_content(script: httpx.Client) -> None:
    assert script.get("nothing").status_code == 204
    assert script.get("x").is_success


@pytest.mark.parametrize("how", ["", "&chunked"])
def test_a_large_download_arrives_whole_and_does_not_fill_the_gate(
    script: httpx.Client, stripped: Session, how: str
) -> None:
    gate, parts = stripped.gate, 100 * MIB // len(PART)
    before, came = gate.memory_info().rss, 0
    with script.stream("GET", f"download?parts={parts}{how}") as answer:
        for part in answer.iter_raw():
            came += len(part)
    assert came == parts * len(PART)
    assert gate.memory_info().rss - before < 4 * MIB


def test_a_large_upload_arrives_whole_and_does_not_fill_the_gate(
    script: httpx.Client, stripped: Session
) -> None:
    gate, parts = stripped.gate, 100 * MIB // len(PART)
    before = gate.memory_info().rss
    told = script.post("upload", content=(PART for _ in range(parts))).json()
    assert told == {"length": parts * len(PART), "sha256": hashlib.sha256(PART * parts).hexdigest()}
    assert gate.memory_info().rss - before < 4 * MIB


async def test_a_slow_reader_does_not_make_the_gate_collect(stripped: Session) -> None:
    gate = stripped.gate
    reader, writer = await asyncio.open_connection("127.0.0.1", stripped.port, limit=2**16)
    before = gate.memory_info().rss
    writer.write(
        f"GET {stripped.prefix}download?parts=1600 HTTP/1.1\r\nHost: a\r\n"
        f"Authorization: token {stripped.token('ann')}\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    with stripped.script("ann") as script:
        # The program has all the time of these to send more than anybody reads.
        for _ in range(20):
            assert script.get("files/digits.txt").is_success
    assert gate.memory_info().rss - before < 4 * MIB
    writer.transport.abort()


def test_an_answer_that_comes_before_the_body_is_not_lost(script: httpx.Client) -> None:
    answer = script.post("refuse", content=(PART for _ in range(1000)))
    assert (answer.status_code, answer.text) == (413, "too much")


async def test_a_client_that_waits_for_leave_to_send_gets_it(stripped: Session) -> None:
    headers = {"Authorization": f"token {stripped.token('ann')}"}
    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.post(f"{stripped.direct}{stripped.prefix}x", data=b"body", expect100=True) as answer,
    ):
        assert (await answer.json())["body"] == "body"


async def test_events_arrive_when_they_are_sent(stripped: Session) -> None:
    headers = {"Authorization": f"token {stripped.token('ann')}"}
    async with (
        aiohttp.ClientSession(stripped.direct + stripped.prefix, headers=headers) as client,
        client.get("events?of=arrivals") as stream,
    ):
        for text in ("data: one\n\n", ": a comment\n\n", "data: two\n\n"):
            async with client.post("next?of=arrivals", data=text) as sent:
                assert sent.ok
            # Nothing more is on the way: a gate that collects would keep this one for ever.
            assert (await stream.content.readany()).decode() == text


async def test_a_client_that_leaves_is_noticed_by_the_program(stripped: Session) -> None:
    gate = stripped.gate
    reader, writer = await asyncio.open_connection("127.0.0.1", stripped.port)
    line = f"GET {stripped.prefix}events?of=nobody HTTP/1.1"
    writer.write(f"{line}\r\nHost: a\r\nAuthorization: token {stripped.token('ann')}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    mine = writer.get_extra_info("sockname")[1]
    open_before = len(gate.net_connections())
    assert any(one.raddr and one.raddr.port == mine for one in gate.net_connections())
    writer.close()
    await writer.wait_closed()
    while len(gate.net_connections()) > open_before - 2:  # noqa: ASYNC110 - the kernel's table has no event
        await asyncio.sleep(0.02)


def test_a_client_of_http_10_is_served(stripped: Session) -> None:
    line = f"GET {stripped.prefix}download?parts=1&chunked HTTP/1.0"
    with socket.create_connection(("127.0.0.1", stripped.port)) as plain:
        plain.sendall(f"{line}\r\nAuthorization: token {stripped.token('ann')}\r\n\r\n".encode())
        with plain.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower()
    assert body == PART


# Redirects and cookies.


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/login?next=/x", "{prefix}login?next=/x"),
        ("login", "login"),
        ("?a=b", "?a=b"),
        ("{prefix}already", "{prefix}already"),
        ("http://127.0.0.1:{port}/x", "{prefix}x"),
        ("http://localhost:{port}/", "{prefix}"),
        ("https://sojourn.test/x#y", "{prefix}x#y"),
        ("https://elsewhere.test/x", "https://elsewhere.test/x"),
        ("//elsewhere.test/x", "//elsewhere.test/x"),
    ],
)
def test_redirects_of_the_program_stay_below_the_prefix(
    ann: Browser, shared_program: Any, given: str, expected: str
) -> None:
    known = {"prefix": ann.session.prefix, "port": shared_program.port}
    answer = ann.fetch("redirect", params={"to": given.format(**known)})
    assert answer.headers["Location"] == expected.format(**known)


def test_a_redirect_to_the_programs_port_comes_back_where_the_prefix_is_kept(
    kept_script: httpx.Client, kept: Session, shared_program: Any
) -> None:
    to = f"http://127.0.0.1:{shared_program.port}{kept.prefix}x"
    assert kept_script.get("redirect", params={"to": to}).headers["Location"] == f"{kept.prefix}x"


@pytest.mark.parametrize("path", ["//elsewhere.test/x", "/%2F/elsewhere.test"])
def test_slashes_at_the_begin_make_no_redirect_elsewhere(ann: Browser, path: str) -> None:
    assert not ann.fetch(path).json()["path"].startswith("//")


def test_cookies_of_the_program_stay_in_its_session(ann: Browser) -> None:
    prefix = ann.session.prefix
    given = [
        *("a=1; Path=/; HttpOnly", "b=2", "c=3; path=/deep/er; Domain=test"),
        *(f"jupyterhub-user-ann-{ann.session.name}=forged; Path=/", "sojourn-login=forged"),
    ]
    answer = ann.fetch("cookie", params=[("set", value) for value in given])
    assert answer.headers.get_list("Set-Cookie") == [
        *(f"a=1; Path={prefix}; HttpOnly", "b=2", f"c=3; Path={prefix}deep/er")
    ]


def test_a_cookie_of_the_program_stays_in_its_session_where_the_prefix_is_kept(
    kept_script: httpx.Client, kept: Session
) -> None:
    given = [("set", "a=1; Path=/"), ("set", f"b=2; Path={kept.prefix}x")]
    answer = kept_script.get("cookie", params=given)
    assert answer.headers.get_list("Set-Cookie") == [f"a=1; Path={kept.prefix}", f"b=2; Path={kept.prefix}x"]


def test_the_program_does_not_speak_for_the_whole_origin(ann: Browser) -> None:
    given = {
        "Clear-Site-Data": '"cookies"',
        "Strict-Transport-Security": "max-age=1",
        "Service-Worker-Allowed": "/",
        "X-Mine": "1",
    }
    headers = ann.fetch("fields", params=given).headers
    assert "Clear-Site-Data" not in headers
    assert "Strict-Transport-Security" not in headers
    assert headers["Service-Worker-Allowed"] == ann.session.prefix
    assert headers["X-Mine"] == "1"


# Other sites.


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        (
            "POST",
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Origin": "https://evil.test"},
        ),
        (
            "POST",
            {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Origin": "https://x.sojourn.test"},
        ),
        ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}),
        ("DELETE", {"Origin": "https://evil.test"}),
        ("POST", {"Origin": "null"}),
        ("POST", {"Origin": "https://sojourn.test:8443"}),
        ("POST", {"Origin": "https://sojourn.test.evil.test"}),
        ("POST", {"Origin": "https://[evil"}),
    ],
)
def test_requests_of_other_sites_pages_are_refused(
    ann: Browser, method: str, headers: dict[str, str]
) -> None:
    cookie = {"Cookie": ann.cookie_header()}
    with httpx.Client(base_url=ann.session.direct, trust_env=False) as http:
        refused = http.request(
            method, f"{ann.session.prefix}x", headers={"Host": "sojourn.test", **headers, **cookie}
        )
    assert refused.status_code == 403
    assert "another site" in refused.text


@pytest.mark.parametrize("origin", [ORIGIN, "https://sojourn.test:443", "https://SOJOURN.test", None])
def test_requests_of_the_own_page_pass_where_the_browser_tells_no_more(
    ann: Browser, origin: str | None
) -> None:
    headers = {
        "Host": "sojourn.test",
        "Cookie": ann.cookie_header(),
        **({"Origin": origin} if origin else {}),
    }
    answer = httpx.post(f"{ann.session.direct}{ann.session.prefix}x", headers=headers, trust_env=False)
    assert answer.status_code == 200


def test_a_link_on_another_site_opens_the_session(ann: Browser) -> None:
    assert ann.open("x", headers={"Sec-Fetch-Site": "cross-site"}).json()["path"] == "/x"


def test_a_script_with_a_token_may_come_from_anywhere(script: httpx.Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.test"}
    assert script.post("x", headers=headers).is_success
