from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spawner.recipes import DESCRIPTION, REQUIREMENTS, Recipe, RecipeError, load_all

RECIPES = Path(__file__).parents[2] / "environments"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RECIPES / "minimal", tmp_path / "minimal"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_default_environments_load() -> None:
    recipes = load_all(RECIPES)
    assert [recipe.slug for recipe in recipes] == ["minimal", "python"]
    assert all(recipe.run.front_end == "JupyterLab" for recipe in recipes)


def test_the_python_environment_installs_what_the_minimal_one_does_and_more() -> None:
    minimal, python = (set(recipe.requirements.splitlines()) for recipe in load_all(RECIPES))
    assert minimal < python


def test_words_and_comments_do_not_change_the_digest(folder: Path) -> None:
    before = Recipe.load(folder).digest
    edit(folder / DESCRIPTION, "name: Minimal", "name: Smallest")
    edit(folder / REQUIREMENTS, "# This file", "# The file")
    assert Recipe.load(folder).digest == before


def test_another_command_is_another_digest(folder: Path) -> None:
    before = Recipe.load(folder).digest
    edit(folder / DESCRIPTION, "[jupyterhub-singleuser]", "[jupyterhub-singleuser, --debug]")
    assert Recipe.load(folder).digest != before


def test_another_pin_is_another_digest(folder: Path) -> None:
    before = Recipe.load(folder).digest
    edit(folder / REQUIREMENTS, "wcwidth==", "wcwidth==9")
    assert Recipe.load(folder).digest != before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: Minimal\n", "", "name: Field required."),
        ("port: 8888", "port: 80", "run.port: Input should be greater than or equal to 1024."),
        ("port: 8888", "prot: 8888", "run.port: Field required."),
        ("port: 8888", "port: 8888\n  uid: 0", "run.uid: Extra inputs are not permitted."),
        ("default_url: /lab", "default_url: lab", "run.default_url: String should match pattern"),
        ("command: [jupyterhub-singleuser]", "command: []", "run.command: Tuple should have at least 1 item"),
        ("keywords: [python", "keywords: [Python 3", "keywords.0: String should match pattern"),
        ("keywords: [python", "keywords: [python, [", "line "),
    ],
)
def test_a_wrong_field_is_named_with_its_file(folder: Path, old: str, new: str, said: str) -> None:
    edit(folder / DESCRIPTION, old, new)
    with pytest.raises(RecipeError) as refused:
        Recipe.load(folder)
    assert str(refused.value).startswith(f"{folder / DESCRIPTION}: {said}")


def test_a_package_without_a_pin_is_refused(folder: Path) -> None:
    edit(folder / REQUIREMENTS, "wcwidth==", "wcwidth>=")
    with pytest.raises(RecipeError, match=r"requirements\.txt: `wcwidth>=.*` is not pinned to one version"):
        Recipe.load(folder)


def test_a_missing_requirements_file_is_named(folder: Path) -> None:
    (folder / REQUIREMENTS).unlink()
    with pytest.raises(RecipeError, match=r"requirements\.txt: No such file or directory\."):
        Recipe.load(folder)


def test_requirements_without_a_package_are_refused(folder: Path) -> None:
    (folder / REQUIREMENTS).write_text("# nothing yet\n")
    with pytest.raises(RecipeError, match="it names no package"):
        Recipe.load(folder)


def test_a_folder_that_is_no_slug_is_refused(folder: Path) -> None:
    renamed = folder.rename(folder.with_name("My Environment"))
    with pytest.raises(RecipeError, match="the folder's name is the environment's slug"):
        Recipe.load(renamed)


def test_a_folder_without_recipes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no folder with environment\.yaml in it"):
        load_all(tmp_path)
