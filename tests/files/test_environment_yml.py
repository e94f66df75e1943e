from __future__ import annotations

import json
import platform
import sys

import pytest

from tests.files.conftest import FRONT_END, Reader, pins

PYTHON = platform.python_version()
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
CONDA = f"""name: tides
channels: [conda-forge]
dependencies:
  - python={HERE}
  - conda-forge::pip
  - pip:
    - jupyterhub==6.1.1
    - jupyterlab==4.5.0  # the front end
"""


async def test_an_environment_yml_of_pip_parts_only_is_taken(reader: Reader) -> None:
    found = await reader.read(CONDA)

    assert pins(found) == FRONT_END.split()
    assert (found["kind"], found["source"]) == ("environment.yml", "environment.yml")
    assert found["notes"] == [
        "The name in the file was left out: an environment has its own.",
        "The channels were left out: nothing is installed from them.",
    ]


async def test_packages_of_conda_are_all_named_with_the_remedy(reader: Reader) -> None:
    text = CONDA.replace(
        "  - pip:", "  - gdal=3.9\n  - conda-forge::Numpy[version='>=2']\n  - r-base\n  - pip:"
    )
    _, sentence = await reader.refused(text, name="environment.yaml")

    assert sentence == (
        "environment.yaml, dependencies: gdal (line 6), numpy (line 7) and r-base (line 8) are packages of "
        "conda, which is not used here; put what the index of Python packages has below pip:, or use an "
        "image that has them."
    )


@pytest.mark.parametrize(
    "pin",
    [
        *("python", f"python {HERE}", f"python={HERE}.*", f"python={HERE}=*_cpython", "python>=3.10"),
        *(f"python =={platform.python_version()}", "python >=3.10,<4", "python=3", f"python {HERE}.* *_cp"),
    ],
)
async def test_a_python_that_fits_is_taken(reader: Reader, pin: str) -> None:
    await reader.read(CONDA.replace(f"python={HERE}", json.dumps(pin)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            f"python={HERE}",
            "python=3.8",
            f"line 4, dependencies: it wants Python =3.8, and sessions here have Python {PYTHON}",
        ),
        (f"python={HERE}", "python<3", "it wants Python <3"),
        (f"python={HERE}", "python=new", "python=new names no versions"),
        (f"python={HERE}", "'?'", "? is no package; write it like python=3.11"),
        ("jupyterhub==6.1.1", "-r requirements.txt", "line 7, pip: -r includes another file"),
        ("jupyterhub==6.1.1", "[a]", "line 7, pip: this is no package"),
        ("- pip:", "- npm:", "only pip: may have a list"),
        ("channels: [conda-forge]", "name: again", "line 2: it says name twice"),
        ("channels: [conda-forge]", "channels: &all [conda-forge]", "line 2: it has an anchor or alias"),
        ("channels: [conda-forge]", "channels: *all", "line 2: it has an anchor or alias"),
        ("channels: [conda-forge]", "channels: " + "[" * 50_000, "line 2: it is nested deeper"),
        ("channels: [conda-forge]", "channels: [", "this is no YAML"),
        ("channels: [conda-forge]", "channels: a\u0000", "this is no YAML"),
        ("dependencies:", "dependents:", "dependencies: there are none"),
        (CONDA, "- a", "it has no fields"),
        (CONDA, "dependencies: 1", "this is no list"),
        (CONDA, "dependencies: [python]", "lists no package for this computer"),
    ],
)
async def test_an_environment_yml_that_is_not_taken_is_refused_in_words(
    reader: Reader, old: str, new: str, words: str
) -> None:
    _, sentence = await reader.refused(CONDA.replace(old, new), kind="environment.yml")

    assert words in sentence
