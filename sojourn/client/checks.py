"""Checks of images: what is told while one goes on, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, cast

from httpx_sse import ServerSentEvent

from sojourn.client.errors import NotRunning
from sojourn.client.models import Answer, Reason

if TYPE_CHECKING:
    from sojourn.client.environment_calls import NewVersion


class CheckStep(Answer):
    """Where a check is: a `key` comes as `now`, perhaps more than once, then as `done` or `fail`."""

    kind: Literal["step"] = "step"
    key: str
    title: str
    state: str
    detail: str = ""


class ImageChecked(Answer):
    """What a check found.

    Attributes:
        verdict: `as_it_is`, `behind_gate` or `will_not_work`.
        sentence: the verdict in words.
        fix: what to do about an image that will not work, or what to know of one that does.
        name: for an environment that is made of it; empty where Sojourn is too old to say one.
        reference: the image's whole name.
        image: `HOST/REPOSITORY@sha256:…`, to which the name led at that moment.
        platforms: `os/arch` or `os/arch/variant`.
        size: compressed, in bytes.
        packages: how many were found, by ecosystem.
        left_out: sentences on what was not looked into.
        user, ports, entrypoint, command, working_folder: as the image says them.
    """

    kind: Literal["checked"] = "checked"
    verdict: str
    sentence: str
    fix: str
    name: str = ""
    reference: str
    image: str
    digest: str
    platforms: tuple[str, ...]
    size: int
    packages: dict[str, int] = {}
    left_out: tuple[str, ...] = ()
    user: str
    ports: tuple[int, ...]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    working_folder: str

    @property
    def version(self) -> NewVersion | None:
        """What an environment or its next version is made from, filled in; None: the image will not work."""
        return cast("NewVersion | None", self.body["version"])


class ImageRefused(Answer, Reason):
    """Why an image cannot be had."""

    kind: Literal["refused"] = "refused"


CheckEvent = CheckStep | ImageChecked | ImageRefused

_KINDS: Mapping[str, type[CheckEvent]] = {
    "step": CheckStep,
    "checked": ImageChecked,
    "refused": ImageRefused,
}


def read(sent: ServerSentEvent) -> CheckEvent | None:
    """The event that was sent; None for kinds of a newer Sojourn."""
    kind = _KINDS.get(sent.event)
    return kind.read(json.loads(sent.data)) if kind else None


def broken_off() -> NotRunning:
    """The error that a check stopped without its end."""
    return NotRunning("Sojourn stopped in the middle of the check.", code="not_running", hint="Try it again.")
