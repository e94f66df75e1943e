from __future__ import annotations

import platform
from typing import Any

import pytest

from tests.files.conftest import FRONT_END, Reader, pins

PYTHON = platform.python_version()
PROJECT = """
[project]
name = "Tidal_Tools"
requires-python = ">=3.11"
dependencies = [
  "jupyterhub==6.1.1",
  "jupyterlab==4.5.0",
  "appnope==1.0 ; sys_platform == 'none'",
]
[project.optional-dependencies]
plot = ["matplotlib==3.10.0"]
all = ["tidal-tools[plot]", "Tidal.Tools[all]"]
[dependency-groups]
docs = ["sphinx==8.1.3", {include-group = "base"}]
base = ["six==1.17.0", {include-group = "docs"}]
wrong = [{include-group = "none"}]
other = ["numpy @ https://example.test/n.whl", "pip==24.0"]
"""


async def test_a_pyproject_brings_its_dependencies_and_the_extras_and_groups_that_are_wanted(
    reader: Reader,
) -> None:
    plain = await reader.read(PROJECT, name="pyproject.toml")
    more = await reader.read(PROJECT, extras=["all"], groups=["Docs"])

    assert pins(plain) == FRONT_END.split()
    assert plain["source"] == "pyproject.toml"
    assert set(pins(more)) == {
        *FRONT_END.split(),
        *("matplotlib==3.10.0", "six==1.17.0", "sphinx==8.1.3"),
    }
    assert (more["kind"], more["source"]) == ("pyproject.toml", "pyproject.toml; extra all; group Docs")


@pytest.mark.parametrize(
    ("text", "more", "field", "words"),
    [
        (PROJECT, {"extras": ["none"]}, "extras", "no extra none; it has all, plot."),
        (PROJECT, {"groups": ["none"]}, "groups", "no group none; it has base, docs, other, wrong."),
        (
            PROJECT,
            {"groups": ["wrong"]},
            "text",
            "dependency-groups.wrong: there is no group none to include",
        ),
        (PROJECT, {"groups": ["other"]}, "text", "line 17, dependency-groups.other: numpy @ https"),
        ("[project", {}, "text", "no TOML: Expected ']' at the end of a table declaration (at end"),
        ("[tool.poetry]", {}, "text", "poetry export"),
        ("[tool.ruff]", {}, "text", "it has no [project]"),
        ("a = 1\n[project]\ndynamic = ['dependencies']", {}, "text", "line 3, project.dynamic: its depend"),
        (
            "[project]\nrequires-python = '<3.9'",
            {},
            "text",
            f"line 2, project.requires-python: it wants Python <3.9, and sessions here have Python {PYTHON}",
        ),
        ("[project]\nrequires-python = 'any'", {}, "text", "any names no versions; write it like >=3.11"),
        ("[project]\nrequires-python = 3", {}, "text", "3 names no versions"),
        ("[project]\ndependencies = 'numpy'", {}, "text", 'write it like ["numpy>=2"]'),
        ("[project]\ndependencies = [1]", {}, "text", '1 is no dependency; write it like "numpy>=2"'),
        ("[project]\ndependencies = [{include-group='a'}]", {}, "text", "is no dependency"),
        ("[project]\noptional-dependencies = 1", {}, "text", "optional-dependencies is no table"),
        ("tool = 1\n[project]", {}, "text", "tool is no table"),
        (
            "[project]\ndependencies = ['Tor.ch']\n[tool.uv.sources]\ntor-ch = {path = '../x'}",
            {},
            "text",
            "line 2, project.dependencies: Tor.ch comes from elsewhere",
        ),
        ("[project]\na = " + "[" * 100_000, {}, "text", "nested too deep"),
        ("[project]\n" + "a." * 20_000 + "a = 1", {}, "text", "line 2: there are more than 250 dots"),
    ],
)
async def test_a_pyproject_that_is_not_taken_is_refused_in_words(
    reader: Reader, text: str, more: dict[str, Any], field: str, words: str
) -> None:
    found, sentence = await reader.refused(text, name="pyproject.toml", **more)

    assert found == field
    assert words in sentence


HASH = f"sha256:{'a' * 64}"
LOCK = """version = 1
requires-python = ">=3.11"
[[package]]
name = "tidal-tools"
source = { virtual = "." }
dependencies = [
    { name = "jupyterhub" },
    { name = "jupyterlab" },
    { name = "appnope", marker = "sys_platform == 'none'" },
]
[package.optional-dependencies]
plot = [{ name = "matplotlib" }]
""" + "".join(
    f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
    'source = { registry = "https://index.test/simple" }\n'
    f'wheels = [{{ url = "https://index.test/{name}-{version}-py3-none-any.whl", hash = "{HASH}" }}]\n'
    for name, version in (
        ("jupyterhub", "6.1.1"),
        ("jupyterlab", "4.5.0"),
        ("appnope", "1.0"),
        ("matplotlib", "3.10.1"),
    )
)


OF_GIT = f"""
[[package]]
name = "extra-tide"
version = "1.0"
source = {{ git = "https://git.test/x.git?rev=1#{"a" * 40}" }}
"""


async def test_a_lock_beside_a_pyproject_pins_it(reader: Reader) -> None:
    text = PROJECT.replace("lab==4.5.0", "lab").replace("lib==3.10.0", "lib>=3")
    found = await reader.read(text, lock=LOCK, extras=["plot"])

    assert pins(found) == [*FRONT_END.split(), "matplotlib==3.10.1"]
    assert found["source"] == "pyproject.toml and uv.lock; extra plot"


@pytest.mark.parametrize(
    ("text", "lock", "words"),
    [
        (PROJECT.replace("4.5.0", "4.4.0"), LOCK, "uv.lock: it does not have jupyterlab==4.4.0"),
        (PROJECT.replace("Tidal_Tools", "surge"), LOCK, "make it anew with `uv lock`"),
        (PROJECT.replace("Tidal_Tools", "a b"), LOCK, "no name that can be found in uv.lock"),
        (PROJECT, "garbage", "uv.lock: it cannot be read: Failed to parse"),
        (
            PROJECT,
            LOCK.replace('{ name = "jupyterlab" },', '{ name = "extra-tide" },') + OF_GIT,
            "packages are taken by their names only",
        ),
    ],
)
async def test_a_lock_that_does_not_fit_is_refused(reader: Reader, text: str, lock: str, words: str) -> None:
    _, sentence = await reader.refused(text, lock=lock, name="pyproject.toml")

    assert words in sentence


async def test_only_a_pyproject_has_a_lock_extras_and_groups(reader: Reader) -> None:
    assert (await reader.refused(FRONT_END, lock=LOCK))[0] == "lock"
    assert (await reader.refused(FRONT_END, extras=["a"]))[0] == "extras"
    assert (await reader.refused(FRONT_END, groups=["a"]))[0] == "groups"
    assert "belongs to a pyproject.toml" in (await reader.refused(LOCK, name="uv.lock"))[1]
