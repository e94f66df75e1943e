"""Whatever a file has in it, it is read or refused in words."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from sessions_api.environments.files import conda, lines, pyproject
from sessions_api.environments.files.model import Kind, Listed, Place
from sessions_api.kit.errors import Invalid

PIECES = st.sampled_from(
    [
        *(
            "\n",
            "\n  - ",
            "\n- ",
            ": ",
            " ",
            "[",
            "]",
            "{",
            "}",
            '"',
            "'",
            "#",
            "\\",
            "&a",
            "*a",
            "!!python",
            "|",
        ),
        *(
            "dependencies",
            "pip",
            "name",
            "python",
            "channels",
            "=",
            "==",
            ">=3",
            "3.11",
            "*",
            ",",
            "@ ",
            "://",
        ),
        *(
            "[project]",
            "[project.optional-dependencies]\n",
            "[dependency-groups]\n",
            "include-group = ",
            "a.b",
        ),
        *(
            "numpy",
            "; ",
            "sys_platform",
            "extra",
            "python_version < ",
            "'3'",
            "(",
            ")",
            "-r ",
            "--hash=a",
            "\0",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))


def listed(kind: Kind, text: str) -> Listed:
    place = Place(kind.value)
    match kind:
        case Kind.REQUIREMENTS:
            return lines.read(lines.text_lines(text), place)
        case Kind.PYPROJECT:
            return pyproject.listed(pyproject.load(text, place, extras=(), groups=()))
        case Kind.CONDA:
            return conda.listed(text, place)


def outcome(kind: Kind, text: str) -> tuple[Listed, str]:
    try:
        return listed(kind, text), "It was read."
    except Invalid as error:
        return Listed(()), error.detail


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(list(Kind)), text=TEXTS, begun=st.booleans())
def test_whatever_the_text_it_is_read_or_refused(kind: Kind, text: str, *, begun: bool) -> None:
    begins = {
        Kind.REQUIREMENTS: "numpy",
        Kind.PYPROJECT: '[project]\nname = "a"\ndependencies = ["',
        Kind.CONDA: "dependencies:\n- pip:\n  - ",
    }
    found, said = outcome(kind, f"{begins[kind]}{text}" if begun else text)
    assert said.isprintable()
    assert said.endswith(".")
    for each in found.requirements:
        assert (each.url, each.marker) == (None, None)
        assert str(Requirement(str(each))) == str(each)
        assert str(each).isprintable()
