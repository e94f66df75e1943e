"""What git, curl and ssh say, where it takes more than a git server to make them say it."""

from __future__ import annotations

import pytest

from spawner.clone_failures import of_git
from spawner.git import GitFailedError

SAID = {
    "clone_out_of_memory": (
        ["error: index-pack died of signal 9", "fatal: index-pack failed"],
        "git was short of memory.",
    ),
    "clone_host_key": (
        ["Host key verification failed.", "fatal: Could not read from remote repository."],
        "the SSH key of example.org is not known here.",
    ),
    "clone_certificate": (
        ["fatal: unable to access 'https://example.org/bar/': SSL certificate problem: it has expired"],
        "the certificate of example.org is not trusted.",
    ),
    "clone_unreachable": (
        [
            "ssh: connect to host example.org port 22: Connection timed out",
            "fatal: Could not read from remote",
        ],
        "example.org does not answer.",
    ),
    "clone_interrupted": (
        ["error: RPC failed; curl 18 transfer closed with outstanding read data remaining"],
        "the connection to example.org broke.",
    ),
}


@pytest.mark.parametrize("code", SAID)
def test_words_become_the_reason_that_they_mean(code: str) -> None:
    lines, ending = SAID[code]

    reason = of_git(GitFailedError(lines), folder="bar", url="ssh://git@example.org/bar")

    assert (reason.code, reason.sentence) == (code, f"bar could not be cloned: {ending}")
    assert reason.detail == "\n".join(lines)
    assert reason.hint


@pytest.mark.parametrize(
    "line",
    [
        "fatal: write error: No space left on device",
        "error: unable to write file data/big.bin",
        "write /work/.git/lfs/tmp/1: no space left on device",
        "fatal: sha1 file '<stdout>' write error: Disk quota exceeded",
    ],
)
def test_a_full_disk_in_the_words_of_git_and_git_lfs(line: str) -> None:
    assert GitFailedError([line]).means_full
    assert not GitFailedError(["fatal: early EOF"]).means_full


def test_an_ssh_repository_that_refuses_has_no_remedy_that_does_not_help() -> None:
    reason = of_git(
        GitFailedError(["git@example.org: Permission denied (publickey)."]),
        folder="bar",
        url="git@example.org:ann/bar",
    )

    assert reason.code == "clone_auth_required"
    assert [remedy.action for remedy in reason.remedies] == ["retry", "start_without"]
