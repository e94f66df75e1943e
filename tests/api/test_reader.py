"""The git reader against a real git server, and the rules that keep it from talking to others."""

import asyncio
import base64
import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from sessions_api.kit import addresses
from sessions_api.kit.errors import Invalid
from sessions_api.kit.sealing import Unopened
from sessions_api.repositories import ls_remote, reader, urls
from sessions_api.repositories.reader import ReadingRules, RepositoryUnresolvedError
from spawner.reasons import Reason, Remedy
from spawner.spec import GitLogin
from tests.git_server import Fault, GitServer

LAPTOP = ReadingRules(own_computer=True, private_addresses=True)
TOKEN = "t0ken"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path) as server:
        yield server


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, timeout=10)


async def _reason(
    url: str,
    ref: str | None = None,
    *,
    rules: ReadingRules = LAPTOP,
    seconds: float = 20,
    login: Callable[[], GitLogin | None] = lambda: None,
) -> Reason:
    with pytest.raises(RepositoryUnresolvedError) as unresolved:
        await reader.resolve(url, ref, folder="bar", rules=rules, seconds=seconds, login=login)
    assert unresolved.value.folder == "bar"
    return unresolved.value.reason


async def test_no_ref_is_the_default_branch(server: GitServer) -> None:
    commit = server.create("bar", {"a": "1"}, branch="trunk")

    found = await reader.resolve(server.url("bar"), None, folder="bar", rules=LAPTOP)

    assert (found.ref, found.commit, found.branch, found.default_branch) == (
        "trunk",
        commit,
        "trunk",
        "trunk",
    )


async def test_a_branch_comes_before_a_tag_of_the_same_name(server: GitServer) -> None:
    first = server.create("bar", {"a": "1"})
    second = server.commit("bar", {"a": "2"}, branch="v1")
    server.set_ref("bar", "refs/tags/v1", first)

    branch = await reader.resolve(server.url("bar"), "v1", folder="bar", rules=LAPTOP)
    tag = await reader.resolve(server.url("bar"), "refs/tags/v1", folder="bar", rules=LAPTOP)

    assert (branch.commit, branch.branch) == (second, "v1")
    assert (tag.commit, tag.branch) == (first, None)


async def test_an_annotated_tag_is_its_commit(server: GitServer, tmp_path: Path) -> None:
    commit = server.create("bar", {"a": "1"})
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    _git(*author, "-C", str(tmp_path / "bar.git"), "tag", "-a", "v1", "-m", "one", commit)

    found = await reader.resolve(server.url("bar"), "v1", folder="bar", rules=LAPTOP)

    assert (found.commit, found.branch) == (commit, None)


async def test_a_whole_commit_id_is_taken_without_asking() -> None:
    commit = "0123456789" * 4

    found = await reader.resolve("https://nowhere.invalid/bar", commit, folder="bar", rules=ReadingRules())

    assert (found.ref, found.commit, found.branch) == (commit, commit, None)


async def test_a_missing_ref_is_answered_with_the_default_branch(server: GitServer) -> None:
    server.create("bar", {"a": "1"})

    reason = await _reason(server.url("bar"), "release/2026-q3")

    assert (reason.code, reason.sentence) == (
        "clone_ref_missing",
        "Branch or tag `release/2026-q3` does not exist in bar.",
    )
    assert [remedy.label for remedy in reason.remedies] == [
        "Use branch main and start",
        "Start without bar",
        "Retry",
    ]
    assert reason.remedies[0].ref == "main"


async def test_a_repository_without_commits_is_said_to_be_so(server: GitServer, tmp_path: Path) -> None:
    _git("init", "--quiet", "--bare", str(tmp_path / "bar.git"))

    reason = await _reason(server.url("bar"))

    assert reason.sentence == "bar has no commit on its default branch."


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("not_found", "clone_not_found"),
        ("login", "clone_auth_required"),
        ("unavailable", "clone_unreachable"),
    ],
)
async def test_what_the_server_answers_becomes_a_reason(server: GitServer, fault: Fault, code: str) -> None:
    server.create("bar", {"a": "1"})
    server.break_with("bar", fault)

    reason = await _reason(server.url("bar"))

    assert reason.code == code
    assert reason.detail.startswith("fatal:")
    assert "Start without bar" in [remedy.label for remedy in reason.remedies]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/bar", "http://nowhere.invalid/bar"])
@pytest.mark.parametrize("rules", [LAPTOP, ReadingRules()])
async def test_a_host_that_is_not_there_is_unreachable(url: str, rules: ReadingRules) -> None:
    assert (await _reason(url, rules=rules)).code == "clone_unreachable"


async def test_a_host_that_never_answers_is_given_up_and_leaves_no_process(server: GitServer) -> None:
    server.create("bar", {"a": "1"})
    server.break_with("bar", "hang")

    reason = await _reason(server.url("bar"), seconds=1)

    assert (reason.code, reason.sentence) == (
        "clone_unreachable",
        "bar could not be cloned: 127.0.0.1 was silent for 1 s.",
    )
    assert not [child for child in psutil.Process().children(recursive=True) if "git" in child.name()]


async def test_a_host_that_says_too_much_is_given_up(
    server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.create("bar", {"a": "1"})
    monkeypatch.setattr(ls_remote, "OUTPUT", 10)

    assert "more than 10 bytes" in (await _reason(server.url("bar"))).detail


async def test_many_repositories_are_read_at_once(server: GitServer) -> None:
    commit = server.create("bar", {"a": "1"})
    url = server.url("bar")

    found = await asyncio.gather(
        *(reader.resolve(url, "main", folder="bar", rules=LAPTOP) for _ in range(12))
    )

    assert {resolved.commit for resolved in found} == {commit}


async def test_a_redirect_is_not_followed_and_its_address_is_said(server: GitServer) -> None:
    server.create("bar", {"a": "1"})
    target = server.url("bar")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(301)
            self.send_header("Location", f"{target}/info/refs?service=git-upload-pack")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as old:
        thread = threading.Thread(target=old.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        reason = await _reason(f"http://127.0.0.1:{old.server_port}/old.git")
        old.shutdown()
        thread.join()

    assert (reason.code, reason.sentence) == ("clone_moved", f"bar has moved to {target}.")


async def test_a_private_address_is_not_talked_to(server: GitServer) -> None:
    server.create("bar", {"a": "1"})

    reason = await _reason(server.url("bar"), rules=ReadingRules())

    assert reason.sentence == "bar could not be cloned: 127.0.0.1 has an address that is not public."


async def test_git_is_held_to_the_addresses_that_were_looked_at(server: GitServer) -> None:
    commit = server.create("bar", {"a": "1"})
    url = server.url("bar").replace("127.0.0.1", "code.invalid")

    listed = await ls_remote.read(url, urls.parse(url, LAPTOP), "main", rules=LAPTOP, pins=("127.0.0.1",))

    assert listed.head == commit


async def test_a_folder_of_ones_own_computer_is_a_repository(server: GitServer, tmp_path: Path) -> None:
    commit = server.create("bar", {"a": "1"})
    path = str(tmp_path / "bar.git")

    found = await reader.resolve(path, "main", folder="bar", rules=LAPTOP)

    assert found.commit == commit
    with pytest.raises(Invalid):
        await reader.resolve(path, "main", folder="bar", rules=ReadingRules())


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:93.184.215.14", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "x"),
    ],
)
def test_any_other_address_is_not(address: str) -> None:
    assert not addresses.is_public(address)


def _login(server: GitServer, token: str = TOKEN) -> GitLogin:
    return GitLogin(host=f"127.0.0.1:{server.server_port}", username="oauth2", token=SecretStr(token))


async def test_a_private_repository_opens_with_a_login_that_no_process_shows(server: GitServer) -> None:
    commit = server.create("bar", {"a": "1"})
    server.make_private("bar", "oauth2", "t0ken")
    shown: list[list[str]] = []
    ended = asyncio.Event()

    async def look() -> None:
        while not ended.is_set():
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    shown.append(process.cmdline())
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    found = await reader.resolve(
        server.url("bar"), "main", folder="bar", rules=LAPTOP, login=lambda: _login(server)
    )
    ended.set()
    await looking

    assert found.commit == commit
    assert set(server.sent) == {"oauth2:t0ken"}
    assert any("ls-remote" in command for command in shown)
    assert not any("t0ken" in argument for command in shown for argument in command)


async def test_a_public_repository_is_not_told_the_login(server: GitServer) -> None:
    server.create("bar", {"a": "1"})

    await reader.resolve(server.url("bar"), "main", folder="bar", rules=LAPTOP, login=lambda: _login(server))

    assert server.sent == []


async def test_without_a_login_a_private_repository_offers_to_add_one(server: GitServer) -> None:
    server.create("bar", {"a": "1"})
    server.make_private("bar", "oauth2", "t0ken")

    reason = await _reason(server.url("bar"))

    assert reason.code == "clone_auth_required"
    assert reason.remedies[0] == Remedy(
        action="git_login", label="Add a git login", host=f"127.0.0.1:{server.server_port}"
    )


async def test_a_login_that_is_refused_is_named_and_its_token_is_not(server: GitServer) -> None:
    server.create("bar", {"a": "1"})
    server.make_private("bar", "oauth2", "t0ken")

    reason = await _reason(server.url("bar"), login=lambda: _login(server, "expired"))

    host = f"127.0.0.1:{server.server_port}"
    assert reason.code == "clone_login_refused"
    assert reason.sentence == f"{host} does not accept the git login of oauth2 for bar."
    assert reason.remedies[0].label == "Change the git login"
    assert "expired" not in reason.detail + str(reason.remedies)


async def test_a_host_that_sends_the_token_back_does_not_get_it_into_the_reason(server: GitServer) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.headers.get("Authorization", "")
            self.send_response(400 if sent else 401)
            self.send_header("WWW-Authenticate", 'Basic realm="tests"')
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            if sent:
                self.wfile.write(base64.b64decode(sent.removeprefix("Basic ")))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as talkative:
        thread = threading.Thread(target=talkative.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        host = f"127.0.0.1:{talkative.server_port}"
        login = GitLogin(host=host, username="oauth2", token=SecretStr("t0ken"))
        reason = await _reason(f"http://{host}/bar", login=lambda: login)
        talkative.shutdown()
        thread.join()

    assert "remote: oauth2:…" in reason.detail
    assert "t0ken" not in str(reason)


async def test_a_login_that_cannot_be_decrypted_is_told_with_what_helps(server: GitServer) -> None:
    def unopened() -> GitLogin:
        raise Unopened("The git login of 127.0.0.1 cannot be opened.", hint="Enter it anew.")

    reason = await _reason(server.url("bar"), login=unopened)

    assert (reason.code, reason.hint) == ("git_login_unopened", "Enter it anew.")
    assert reason.remedies[0].action == "git_login"


async def test_over_http_no_login_is_offered_where_none_would_be_sent(
    server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.create("bar", {"a": "1"})
    server.make_private("bar", "oauth2", "t0ken")

    async def anywhere(_host: str, _port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    monkeypatch.setattr(reader, "allowed_addresses", anywhere)

    reason = await _reason(server.url("bar"), rules=ReadingRules())

    assert reason.hint == "Git logins are sent over https only; write its address with https://."
    assert "git_login" not in [remedy.action for remedy in reason.remedies]
