from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from spawner.recipes import DESCRIPTION, REQUIREMENTS, Recipe, RecipeError, load_all

RECIPES = Path(__file__).parents[2] / "environments"
DIGEST = "sha256:94c54644e01edccb9d2a052d1327d022d5d5196a70ac15f566ff70222f2c2a60"
"""Of JupyterLab 4.5.0 as the first release ran it."""


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
        ("port: 8888", "port: 8888\n  uid: 0", "run.uid: Input should be greater than or equal to 1."),
        (
            "default_url: /lab",
            "default_url: lab",
            "run.default_url: This is no path: lab; write it like /lab",
        ),
        ("command: [jupyterhub-singleuser]", "command: []", "run.command: say what starts it"),
        ("keywords: [python", "keywords: [Python 3", "keywords.0: String should match pattern"),
        ("keywords: [python", "keywords: [python, [", "line "),
    ],
)
def test_a_wrong_field_is_named_with_its_file(folder: Path, old: str, new: str, said: str) -> None:
    edit(folder / DESCRIPTION, old, new)
    with pytest.raises(RecipeError) as refused:
        Recipe.load(folder)
    assert str(refused.value).startswith(f"{folder / DESCRIPTION}: {said}")


IMAGE = f"registry.test:5000/team/lab:4@sha256:{'a' * 64}"


def image(folder: Path, **changes: object) -> Path:
    """A folder with nothing but an `environment.yaml` that names an image."""
    content = yaml.safe_load((folder / DESCRIPTION).read_text()) | {"image": IMAGE} | changes
    made = folder.with_name("image")
    made.mkdir()
    (made / DESCRIPTION).write_text(yaml.safe_dump(content))
    return made


def test_an_image_needs_no_requirements(folder: Path) -> None:
    run = {
        "front_end": "VS Code",
        "default_url": "/",
        "port": 8443,
        "arguments": ["--auth", "none"],
        "gate": {"prefix": "keep", "ready_path": "/healthz"},
        "uid": 1001,
        "working_folder": "/work/project",
        "read_only_root": True,
    }

    recipe = Recipe.load(image(folder, run=run))

    assert (recipe.image, recipe.digest, recipe.requirements) == (IMAGE, f"sha256:{'a' * 64}", "")
    assert (recipe.run.command, recipe.run.arguments) == ((), ("--auth", "none"))
    assert recipe.run.gate is not None
    assert recipe.run.gate.model_dump() == {"prefix": "keep", "ready_path": "/healthz"}
    assert (recipe.run.uid, recipe.run.gid, recipe.run.read_only_root) == (1001, 100, True)


def test_an_image_may_have_front_ends_besides_its_own(folder: Path) -> None:
    code = {
        "name": "VS Code",
        "command": ["code-server"],
        "default_url": "/",
        "port": 8080,
        "gate": {"ready_path": "/healthz"},
    }
    run = {"front_end": "JupyterLab", "default_url": "/lab", "port": 8888, "front_ends": [code]}

    [found] = Recipe.load(image(folder, run=run)).run.front_ends

    assert (found.name, found.command, found.port) == ("VS Code", ("code-server",), 8080)
    assert found.gate is not None
    assert (found.gate.prefix, found.gate.ready_path) == ("strip", "/healthz")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Notebook", "run.front_ends.0.command: say what starts it"),
        (
            "jupyterlab",
            "run.front_ends: The front end jupyterlab is there twice; give each a name of its own.",
        ),
    ],
)
def test_a_wrong_front_end_of_packages_is_named(folder: Path, name: str, said: str) -> None:
    other = f"port: 8888\n  front_ends: [{{name: {name}, default_url: /tree, port: 8888}}]"
    edit(folder / DESCRIPTION, "port: 8888", other)
    with pytest.raises(RecipeError) as refused:
        Recipe.load(folder)
    assert str(refused.value).startswith(f"{folder / DESCRIPTION}: {said}")


def test_an_image_may_say_what_is_in_it(folder: Path) -> None:
    made = image(folder)
    shutil.copy(folder / REQUIREMENTS, made)

    recipe = Recipe.load(made)

    assert recipe.requirements == Recipe.load(folder).requirements
    assert recipe.digest == f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    "reference",
    [
        "jupyter/base-notebook",
        "jupyter/base-notebook:latest",
        "registry.test:5000/x:1@sha256:abc",
        f"/x@sha256:{'a' * 64}",
        f"x y@sha256:{'a' * 64}",
    ],
)
def test_an_image_that_is_not_pinned_is_refused_with_the_way_to_pin_it(folder: Path, reference: str) -> None:
    with pytest.raises(
        RecipeError, match="pin it as REPOSITORY@sha256:DIGEST, with the digest that"
    ) as refused:
        Recipe.load(image(folder, image=reference))
    assert reference in str(refused.value)


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ({"prefix": "cut"}, "run.gate.prefix: Input should be 'strip' or 'keep'"),
        ({"ready_path": "healthz"}, "run.gate.ready_path: String should match pattern"),
    ],
)
def test_a_wrong_gate_is_named(folder: Path, gate: dict[str, str], said: str) -> None:
    run = {"front_end": "X", "default_url": "/", "port": 8443, "gate": gate}
    with pytest.raises(RecipeError) as refused:
        Recipe.load(image(folder, run=run))
    assert said in str(refused.value)


def test_what_recipes_learned_later_leaves_digests_as_they_were(folder: Path) -> None:
    (folder / REQUIREMENTS).write_text("jupyterlab==4.5.0\n")
    assert Recipe.load(folder).digest == DIGEST


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
