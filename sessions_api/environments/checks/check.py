"""One check of an image, step by step: its name, its registry, its platforms, and the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sessions_api.environments.checks import attached, verdicts
from sessions_api.environments.checks.verdicts import Facts, Verdict
from sessions_api.registry.client import Image, Platform, Registry, RegistryError, RegistryLogin
from sessions_api.registry.contents import Contents, Layer, Progress
from sessions_api.registry.contents import read as read_contents
from sessions_api.registry.fetch import Fetcher
from sessions_api.registry.references import Reference
from sessions_api.web import words
from spawner.reasons import Reason

LOOK_SECONDS = 60.0
"""How long layers are looked into, at most; a person waits."""
_TELL_SECONDS = 0.5
_LOOKING = "Looking into its layers"

State = Literal["now", "done", "fail"]


@dataclass(frozen=True, slots=True)
class Step:
    """Where the check is: the same `key` comes once as `now` and once more with how it went."""

    key: str
    title: str
    state: State
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        pinned: `HOST/REPOSITORY@sha256:…`, what a version of an environment takes.
        contents: None where looking took too long.
    """

    reference: Reference
    pinned: str
    image: Image
    contents: Contents | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the image cannot be had."""

    reason: Reason


async def check(
    reference: Reference, *, fetcher: Fetcher, nodes: Sequence[Platform], login: RegistryLogin | None
) -> AsyncIterator[Step | Checked | Refused]:
    """Looks at an image where it is, and ends with what it found, or why it is not to be had.

    Args:
        reference: of the image.
        fetcher: by the installation's rules of what may be asked.
        nodes: what the computers are that sessions run on; at least one.
        login: what opens its registry, if anything does. It is used for this check and kept nowhere.
    """
    yield Step("find", f"Asking {reference.host}", "now")
    registry = Registry(fetcher, reference, login)
    try:
        image = await registry.resolve(nodes)
    except RegistryError as error:
        yield Step("find", f"Asking {reference.host}", "fail", error.reason.sentence)
        yield Refused(error.reason)
        return
    yield Step("find", f"Asking {reference.host}", "done", f"{words.size(image.size)}, {image.digest}")
    built = ", ".join(str(platform) for platform in image.platforms)
    yield Step("platform", "Comparing platforms", "done", f"Built for {built}")
    contents: Contents | None = None
    async for said in _look(registry, image):
        if isinstance(said, Contents):
            contents = said
        else:
            yield said
    found = verdicts.verdict(_facts(image, contents))
    outcome: State = "fail" if found.run is None else "done"
    yield Step("verdict", "Judging how it runs", outcome, found.sentence)
    yield Checked(reference, reference.pinned(image.digest), image, contents, found)


async def _look(registry: Registry, image: Image) -> AsyncIterator[Step | Contents]:
    """Reads what is installed, and tells how far that is; no `Contents` when it takes too long."""
    news: asyncio.Queue[Progress] = asyncio.Queue()
    reading = asyncio.create_task(
        read_contents(
            [Layer(each.digest, each.size, each.media_type) for each in image.layers],
            lambda layer: registry.blob(layer.digest, layer.size),
            hints=_instructions(image),
            progress=news.put_nowait,
        )
    )
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LOOK_SECONDS
    try:
        yield Step("look", _LOOKING, "now")
        while not reading.done() and loop.time() < deadline:
            await asyncio.wait({reading}, timeout=_TELL_SECONDS)
            if (at := _last(news)) is not None and not reading.done():
                told = f"{words.size(at.bytes_read)} of at most {words.size(at.bytes_planned)}"
                yield Step("look", _LOOKING, "now", told)
        if not reading.done():
            yield Step("look", _LOOKING, "done", f"Given up after {LOOK_SECONDS:.0f} s")
            return
        contents = await _completed(reading.result(), registry, image)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    yield Step("look", _LOOKING, "done", _found(contents))
    yield contents


async def _completed(contents: Contents, registry: Registry, image: Image) -> Contents:
    """With the packages of an SBOM, where layers were not read whole and there is one."""
    if contents.is_complete:
        return contents
    listed = await attached.packages(registry, image)
    return replace(contents, packages=listed, left_out=()) if listed else contents


def _last(news: asyncio.Queue[Progress]) -> Progress | None:
    last = None
    while not news.empty():
        last = news.get_nowait()
    return last


def _found(contents: Contents) -> str:
    count = len(contents.packages)
    told = "1 package" if count == 1 else f"{count} packages"
    whole = "" if contents.is_complete else "; not all of it was read"
    return f"{told} found in {words.size(contents.bytes_read)}{whole}"


def _instructions(image: Image) -> tuple[str, ...]:
    """What made each layer."""
    return tuple(step.created_by for step in image.config.history if step.has_layer)


def _facts(image: Image, contents: Contents | None) -> Facts:
    config = image.config
    programs: Mapping[str, str] = {} if contents is None else contents.programs
    return Facts(
        user=config.user,
        ports=config.ports,
        program=(*config.entrypoint, *config.command),
        instructions=tuple(step.created_by for step in config.history),
        labels={**config.labels, **image.annotations},
        programs=programs,
        is_known=contents is not None and contents.is_complete,
    )
