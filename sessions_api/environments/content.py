"""What a version is: everything but its number, who made it and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from sessions_api.environments import packages
from sessions_api.environments.packages import Package
from sessions_api.environments.tables import EnvironmentVersion
from spawner.recipes import Recipe, RunPart, digest_of

RECIPE = "recipe"
"""What versions of recipes are made from."""


@dataclass(frozen=True)
class Content:
    """What a version is, with the fields of `tables.EnvironmentVersion` and what is installed in it.

    Attributes:
        made_from: what it came from, for people.
        packages: what is installed, as far as it is known.
    """

    digest: str
    image: str | None
    requirements: str
    front_end: str
    command: Sequence[str]
    arguments: Sequence[str]
    port: int
    gate: Mapping[str, Any] | None
    uid: int
    gid: int
    working_folder: str
    read_only_root: bool
    default_url: str
    made_from: str
    front_ends: Sequence[Mapping[str, Any]] = ()
    reference: str | None = None
    platforms: Sequence[str] = ()
    size: int | None = None
    layers: Sequence[Mapping[str, Any]] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()

    @classmethod
    def of_packages(cls, run: RunPart, requirements: str, *, made_from: str) -> Self:
        """A virtual environment of pinned lines."""
        return cls(
            digest=digest_of(run, requirements),
            image=None,
            requirements=requirements,
            made_from=made_from,
            packages=packages.installed(requirements),
            **_run(run),
        )

    @classmethod
    def of_image(cls, run: RunPart, image: str, *, made_from: str, **known: Any) -> Self:
        """An image, `REPOSITORY@sha256:…`; `known` are fields that say more of it."""
        return cls(
            digest=image.partition("@")[2],
            image=image,
            requirements="",
            made_from=made_from,
            **_run(run),
            **known,
        )

    @classmethod
    def of_recipe(cls, recipe: Recipe) -> Self:
        """What a recipe says; of an image, its requirements are only told."""
        return cls(
            digest=recipe.digest,
            image=recipe.image,
            requirements=recipe.requirements,
            made_from=RECIPE,
            packages=packages.installed(recipe.requirements),
            **_run(recipe.run),
        )

    @classmethod
    def of_version(
        cls, version: EnvironmentVersion, installed: tuple[Package, ...], *, made_from: str
    ) -> Self:
        """What a version is, as another one's."""
        columns = {each.name: getattr(version, each.name) for each in fields(cls) if each.name != "packages"}
        return cls(**{**columns, "made_from": made_from}, packages=installed)

    def columns(self) -> dict[str, Any]:
        """As the columns of a version."""
        values = asdict(replace(self, packages=()))
        del values["packages"]
        values |= {name: list(values[name]) for name in _LISTS}
        return values

    def is_same(self, version: EnvironmentVersion) -> bool:
        """Whether a version is this: what is run and how, whatever else is known or told of it."""
        values = self.columns()
        return all(getattr(version, name) == values[name] for name in _IDENTITY)


_LISTS = ("command", "arguments", "front_ends", "platforms", "layers")
_IDENTITY = (
    *("digest", "image", "requirements", "front_end", "command", "arguments", "port", "gate"),
    *("front_ends", "uid", "gid", "working_folder", "read_only_root", "default_url"),
)
"""What makes a version what it is."""


def _run(run: RunPart) -> dict[str, Any]:
    return run.model_dump(mode="json", include=set(RunPart.model_fields))
