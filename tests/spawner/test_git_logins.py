"""git itself, asked what it would log in with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from spawner import git_logins
from spawner.spec import GitLogin, RepositorySpec

TOKEN = "t0ken'\"$HOME `id` %s\\"
LOGIN = GitLogin(host="code.example.org:8443", username="oauth2", token=SecretStr(TOKEN))
URL = "https://code.example.org:8443/team/bar.git"


def filled(url: str, *settings: str, **variables: str) -> dict[str, str]:
    """The login that git would use for a URL."""
    own = {"PATH": os.environ["PATH"], "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *settings, "credential", "fill"],
        input=f"url={url}\n\n",
        env={**own, "GIT_CONFIG_GLOBAL": os.devnull, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def repository(url: str, credential: str | None) -> RepositorySpec:
    return RepositorySpec(
        url=url, ref="main", commit="0" * 40, branch="main", folder="bar", credential=credential
    )


def test_a_command_logs_in_at_its_own_host_with_no_secret_among_its_arguments() -> None:
    access = git_logins.for_command(URL, LOGIN)

    found = filled(URL, "-c", "credential.helper=", *access.settings, **access.variables)

    assert (found["username"], found["password"]) == ("oauth2", TOKEN)
    assert not any(TOKEN in setting for setting in access.settings)


@pytest.mark.parametrize(
    "other",
    [
        "https://code.example.org/team/bar.git",
        "http://code.example.org:8443/team/bar.git",
        "https://example.org:8443/team/bar.git",
        "https://code.example.org.evil.example:8443/team/bar.git",
    ],
)
def test_no_other_host_is_told_the_login(other: str) -> None:
    access = git_logins.for_command(URL, LOGIN)

    assert filled(other, *access.settings, **access.variables) == {}
    assert git_logins.for_command(other.replace("http:", "https:") + "/x", None) == ((), {})


def test_a_login_of_another_host_is_no_access() -> None:
    assert git_logins.for_command("https://example.org/bar.git", LOGIN) == git_logins.GitAccess()


def test_git_in_a_session_logs_in_with_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    name = git_logins.credential(LOGIN.host)
    (folder / name).write_text(git_logins.as_file(LOGIN))
    public = repository("https://example.org/foo.git", None)

    variables = git_logins.for_session([repository(URL, name), repository(URL, name), public], str(folder))

    assert variables["GIT_CONFIG_COUNT"] == "1"
    assert filled(URL, **variables)["password"] == TOKEN
    assert filled("https://example.org/foo.git", **variables) == {}
    assert not any(TOKEN in value for value in variables.values())
    assert git_logins.for_session([public], str(folder)) == {}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.org/bar", "example.org"),
        ("https://example.org:443/bar", "example.org"),
        ("http://example.org:80/bar", "example.org"),
        ("https://example.org:80/bar", "example.org:80"),
        ("http://[::1]:8080/bar", "[::1]:8080"),
        ("git@example.org:bar", None),
        ("ssh://git@example.org/bar", None),
        ("/home/ann/bar", None),
    ],
)
def test_the_host_of_a_url_is_as_logins_name_it(url: str, host: str | None) -> None:
    assert git_logins.host_of(url) == host


def test_what_a_run_calls_a_login_is_a_name_of_a_file_and_different_for_different_hosts() -> None:
    names = [git_logins.credential(host) for host in ("a.org", "a.org:80", "a.org-80", "[::1]:80")]

    assert names == ["a.org", "a.org_80", "a.org-80", "___1__80"]


def test_what_a_host_sends_back_of_a_login_is_taken_out() -> None:
    said = f"You sent {TOKEN}, b2F1dGgyOnQwa2VuJyIkSE9NRSBgaWRgICVzXA=="

    assert git_logins.without_token(said, LOGIN) == "You sent …, …"
    assert git_logins.without_token(said, None) == said
