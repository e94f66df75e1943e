import subprocess

import pytest

from sessions_api.kit.errors import Invalid
from sessions_api.repositories import refs

GOOD = ["main", "release/2026-q3", "v1.2", "a@b", "café", "feature/#12", "refs/heads/main", "a" * 255, "HEAD"]
BAD = [
    *("a b", "a..b", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "a\x00b", "a\nb", "a\x7fb"),
    *("/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "@", "a@{1}"),
]


@pytest.mark.parametrize("ref", GOOD)
def test_a_name_that_git_accepts_is_accepted(ref: str) -> None:
    assert refs.check(ref) == ref
    assert _git_accepts(ref)


@pytest.mark.parametrize("ref", BAD)
def test_a_name_that_git_refuses_is_refused(ref: str) -> None:
    with pytest.raises(Invalid, match="No branch, tag or commit"):
        refs.check(ref)
    if "\x00" not in ref and ref != "@":
        assert not _git_accepts(ref)


@pytest.mark.parametrize("ref", ["", "-b", "--upload-pack=x", "a" * 256])
def test_a_name_that_could_be_an_option_or_has_no_end_is_refused(ref: str) -> None:
    with pytest.raises(Invalid):
        refs.check(ref)


def test_only_a_whole_commit_id_is_one() -> None:
    assert refs.is_commit("0" * 40)
    assert refs.is_commit("f" * 64)
    assert not refs.is_commit("f" * 12)


def _git_accepts(ref: str) -> bool:
    command = ["git", "check-ref-format", f"refs/heads/{ref}"]
    return subprocess.run(command, check=False, timeout=10).returncode == 0
