"""The environments of the sample data. All but those that are to fail install what `minimal` does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spawner.recipes import Recipe

MINIMAL = Recipe.load(Path(__file__).parents[2] / "environments" / "minimal")
_CRASHING = (
    "print('Reading settings.toml', flush=True)\n"
    "raise SystemExit('error: settings.toml, line 14: `refresh` is not a number of seconds')"
)


def generations() -> tuple[list[Recipe], ...]:
    """Environments besides those that come with Sojourn: first, second and newest versions."""
    geodesy = {
        "slug": "geodesy",
        "name": "Geodesy",
        "description": "JupyterLab with projections, rasters and vector formats for surveys.",
        "keywords": ("python", "jupyterlab", "rasters", "projections"),
    }
    reports = {
        "slug": "reports",
        "name": "Reports",
        "description": "JupyterLab with what turns notebooks into documents.",
        "keywords": ("python", "jupyterlab", "documents"),
    }
    training = {
        "slug": "training",
        "name": "Model training",
        "description": "JupyterLab for models that learn from a few thousand samples.",
        "keywords": ("python", "jupyterlab", "learning"),
        "requirements": "jupyterlab==4.4.0\ntorchlight-core==7.1.0\n",
    }
    dashboard = {
        "slug": "dashboard",
        "name": "Dashboard",
        "description": "Serves a page with figures that are brought up to date every hour.",
        "keywords": ("python", "dashboard"),
        "run": MINIMAL.run.model_dump() | {"front_end": "Dashboard", "command": ("python", "-c", _CRASHING)},
    }
    first = {
        "requirements": _older({"jupyterlab": "4.4.9", "ipykernel": "6.31.0", "jupyter-server": "2.17.0"})
    }
    second = {"requirements": _older({"ipykernel": "6.31.0"})}
    return (
        [_recipe(geodesy | first), _recipe(reports | first)],
        [_recipe(geodesy | second), _recipe(reports), _recipe(training), _recipe(dashboard)],
        [_recipe(geodesy)],
    )


def _recipe(fields: Mapping[str, Any]) -> Recipe:
    """A recipe with everything that `fields` does not say as in the minimal environment."""
    whole = {**MINIMAL.model_dump(), **fields}
    made_of = repr((whole["slug"], whole["run"], whole["requirements"]))
    return Recipe.model_validate(whole | {"digest": f"sha256:{hashlib.sha256(made_of.encode()).hexdigest()}"})


def _older(versions: Mapping[str, str]) -> str:
    """The requirements of the minimal environment with other versions of some packages."""
    lines = (line.partition("==") for line in MINIMAL.requirements.splitlines())
    return "".join(
        f"{name}=={versions[name]}\n" if name in versions else f"{name}{separator}{rest}\n"
        for name, separator, rest in lines
    )
