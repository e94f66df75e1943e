"""Cloning, against a real git server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spawner.cloning.filling import clone, remove_unfinished
from spawner.outcome import Outcome
from spawner.spec import RepositorySpec
from tests.git_server import Fault, GitServer
from tests.spawner.clones import Repository, cloned, git_says, names, refused


async def test_another_branch_than_the_default_one(git: GitServer, bar: Repository, work: Path) -> None:
    commit = git.commit("bar", {"b.txt": "two"}, branch="release/2026-q3")

    outcome = await cloned(bar(ref="release/2026-q3", branch="release/2026-q3", commit=commit), work)

    assert git_says(work / "bar", "rev-parse", "--abbrev-ref", "HEAD@{upstream}") == "origin/release/2026-q3"
    assert outcome == Outcome(detail=f"release/2026-q3 at {commit[:12]}")


async def test_a_tag_stays_detached(git: GitServer, bar: Repository, work: Path) -> None:
    tagged = bar(ref="v1", branch=None)
    git.set_ref("bar", "refs/tags/v1", tagged.commit)
    git.commit("bar", {"a.txt": "two"})

    await cloned(tagged, work)

    assert git_says(work / "bar", "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert (work / "bar" / "a.txt").read_text() == "one"


async def test_a_commit_that_only_its_id_leads_to_is_asked_for_by_id(
    git: GitServer, bar: Repository, work: Path
) -> None:
    first = bar()
    git.set_ref("bar", "refs/pull/1/head", first.commit)
    other = git.commit("bar", {"c.txt": "x"}, branch="other")
    git.set_ref("bar", "refs/heads/main", other)

    await cloned(first, work)

    assert git_says(work / "bar", "rev-parse", "HEAD") == first.commit


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
async def test_something_else_in_the_way_is_left_and_told(bar: Repository, work: Path, kind: str) -> None:
    place = work / "bar"
    if kind == "file":
        place.write_text("mine")
    elif kind == "folder":
        place.mkdir()
        (place / "mine").write_text("mine")
    else:
        place.symlink_to("/nowhere")

    outcome = await cloned(bar(), work)

    assert outcome.state == "warn"
    assert "something else called bar" in outcome.detail
    assert names(work) == ["bar"]


async def test_an_empty_folder_is_filled(bar: Repository, work: Path) -> None:
    (work / "bar").mkdir()
    await cloned(bar(), work)
    assert (work / "bar" / "a.txt").exists()


@pytest.mark.parametrize(
    "failure",
    [
        ("not_found", "clone_not_found", "There is no repository at {url}."),
        ("login", "clone_auth_required", "127.0.0.1 does not hand out bar without a login."),
        ("unavailable", "clone_unreachable", "bar could not be cloned: 127.0.0.1 does not answer."),
        ("hang", "clone_unreachable", "bar could not be cloned: 127.0.0.1 was silent for 1 s."),
        ("stall", "clone_unreachable", "bar could not be cloned: 127.0.0.1 was silent for 1 s."),
        ("moved", "clone_moved", "bar could not be cloned: 127.0.0.1 answers with another address."),
        ("cut", "clone_interrupted", "bar could not be cloned: the connection to 127.0.0.1 broke."),
    ],
)
async def test_a_failure_is_named_and_the_next_try_starts_clean(
    git: GitServer, bar: Repository, work: Path, failure: tuple[Fault, str, str]
) -> None:
    fault, code, sentence = failure
    git.break_with("bar", fault)

    reason = await refused(bar(), work)

    assert (reason.code, reason.sentence) == (code, sentence.format(url=git.url("bar")))
    assert [remedy.label for remedy in reason.remedies][-2:] == ["Retry", "Start without bar"]

    git.break_with("bar", None)
    await cloned(bar(), work)
    assert (work / "bar" / "a.txt").exists()


async def test_a_server_that_is_not_there(bar: Repository, work: Path) -> None:
    reason = await refused(bar(url="http://127.0.0.1:1/bar.git"), work)
    assert reason.code == "clone_unreachable"
    assert "Connection refused" in reason.hint or "Couldn't connect" in reason.hint


async def test_a_host_that_is_reached_a_moment_later(git: GitServer, bar: Repository, work: Path) -> None:
    spec = bar()
    git.__exit__()
    came: list[GitServer] = []

    def log(line: str) -> None:
        if "Failed to connect" in line and not came:
            came.append(GitServer(git.folder, git.server_port).__enter__())

    try:
        await clone(spec, work, log, stall=5)
    finally:
        for server in came:
            server.__exit__()

    assert (work / "bar" / "a.txt").exists()


async def test_a_host_that_nobody_knows(bar: Repository, work: Path) -> None:
    reason = await refused(bar(url="https://git.sojourn.invalid/bar.git"), work)
    assert reason.code == "clone_unreachable"
    assert reason.sentence == "bar could not be cloned: there is no host called git.sojourn.invalid."


class HttpsServer(GitServer):
    """A git server with a certificate of its own, for `localhost`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.certificate, key = folder / "certificate.pem", folder / "key.pem"
        names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
        files = ("-out", str(self.certificate), "-keyout", str(key))
        command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, *files)
        subprocess.run(command, capture_output=True, check=True)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def shutdown_request(self, request: Any) -> None:
        """Ends the connection as TLS has it; else it looks cut."""
        with contextlib.suppress(OSError):
            request.unwrap()
        super().shutdown_request(request)


async def test_a_certificate_is_to_be_one_that_is_trusted(
    bar: Repository, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "https"
    folder.mkdir()
    with HttpsServer(folder) as server:
        url = f"https://localhost:{server.server_port}/bar.git"
        https = bar(url=url, commit=server.create("bar", {"a.txt": "one"}))

        reason = await refused(https, work)
        assert reason.code == "clone_certificate"
        assert reason.sentence == "bar could not be cloned: the certificate of localhost is not trusted."
        assert "certificate" in reason.hint

        monkeypatch.setenv("GIT_SSL_CAINFO", str(server.certificate))
        assert (await cloned(https, work)).state == "done"


async def test_a_work_folder_that_cannot_be_written_to(bar: Repository, work: Path) -> None:
    repository = bar()
    read_only = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(work)]
    mounted = subprocess.run(read_only, capture_output=True, text=True, check=False)  # noqa: ASYNC221
    if mounted.returncode != 0:
        pytest.skip(f"a folder cannot be made read-only here: {mounted.stderr.strip()}")
    try:
        reason = await refused(repository, work)
    finally:
        subprocess.run(["umount", "--lazy", str(work)], check=True)  # noqa: ASYNC221

    assert reason.code == "work_unwritable"
    assert reason.sentence == "bar could not be cloned: /work cannot be written to."
    assert "Read-only file system" in reason.hint


async def test_a_branch_that_is_gone_offers_the_default_one(
    git: GitServer, bar: Repository, work: Path
) -> None:
    git.commit("bar", {"b.txt": "two"}, branch="release/q3")
    gone = bar(ref="release/q3", branch="release/q3", commit=git.head("bar", "release/q3"))
    git.delete_branch("bar", "release/q3")

    reason = await refused(gone, work)

    assert reason.code == "clone_ref_missing"
    assert reason.sentence == "Branch `release/q3` no longer exists in bar."
    assert [(remedy.action, remedy.ref) for remedy in reason.remedies] == [
        ("use_ref", "main"),
        ("start_without", None),
        ("retry", None),
    ]


async def test_a_commit_that_is_gone(bar: Repository, work: Path) -> None:
    reason = await refused(bar(commit="0123456789abcdef" + "0" * 24), work)
    assert reason.code == "clone_commit_missing"
    assert reason.sentence == "Commit 0123456789ab no longer exists in bar."


async def test_a_local_path_is_cloned_and_nothing_else_of_this_computer(
    git: GitServer, bar: Repository, work: Path
) -> None:
    path = git.folder / "bar.git"
    for url in (f"file://{path}", f"ext::git-upload-pack {path}"):
        reason = await refused(bar(url=url), work)
        assert "not allowed" in reason.detail

    await cloned(bar(url=str(path)), work)
    assert (work / "bar" / "a.txt").exists()


async def test_hooks_and_settings_of_this_computer_do_not_reach_a_clone(
    bar: Repository, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, hooks = tmp_path / "home", tmp_path / "hooks"
    for folder in (home, hooks):
        folder.mkdir()
    hook = hooks / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    (home / ".gitconfig").write_text(f"[core]\n hooksPath = {hooks}\n[init]\n templateDir = {hooks}\n")
    monkeypatch.setenv("HOME", str(home))

    await cloned(bar(), work)

    assert not (tmp_path / "ran").exists()
    assert not (work / "bar" / ".git" / "hooks").exists()


async def test_a_half_clone_of_a_killed_hub_is_removed(work: Path) -> None:
    half = work / ".cloning-bar-01234567"
    (half / ".git").mkdir(parents=True)
    (work / "mine").write_text("mine")

    remove_unfinished(work)

    assert names(work) == ["mine"]


async def test_a_cancelled_clone_leaves_nothing(git: GitServer, bar: Repository, work: Path) -> None:
    git.break_with("bar", "hang")
    cloning = asyncio.create_task(clone(bar(), work, print, stall=30))
    while not names(work):  # noqa: ASYNC110 - git tells nobody that it began
        await asyncio.sleep(0.01)

    cloning.cancel()
    await asyncio.wait({cloning})

    assert cloning.cancelled()
    assert names(work) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_full_disk_is_told_with_its_size(git: GitServer, small_disk: Path) -> None:
    commit = git.create("big", {"a.bin": os.urandom(2_000_000)})
    big = RepositorySpec(url=git.url("big"), ref="main", commit=commit, branch="main", folder="big")

    reason = await refused(big, small_disk)

    assert reason.code == "disk_full"
    assert reason.sentence.startswith("/work is full: ")
    assert reason.sentence.endswith(" of 1 MiB were free.")
