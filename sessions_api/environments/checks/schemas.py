"""Checks of images as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr

from sessions_api.environments.checks.check import Checked
from sessions_api.kit.schemas import Schema
from sessions_api.registry.client import RegistryLogin
from sessions_api.registry.references import Reference

_NAME_LENGTH = 100
_LAYERS, _LABELS, _LABEL_LENGTH, _LABEL_NAME = 1000, 200, 4000, 300
"""What a version keeps of an image; see `making_schemas.VersionCreate`."""


class CheckLogin(Schema):
    """What opens the image's registry; it is used for this check and kept nowhere."""

    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=10_000)]

    def given(self) -> RegistryLogin:
        """As the registry's client takes it."""
        return RegistryLogin(self.username, self.password)


class CheckCreate(Schema):
    """An image to check, by any name that Docker and containerd understand."""

    image: Annotated[
        str, Field(min_length=1, max_length=4096, examples=["quay.io/jupyter/scipy-notebook:latest"])
    ]
    login: CheckLogin | None = None


class CheckRead(Schema):
    """What a check found.

    Attributes:
        verdict: `as_it_is`, `behind_gate` or `will_not_work`.
        sentence: the verdict in words.
        fix: what to do about an image that will not work, or what to know of one that does.
        name: for an environment that is made of it: its title, else the last part of its repository.
        image: `HOST/REPOSITORY@sha256:…`.
        packages: how many of each kind were found in its layers.
        left_out: sentences on what of its layers was not read.
        user, ports, entrypoint, command, working_folder: as the image says them.
        version: what `POST /environments` and its versions take, filled in; null of one that will not work.
    """

    verdict: Literal["as_it_is", "behind_gate", "will_not_work"]
    sentence: str
    fix: str
    name: str
    reference: str
    image: str
    digest: str
    platforms: list[str]
    size: int
    packages: dict[str, int]
    left_out: list[str]
    user: str
    ports: list[int]
    entrypoint: list[str]
    command: list[str]
    working_folder: str
    version: dict[str, Any] | None

    @classmethod
    def made(cls, checked: Checked) -> Self:
        """The result of a check."""
        image, found, contents = checked.image, checked.verdict, checked.contents
        labels = _labels({**image.annotations, **image.config.labels})
        known = {
            "image": checked.pinned,
            "reference": str(checked.reference),
            "platforms": [str(platform) for platform in image.platforms],
            "size": image.size,
            "layers": [{"digest": each.digest, "size": each.size} for each in image.layers[:_LAYERS]],
            "labels": labels,
        }
        run = None if found.run is None else found.run.model_dump(mode="json")
        return cls(
            verdict=found.kind,
            sentence=found.sentence,
            fix=found.fix,
            name=_name(checked.reference, labels),
            reference=str(checked.reference),
            image=checked.pinned,
            digest=image.digest,
            platforms=[str(platform) for platform in image.platforms],
            size=image.size,
            packages=Counter(one.ecosystem for one in contents.packages) if contents else {},
            left_out=list(contents.left_out) if contents else ["Its layers were not read in time."],
            user=image.config.user,
            ports=list(image.config.ports),
            entrypoint=list(image.config.entrypoint),
            command=list(image.config.command),
            working_folder=image.config.working_dir or "/",
            version=None if run is None else {**run, **known},
        )


def _name(reference: Reference, labels: Mapping[str, str]) -> str:
    title = labels.get("org.opencontainers.image.title", "").strip()
    usable = 0 < len(title) <= _NAME_LENGTH and title.isprintable()
    return title if usable else reference.repository.rpartition("/")[2][:_NAME_LENGTH]


def _labels(found: dict[str, str]) -> dict[str, str]:
    """Those that a version keeps: what is printable and of a usual length."""
    kept = {
        name: text
        for name, text in sorted(found.items())
        if 0 < len(name) <= _LABEL_NAME
        and len(text) <= _LABEL_LENGTH
        and all(sign.isprintable() or sign == "\n" for sign in name + text)
    }
    return dict(list(kept.items())[:_LABELS])
