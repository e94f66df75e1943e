import pytest

from sessions_api.kit.errors import Invalid
from sessions_api.repositories import urls
from sessions_api.repositories.urls import ReadingRules

ANYWHERE = ReadingRules()
OWN_COMPUTER = ReadingRules(own_computer=True)


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port"),
    [
        ("https://example.org/a/bar.git", "https", "example.org", 443),
        ("https://example.org:8443/bar", "https", "example.org", 8443),
        ("http://127.0.0.1:5000/bar.git", "http", "127.0.0.1", 5000),
        ("http://[2001:db8::1]/bar.git", "http", "2001:db8::1", 80),
        ("HTTPS://Example.org/bar.git", "https", "example.org", 443),
        ("ssh://git@example.org:2222/bar.git", "ssh", "example.org", 2222),
        ("git@example.org:a/bar.git", "ssh", "example.org", None),
        ("https://example.org/a%20b.git", "https", "example.org", 443),
    ],
)
def test_git_may_be_given(url: str, scheme: str, host: str, port: int | None) -> None:
    address = urls.parse(url, ANYWHERE)

    assert (address.scheme, address.host, address.port) == (scheme, host, port)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://ann:secret@example.org/bar.git", "everyone in the project would see"),
        ("https://token@example.org/bar.git", "everyone in the project would see"),
        ("ssh://ann:secret@example.org/bar.git", "everyone in the project would see"),
        ("file:///etc", "begins with file:"),
        ("FILE:///etc", "begins with file:"),
        ("ext::sh -c touch% /tmp/x", "start a helper (ext::)"),
        ("fd::17", "start a helper (fd::)"),
        ("https::https://example.org/bar", "start a helper (https::)"),
        ("--upload-pack=touch /tmp/x", "begins with a hyphen"),
        ("-oProxyCommand=x", "begins with a hyphen"),
        ("ssh://-oProxyCommand=x/bar", "not a host's name"),
        ("git@-oProxyCommand=x:bar", "not a URL"),
        ("git@example.org:-bar", "not a URL"),
        ("https://example.org/a b.git", "has a space"),
        ("https://example.org/a\nb.git", "control characters"),
        ("https://example.org/a%0ab.git", "control characters"),
        ("https://example.org/\x7f", "control characters"),
        ("/srv/bar.git", "is a path"),
        ("../bar", "not a URL"),
        ("bar", "not a URL"),
        ("git://example.org/bar.git", "scheme, git, is not"),
        ("ftp://example.org/bar.git", "scheme, ftp, is not"),
        ("https:example.org/bar", "not a URL"),
        ("https://", "names no host"),
        ("https://example.org", "no repository on it"),
        ("https://example.org:http/bar", "cannot be read"),
        ("https://exa_mple!/bar", "not a host's name"),
        ("https://bücher.example/bar", "letters beyond ASCII"),
        ("https://example.org/bar.git?token=x", "leave out what follows https://example.org/bar.git"),
        ("https://example.org/bar.git#main", "leave out what follows https://example.org/bar.git"),
        (f"https://example.org/{'a' * 2000}", "2020 characters"),
    ],
)
def test_git_may_not_be_given(url: str, sentence: str) -> None:
    with pytest.raises(Invalid, match="URL") as refused:
        urls.parse(url, ANYWHERE)

    assert sentence in refused.value.detail
    assert [error.field for error in refused.value.errors] == ["url"]


def test_a_refused_password_is_not_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        urls.parse("https://ann:secret@example.org/bar.git", ANYWHERE)

    assert "secret" not in refused.value.body().model_dump_json()
    assert refused.value.errors[0].value == "https://example.org/bar.git"


def test_a_path_is_a_repository_on_ones_own_computer_only() -> None:
    assert urls.parse("/home/ann/my bar", OWN_COMPUTER).scheme == "path"
    with pytest.raises(Invalid):
        urls.parse("/home/ann/my bar", ANYWHERE)


def test_a_file_url_is_answered_with_its_path_on_ones_own_computer() -> None:
    with pytest.raises(Invalid) as refused:
        urls.parse("file:///home/ann/bar", OWN_COMPUTER)

    assert refused.value.errors[0].value == "/home/ann/bar"


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("https://example.org/a/bar.git", "bar"),
        ("https://example.org/a/bar/", "bar"),
        ("git@example.org:bar.git", "bar"),
        ("git@example.org:a/b.c_d-e.git", "b.c_d-e"),
        ("https://example.org/a%20b.git", "a-b"),
        ("https://example.org/.dotfiles", "dotfiles"),
        ("https://example.org/..", "repository"),
        ("https://example.org/日本", "repository"),
        ("https://example.org/café", "cafe"),
        (f"https://example.org/{'a' * 300}", "a" * 100),
    ],
)
def test_the_folder_derives_from_the_last_part(url: str, folder: str) -> None:
    assert urls.derive_folder(url) == folder
