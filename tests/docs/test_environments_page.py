from __future__ import annotations

import re
from pathlib import Path

from spawner.recipes import Recipe, RunPart
from tests.docs.pages import REPOSITORY, fenced, page

PAGE = "environments.md"


def test_the_folder_that_the_page_describes_is_an_environment(tmp_path: Path) -> None:
    folder = tmp_path / "tides"
    folder.mkdir()
    [description] = fenced(page(PAGE), "yaml")
    (folder / "environment.yaml").write_text(description)
    pins = (REPOSITORY / "environments" / "python" / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(pins)
    recipe = Recipe.load(folder)
    assert (recipe.slug, recipe.name, recipe.run.front_end) == ("tides", "Tides", "JupyterLab")


def test_the_page_names_every_field_of_a_description() -> None:
    named = set(re.findall(r"^\| `([a-z_.]+)` \|", page(PAGE), re.MULTILINE))
    files = {"environment.yaml", "requirements.in", "requirements.txt"}
    run = {f"run.{field}" for field in RunPart.model_fields}
    assert named - files == {"name", "description", "keywords"} | run
