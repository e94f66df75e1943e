from __future__ import annotations

import re
from pathlib import Path

from sessions_api.environments.files.reading import Given, read
from spawner.recipes import Recipe, RunPart
from tests.docs.pages import REPOSITORY, fenced, page

PAGE = "environments.md"


def test_the_folder_that_the_page_describes_is_an_environment(tmp_path: Path) -> None:
    folder = tmp_path / "tides"
    folder.mkdir()
    description, *_ = fenced(page(PAGE), "yaml")
    (folder / "environment.yaml").write_text(description)
    pins = (REPOSITORY / "environments" / "python" / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(pins)
    recipe = Recipe.load(folder)
    assert (recipe.slug, recipe.name, recipe.run.front_end) == ("tides", "Tides", "JupyterLab")


def test_the_images_that_the_page_describes_are_environments(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    _, description, with_front_ends, web_app, _ = fenced(page(PAGE), "yaml")
    (folder / "environment.yaml").write_text(description)
    recipe = Recipe.load(folder)
    assert recipe.image is not None
    assert recipe.image.endswith(recipe.digest)
    (folder / "environment.yaml").write_text(with_front_ends)
    assert [each.name for each in Recipe.load(folder).run.front_ends] == ["VS Code"]
    (folder / "environment.yaml").write_text(web_app)
    (folder / "requirements.txt").write_text("streamlit==1.50.0\n")
    assert Recipe.load(folder).run.gate is not None


async def test_the_file_that_the_page_shows_becomes_the_requirements_that_it_shows() -> None:
    *_, file = fenced(page(PAGE), "yaml")
    [requirements] = fenced(page(PAGE), "text")

    assert (await read(Given(file, "environment.yml"))).requirements == requirements


def test_the_page_names_every_field_of_a_description() -> None:
    named = set(re.findall(r"^\| `([a-z_.]+)` \|", page(PAGE), re.MULTILINE))
    files = {"environment.yaml", "requirements.in", "requirements.txt"}
    run = {f"run.{field}" for field in RunPart.model_fields}
    assert named - files == {"name", "description", "keywords", "image"} | run
