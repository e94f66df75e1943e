"""`python scripts/settings_page.py` writes the reference of all settings into docs/settings.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import Any

import yaml
from pydantic_core import PydanticUndefined
from traitlets import TraitType

from sessions_api.settings import Settings
from spawner.kubernetes import KubeSessionSpawner
from spawner.local import LocalSessionSpawner
from spawner.mixin import SessionSpawnerMixin

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "settings.md"
SCHEMA = ROOT / "charts" / "sojourn" / "values.schema.json"
MARK = "<!-- From here on the page is written by scripts/settings_page.py. -->\n"


def written(page: str) -> str:
    """The page with the reference of today."""
    before, _, _ = page.partition(MARK)
    parts = (_chart(), _service(), _spawners())
    return before + MARK + "".join(f"{line}\n" for part in parts for line in part)


def _chart() -> Iterator[str]:
    yield "\n## Values of the Helm chart\n\n| value | default | |\n| --- | --- | --- |"
    defaults = yaml.safe_load(SCHEMA.with_name("values.yaml").read_text())
    for path, schema in chart_values():
        default = _at(defaults, path)
        shown = "" if default in (None, "", {}, []) else f"`{json.dumps(default)}`"
        yield f"| `{'.'.join(path)}` | {shown} | {_prose(schema['description'])} |"


def chart_values() -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Path and schema of every value of the chart that has no values of its own below it."""
    return _values(json.loads(SCHEMA.read_text()), ())


def _values(
    schema: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    for name, inner in schema.get("properties", {}).items():
        below = (*path, name)
        if below == ("global",):  # Helm's own
            continue
        if inner.get("properties"):
            yield from _values(inner, below)
            continue
        yield below, inner
        yield from _values(inner.get("items") or {}, (*path, f"{name}[]"))
        if isinstance(others := inner.get("additionalProperties"), dict):
            yield from _values(others, (*below, "SLUG"))


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _service() -> Iterator[str]:
    yield "\n## Settings of the service\n\nEnvironment variables of `python -m sessions_api`."
    yield "\n| variable | default | |\n| --- | --- | --- |"
    told = _attributes(getdoc(Settings) or "")
    for name, field in Settings.model_fields.items():
        required = field.default is PydanticUndefined
        default = "required" if required else "" if field.default in (None, "") else f"`{field.default}`"
        secret = " Secret." if "SecretStr" in str(field.annotation) else ""
        yield f"| `SOJOURN_{name.upper()}` | {default} | {told[name]}{secret} |"


def _attributes(docstring: str) -> dict[str, str]:
    """What Google's style of docstrings says about each attribute, as a sentence."""
    _, _, listed = docstring.partition("Attributes:\n")
    found = {}
    for entry in re.split(r"\n    (?=\w)", "\n" + listed):
        names, separator, text = entry.strip().partition(":")
        if separator:
            for name in names.split(","):
                prose = _prose(text)
                found[name.strip()] = prose[:1].upper() + prose[1:]
    return found


def _spawners() -> Iterator[str]:
    yield "\n## Settings of the spawners\n\nIn JupyterHub's configuration, for instance"
    yield "`c.KubeSessionSpawner.schedule_patience = 900`; in the chart's values below `sessions.config`, as"
    yield "`schedule_patience: 900`. Those of KubeSpawner work too, where the spec of the launch does not"
    yield "say it.\n\n| setting | default | |\n| --- | --- | --- |"
    for made in (SessionSpawnerMixin, KubeSessionSpawner, LocalSessionSpawner):
        for name, trait in sorted(made.class_own_traits(config=True).items()):
            setting = f"{made.__name__.removesuffix('Mixin')}.{name}"
            yield f"| `{setting}` | {_default(trait)} | {_prose(trait.help)} |"


def _default(trait: TraitType[Any, Any]) -> str:
    value = trait.default_value
    return "" if value in (None, "") or not isinstance(value, (str, int, float, bool)) else f"`{value}`"


def _prose(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
