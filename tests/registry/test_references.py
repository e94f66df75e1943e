"""References are read as Docker and containerd read them: what distribution documents, and any text."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from sessions_api.kit.errors import Invalid
from sessions_api.registry.references import Reference, parse

F64 = "f" * 64
LONG = "_".join(["this_is_a_long_name"] * 13)


def _refused(text: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert [error.field for error in refused.value.errors] == ["image"]
    return refused.value


@pytest.mark.parametrize(
    ("text", "host", "repository", "tag", "digest"),
    [
        ("python", "docker.io", "library/python", "latest", None),
        ("python:3.12", "docker.io", "library/python", "3.12", None),
        ("python:RC-1_x.", "docker.io", "library/python", "RC-1_x.", None),
        ("test.com:5000", "docker.io", "library/test.com", "5000", None),
        ("192.168.0.1", "docker.io", "library/192.168.0.1", "latest", None),
        ("localhost:5000", "docker.io", "library/localhost", "5000", None),
        ("foo_bar.com:8080", "docker.io", "library/foo_bar.com", "8080", None),
        ("test_com/foo", "docker.io", "test_com/foo", "latest", None),
        ("docker/docker", "docker.io", "docker/docker", "latest", None),
        ("library/debian", "docker.io", "library/debian", "latest", None),
        ("docker.io/debian", "docker.io", "library/debian", "latest", None),
        ("index.docker.io/debian", "docker.io", "library/debian", "latest", None),
        ("index.docker.io/fooo/bar:1", "docker.io", "fooo/bar", "1", None),
        ("library/foo/bar", "docker.io", "library/foo/bar", "latest", None),
        (f"docker.io/{'1a3f' * 16}", "docker.io", f"library/{'1a3f' * 16}", "latest", None),
        (f"{'1a3f' * 16}:x", "docker.io", f"library/{'1a3f' * 16}", "x", None),
        ("1a3f" * 15, "docker.io", f"library/{'1a3f' * 15}", "latest", None),
        ("docker---rules/dock__er", "docker.io", "docker---rules/dock__er", "latest", None),
        ("localhost/x", "localhost", "x", "latest", None),
        ("localhost:5000/x:1", "localhost:5000", "x", "1", None),
        ("registry:5000/x", "registry:5000", "x", "latest", None),
        ("ghcr.io/a/b/c:1", "ghcr.io", "a/b/c", "1", None),
        ("test.com/repo:tag", "test.com", "repo", "tag", None),
        (
            "b.gcr.io/test.example.com/my-app:test.example.com",
            "b.gcr.io",
            "test.example.com/my-app",
            "test.example.com",
            None,
        ),
        ("xn--n3h.com:18080/foo", "xn--n3h.com:18080", "foo", "latest", None),
        ("python:3/12", "python:3", "12", "latest", None),
        ("Foo/bar", "Foo", "bar", "latest", None),
        ("FOO.example:5000/bar", "FOO.example:5000", "bar", "latest", None),
        ("127.0.0.1:8/debian", "127.0.0.1:8", "debian", "latest", None),
        ("[fc00::1]:5000/docker/docker", "[fc00::1]:5000", "docker/docker", "latest", None),
        ("[2001:db8:1:2:3:4:5:6]/repo:tag", "[2001:db8:1:2:3:4:5:6]", "repo", "tag", None),
        ("[2001:DB8::]:5000/repo", "[2001:DB8::]:5000", "repo", "latest", None),
        (f"python@sha256:{F64}", "docker.io", "library/python", None, f"sha256:{F64}"),
        (f"repo:tag@sha256:{F64}", "docker.io", "library/repo", "tag", f"sha256:{F64}"),
        (f"test:5000/repo@sha256:{F64}", "test:5000", "repo", None, f"sha256:{F64}"),
        (f"xn--7o8h.com/i:xn@sha512:{F64}{F64}", "xn--7o8h.com", "i", "xn", f"sha512:{F64}{F64}"),
        (f"a.b/c@sha384:{'0' * 96}", "a.b", "c", None, f"sha384:{'0' * 96}"),
        (f"[::1]:5000/r:t@sha256:{F64}", "[::1]:5000", "r", "t", f"sha256:{F64}"),
        (f"python:{'t' * 128}", "docker.io", "library/python", "t" * 128, None),
        (f"a.b/{'a/' * 127}a:tag", "a.b", f"{'a/' * 127}a", "tag", None),
    ],
)
def test_a_reference_is_read(
    text: str, host: str, repository: str, tag: str | None, digest: str | None
) -> None:
    reference = parse(text)

    assert reference == Reference(host, repository, tag, digest)
    assert reference.typed == text


@pytest.mark.parametrize(
    ("text", "canonical", "familiar", "api_host"),
    [
        ("python", "docker.io/library/python:latest", "python:latest", "registry-1.docker.io"),
        ("index.docker.io/a/b:1", "docker.io/a/b:1", "a/b:1", "registry-1.docker.io"),
        ("library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest", "registry-1.docker.io"),
        ("ghcr.io/a/b:1", "ghcr.io/a/b:1", "ghcr.io/a/b:1", "ghcr.io"),
        ("localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest", "localhost:5000"),
        (f"a@sha256:{F64}", f"docker.io/library/a@sha256:{F64}", f"a@sha256:{F64}", "registry-1.docker.io"),
        (
            f"a:1@sha256:{F64}",
            f"docker.io/library/a:1@sha256:{F64}",
            f"a:1@sha256:{F64}",
            "registry-1.docker.io",
        ),
        ("docker.io/a.b/c", "docker.io/a.b/c:latest", "docker.io/a.b/c:latest", "registry-1.docker.io"),
        (
            "docker.io/localhost/c",
            "docker.io/localhost/c:latest",
            "docker.io/localhost/c:latest",
            "registry-1.docker.io",
        ),
        (
            "docker.io/localhost",
            "docker.io/library/localhost:latest",
            "localhost:latest",
            "registry-1.docker.io",
        ),
    ],
)
def test_a_reference_is_written(text: str, canonical: str, familiar: str, api_host: str) -> None:
    reference = parse(text)

    assert (str(reference), reference.familiar, reference.api_host) == (canonical, familiar, api_host)


def test_an_image_is_pinned_without_its_tag() -> None:
    assert parse("python:3").pinned(f"sha256:{F64}") == f"docker.io/library/python@sha256:{F64}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        (":justtag", "ends before it says which image"),
        (f"@sha256:{F64}", "ends before it says which image"),
        ("localhost/", "ends before it says which image"),
        ("ghcr.io/:1", "ends before it says which image"),
        ("1a3f" * 16, "are an image's id"),
        ("docker/Docker", "has upper-case letters; only tags may"),
        ("Uppercase:tag", "has upper-case letters; only tags may"),
        ("test:5000/Uppercase/lowercase:tag", "has upper-case letters; only tags may"),
        ("-docker", "-docker cannot be part of an image's name"),
        ("docker-/docker", "docker- cannot be part of an image's name"),
        ("____/____", "____ cannot be part of an image's name"),
        ("dock..er/docker", "dock..er is not a host's name"),
        ("dock_.er/x", "dock_.er is not a host's name"),
        ("a/dock-.er", "dock-.er cannot be part of an image's name"),
        ("a/b___c", "b___c cannot be part of an image's name"),
        ("aa/asdf$$^/aa", "asdf$$^ cannot be part of an image's name"),
        ("docker///docker", "a slash too many"),
        ("docker/", "a slash too many"),
        ("/docker", "a slash too many"),
        ("a b", "has a space in it"),
        ("pythön", "has letters beyond a to z"),
        ("\u0440ython", "has letters beyond a to z"),
        ("-docker.io/docker/docker", "-docker.io is not a host's name"),
        ("foo_bar.com/x", "foo_bar.com is not a host's name"),
        ("fc00::1:5000/debian", "fc00::1:5000 is not a host's name"),
        ("[fe80::1%eth0]:5000/debian", "[fe80::1%eth0]:5000 is not a host's name"),
        ("[2001:db8:3:4::192.0.2.33]:5000/debian", "is not a host's name"),
        ("[:::]/x", "[:::] is not an IPv6 address"),
        ("[fc00::1]", "registry's address without an image"),
        ("[2001:db8::1]:tag", "registry's address without an image"),
        ("registry:/x", "registry: is not a host's name"),
        ("registry:65536/x", "65536 is not a port"),
        ("user@registry.example/x", "is not a digest"),
        ("python:", "no tag after the colon"),
        ("python:-1", "-1 is not a tag"),
        ("python:.1", ".1 is not a tag"),
        ("python:3:12", "3:12 is not a tag"),
        ("python:3\n", "has spaces around it"),
        (f"python:{'t' * 129}", "The tag has 129 characters"),
        ("python@", "is not a digest"),
        ("python@sha256", "is not a digest"),
        ("python@sha256:", "is not a digest"),
        (f"python@sha256:{'F' * 64}", "is not a digest"),
        (f"python@SHA256:{F64}", "is not a digest"),
        (f"python@sha256:{F64}@sha256:{F64}", "is not a digest"),
        ("repo@sha256:ffff", "The digest has 4 digits; one of sha256 has 64"),
        (f"repo@md5:{'f' * 32}", "The digest's algorithm, md5, is not one of sha256, sha384, sha512"),
        (f"a.b/{'a/' * 128}a:tag", "has 257 characters without its host; 255 is the most"),
        (f"{LONG}/docker", "has 266 characters"),
        ("a" * 249, "has 257 characters"),
        ("hub.docker.com/x", "is a page of Docker Hub"),
        ("HUB.docker.com/x", "is a page of Docker Hub"),
        ("hub.docker.com/r/a/b", "is a page of Docker Hub"),
        ("https://github.com/docker/docker", "begins with https://, which is no part of it"),
        ("a" * 4097, "has 4097 characters"),
    ],
)
def test_what_names_no_image_is_refused(text: str, sentence: str) -> None:
    refused = _refused(text)

    assert sentence in refused.detail
    assert refused.detail.isprintable()


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        (" python:3.12 ", "python:3.12"),
        ("\tpython\n", "python"),
        ("\u00a0python", "python"),
        ("python\u200b", "python"),
        ("'python'", "python"),
        ('"ghcr.io/a/b:1"', "ghcr.io/a/b:1"),
        ("`python`", "python"),
        ("“python”", "python"),
        ("docker pull python", "python"),
        ("$ sudo docker image pull --platform linux/amd64 ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ("podman pull 'docker.io/library/python'", "docker.io/library/python"),
        ("docker://python:3", "python:3"),
        ("https://registry.example:5000/a/b:1", "registry.example:5000/a/b:1"),
        ("oci://ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ("HTTPS://GHCR.io/A/b:V1/", "ghcr.io/a/b:V1"),
        ("Python", "python"),
        ("ghcr.io/Owner/Name:RC1", "ghcr.io/owner/name:RC1"),
        ("Foo/Bar", "foo/bar"),
        (f"python@SHA256:{'F' * 64}", f"python@sha256:{F64}"),
        ("python:", "python"),
        ("python@", "python"),
        ("ghcr.io/a/b/", "ghcr.io/a/b"),
        ("ghcr.io//a/b", "ghcr.io/a/b"),
        ("ghcr.io/a/b?tab=tags", "ghcr.io/a/b"),
        ("https://hub.docker.com/_/python", "python"),
        ("https://hub.docker.com/_/python/tags?name=3", "python"),
        ("https://hub.docker.com/r/jupyter/base-notebook", "jupyter/base-notebook"),
        ("https://hub.docker.com/r/jupyter/base-notebook/tags#x", "jupyter/base-notebook"),
        ("hub.docker.com/r/jupyter/base-notebook/", "jupyter/base-notebook"),
        ("https://hub.docker.com/repository/docker/ann/app/general", "ann/app"),
        (f"https://hub.docker.com/layers/library/python/3.12/images/sha256-{F64}", "python:3.12"),
        ("https://hub.docker.com/layers/ann/app/v1", "ann/app:v1"),
    ],
)
def test_what_may_have_been_meant_is_proposed(text: str, proposal: str) -> None:
    refused = _refused(text)

    assert refused.errors[0].value == proposal
    assert refused.detail.endswith(f" Write it as {proposal}.")
    assert parse(proposal).typed == proposal


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a b",
            "pythön",
            "docker pull",
            "https://",
            "https://hub.docker.com/",
            "https://hub.docker.com/r/x",
        ),
        *("https://hub.docker.com/u/ann", "https://hub.docker.com/_/", "1a3f" * 16, "repo@sha256:ffff", "''"),
    ],
)
def test_where_nothing_can_be_guessed_the_forms_are_told(text: str) -> None:
    refused = _refused(text)

    assert refused.errors[0].value is None
    assert refused.detail.endswith(
        " Write it as registry.example:5000/name@sha256:…, ghcr.io/owner/name:tag or python:3.12."
    )


_PARTS = st.from_regex(r"\A[a-z0-9]{1,6}(([._]|__|-{1,3})[a-z0-9]{1,4}){0,2}\Z")
_LABELS = st.from_regex(r"\A[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?\Z")
_PORTS = st.just("") | st.integers(0, 65535).map(lambda port: f":{port}")
_NAMES = st.lists(_LABELS, min_size=2, max_size=4).map(".".join)
_SIX = st.ip_addresses(v=6).map(lambda address: f"[{address.exploded}]")
_FOUR = st.ip_addresses(v=4).map(str)
_HOSTS = st.builds(str.__add__, _NAMES | _SIX | _FOUR | st.just("localhost"), _PORTS) | st.builds(
    "{}:{}".format, _LABELS, st.integers(0, 65535)
)
_TAGS = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
_DIGESTS = st.sampled_from((("sha256", 64), ("sha384", 96), ("sha512", 128))).flatmap(
    lambda algorithm: st.text("0123456789abcdef", min_size=algorithm[1], max_size=algorithm[1]).map(
        f"{algorithm[0]}:{{}}".format
    )
)
_ON_ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_ON_ANY_MACHINE
@given(
    host=_HOSTS,
    parts=st.lists(_PARTS, min_size=1, max_size=5),
    tag=st.none() | _TAGS,
    digest=st.none() | _DIGESTS,
)
def test_whatever_the_grammar_makes_is_read_back(
    host: str, parts: list[str], tag: str | None, digest: str | None
) -> None:
    assume(host not in {"docker.io", "index.docker.io", "hub.docker.com"})
    path = "/".join(parts)
    text = f"{host}/{path}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"

    reference = parse(text)

    assert reference == Reference(host, path, tag or (None if digest else "latest"), digest)
    assert parse(str(reference)) == parse(reference.familiar) == reference


@_ON_ANY_MACHINE
@given(parts=st.lists(_PARTS, min_size=1, max_size=4), tag=st.none() | _TAGS)
def test_names_of_docker_hub_are_read_back(parts: list[str], tag: str | None) -> None:
    reference = parse(f"docker.io/{'/'.join(parts)}{f':{tag}' if tag else ''}")

    assert parse(str(reference)) == parse(reference.familiar) == reference


_GRAMMAR = re.compile(
    r"(?P<host>(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
    r"(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::(?P<port>[0-9]+))?)/"
    r"(?P<path>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
)


@_ON_ANY_MACHINE
@given(st.text("aB0._-:/[]", max_size=14))
@example("a.B:0/a_0:B")
@example("[a::]:0/a")
@example("a//a")
def test_names_and_tags_are_accepted_exactly_as_the_grammar_has_them(text: str) -> None:
    """The grammar as one expression, as distribution documents it; after the rule for what is a host."""
    first, slash, _ = text.partition("/")
    hosted = slash and (first == "localhost" or "." in first or ":" in first or first.lower() != first)
    whole = text if hosted else f"docker.io/{text}" if slash else f"docker.io/library/{text}"
    found = _GRAMMAR.fullmatch(whole)
    assume(not (found and (found["host"].startswith("[") or int(found["port"] or 0) > 65535)))

    if found is None:
        _refused(text)
    else:
        assert parse(text) == Reference(found["host"], found["path"], found["tag"] or "latest", None)


_NOISE = (
    st.text()
    | st.text("aA0._-:/@[]%?# \"'\\sha256", max_size=4096)
    | st.text(min_size=1, max_size=4).map(lambda text: (text * 4096)[:4096])
)


@_ON_ANY_MACHINE
@given(_NOISE)
@example("docker pull " * 341)
@example("a-" * 2048)
@example("a." * 2047 + "a-/a")
@example("a" * 4095 + "-")
@example("_" * 4096)
@example("a_" * 2047 + "__")
@example("[" + ":" * 4000 + "]/a")
@example("a:" + "9" * 4000 + "/a")
@example("a@" + "a." * 2047)
@example("/" * 4096)
@example("\ud800")
def test_any_text_is_refused_with_a_sentence_or_read_back(text: str) -> None:
    outcome = _outcome(text)

    if isinstance(outcome, Invalid):
        proposal = outcome.errors[0].value
        assert outcome.detail.isprintable()
        assert len(outcome.detail) <= 2 * 4096
        assert proposal is None or parse(proposal).typed == proposal
    else:
        assert outcome.typed == text
        assert parse(str(outcome)) == outcome == replace(outcome, typed="")


def _outcome(text: str) -> Reference | Invalid:
    try:
        return parse(text)
    except Invalid as refused:
        return refused
