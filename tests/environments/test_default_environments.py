from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from uv import find_uv_bin

from spawner.environments import ensure
from spawner.recipes import Recipe
from spawner.spec import EnvironmentSpec

Describe = Callable[[str, str], EnvironmentSpec]

RECIPES = Path(__file__).parents[2] / "environments"
STACK = "import numpy, pandas, matplotlib.pyplot, scipy.stats, sklearn.linear_model; print('works')"


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("environment", ["minimal", "python"])
def test_every_pin_is_there_as_a_wheel_and_what_people_edit_is_met(
    environment: str, python: str, tmp_path: Path
) -> None:
    folder = RECIPES / environment
    requirements = folder / "requirements.txt"
    compiled = subprocess.run(
        [
            *(find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--no-annotate"),
            *("--python", sys.executable, "--python-version", python, "--only-binary", ":all:"),
            *("--constraints", requirements),
            *(folder / "requirements.in", "--output-file", tmp_path / "compiled.txt"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert compiled.returncode == 0, compiled.stderr
    pinned = {line.split(" ;")[0] for line in Recipe.load(folder).requirements.splitlines()}
    assert set((tmp_path / "compiled.txt").read_text().split()) <= pinned


@pytest.mark.slow
def test_the_python_environment_has_the_scientific_stack(shared_cache: Path, describe: Describe) -> None:
    recipe = Recipe.load(RECIPES / "python")
    built = ensure(describe(recipe.name, recipe.requirements), shared_cache, lambda _: None)
    venv = asyncio.run(built)
    said = subprocess.run([venv / "bin" / "python", "-c", STACK], check=True, capture_output=True, text=True)
    assert said.stdout == "works\n"
