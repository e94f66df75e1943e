from __future__ import annotations

from pathlib import Path

import pytest
import typer

from sojourn.cli.arguments import folder_at, limit, local_path, repository_at, variable


@pytest.mark.parametrize(
    ("text", "url", "ref"),
    [
        ("https://host/a/b.git", "https://host/a/b.git", None),
        ("https://host/a/b.git@main", "https://host/a/b.git", "main"),
        ("https://host/a/b@release/2026-q3", "https://host/a/b", "release/2026-q3"),
        ("https://host/a/b.git@v1@rc", "https://host/a/b.git", "v1@rc"),
        ("https://user@host/a/b", "https://user@host/a/b", None),
        ("https://user:word@host:8443/a/b@v1", "https://user:word@host:8443/a/b", "v1"),
        ("https://host/@scope/b", "https://host/@scope/b", None),
        ("https://host/@scope/b@feature/x", "https://host/@scope/b", "feature/x"),
        ("ssh://git@host/a/b.git@v1", "ssh://git@host/a/b.git", "v1"),
        ("git@host:a/b.git", "git@host:a/b.git", None),
        ("git@host:b", "git@host:b", None),
        ("git@host:b@v1", "git@host:b", "v1"),
        ("git@host:a/b.git@release/1", "git@host:a/b.git", "release/1"),
        ("/home/me@work/b", "/home/me@work/b", None),
        ("/home/me@work/b@v1", "/home/me@work/b", "v1"),
        ("/home/me/b.git@release/1", "/home/me/b.git", "release/1"),
    ],
)
def test_a_ref_begins_at_the_at_sign_that_is_not_the_address_s_own(
    text: str, url: str, ref: str | None
) -> None:
    assert repository_at(text) == (url, ref)


@pytest.mark.parametrize("text", ["https://host/a/b@", "git@host:a/b.git@", "/home/me/b@"])
def test_an_at_sign_without_a_ref_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="names no branch"):
        repository_at(text)


def test_a_relative_path_is_of_the_folder_one_stands_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert repository_at("./b@v1") == (str(tmp_path / "b"), "v1")
    assert local_path(".") == str(tmp_path)
    assert local_path("~/b") == str(Path.home() / "b")
    assert local_path(".hidden") == ".hidden"


def test_a_folder_may_have_a_ref() -> None:
    assert folder_at("demo") == ("demo", None)
    assert folder_at("demo@release/1@x") == ("demo", "release/1@x")
    with pytest.raises(typer.BadParameter, match="names no branch"):
        folder_at("demo@")


def test_a_variable_s_value_may_have_equals_signs() -> None:
    assert variable("A=b=c") == ("A", "b=c")
    assert variable("A=") == ("A", "")
    with pytest.raises(typer.BadParameter, match="NAME=VALUE"):
        variable("A")


def test_a_limit_is_a_number_or_none() -> None:
    assert limit("0.5") == 0.5
    assert limit("none") is None
    with pytest.raises(typer.BadParameter, match="no number"):
        limit("two")
