import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_api.registry.challenges import Challenge, read


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        ("", []),
        ("Basic", [("basic", {})]),
        ('Basic realm="a"', [("basic", {"realm": "a"})]),
        (
            'Bearer realm="https://a.example/t",service="r, x",scope="repository:a/b:pull,push"',
            [
                (
                    "bearer",
                    {
                        "realm": "https://a.example/t",
                        "service": "r, x",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        (
            'Basic realm="x", Bearer realm="y" , service=z',
            [("basic", {"realm": "x"}), ("bearer", {"realm": "y", "service": "z"})],
        ),
        ('Negotiate, basic REALM="x"', [("negotiate", {}), ("basic", {"realm": "x"})]),
        ("NTLM TlRMTVNTUA==, Bearer realm=q", [("ntlm", {}), ("bearer", {"realm": "q"})]),
        ('Bearer realm="a\\"b\\\\", error="c"', [("bearer", {"realm": 'a"b\\', "error": "c"})]),
        ('Bearer realm = "x"', [("bearer", {"realm": "x"})]),
        ('Bearer realm="x", realm="y"', [("bearer", {"realm": "x"})]),
        (' , Bearer ,realm="x",', [("bearer", {"realm": "x"})]),
        ('Bearer realm="never ends, service=x', [("bearer", {})]),
        ('Bearer realm="x"service="y"', [("bearer", {})]),
    ],
)
def test_a_header_is_its_challenges(header: str, challenges: list[tuple[str, dict[str, str]]]) -> None:
    assert read(header) == tuple(Challenge(scheme, parameters) for scheme, parameters in challenges)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Bearer", "basic", "X-Own"]),
            st.dictionaries(
                st.sampled_from(["realm", "service", "scope", "charset"]),
                st.text(st.characters(min_codepoint=32, max_codepoint=126)),
                min_size=1,
            ),
        )
    )
)
def test_what_is_quoted_as_it_should_be_is_read_as_it_was(
    challenges: list[tuple[str, dict[str, str]]],
) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    header = ", ".join(
        f"{scheme} " + ",".join(f"{name}={quoted(value)}" for name, value in parameters.items())
        for scheme, parameters in challenges
    )

    assert read(header) == tuple(Challenge(scheme.lower(), parameters) for scheme, parameters in challenges)


@settings(deadline=None)
@given(st.text(st.sampled_from('Bearer Basic realm=",\\ \t;é')))
def test_noise_is_no_failure(header: str) -> None:
    for challenge in read(header):
        assert challenge.scheme
