"""An image's own settings: what it is built for and how it would start (OCI image spec 1.1, config.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from sessions_api.registry.documents import Document
from sessions_api.registry.platforms import Platform

MOST_HISTORY = 10_000

_PORT = re.compile(r"([0-9]{1,5})(?:/tcp)?", re.IGNORECASE)
_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True)
class Step:
    """How a layer, or a setting, came to be.

    Attributes:
        created_by: the command, as builders write it; may be empty.
        comment: the builder's; may be empty.
        has_layer: whether it made a layer: the n-th such step made the n-th layer.
    """

    created_by: str
    comment: str
    has_layer: bool


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """An image's own settings.

    Attributes:
        platform: what it says it is built for.
        user: `USER[:GROUP]`, names or numbers; empty: root.
        ports: that it says it listens on over TCP, from the lowest.
        entrypoint: the program and its first arguments; empty: none of its own.
        command: further arguments, or the program where there is no entrypoint.
        environment: variables by name.
        working_dir: where the program starts; empty: `/`.
        labels: by name.
        history: from the lowest layer; empty where the builder did not keep it.
    """

    platform: Platform
    user: str
    ports: tuple[int, ...]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    working_dir: str
    labels: Mapping[str, str]
    history: tuple[Step, ...]

    @classmethod
    def read(cls, body: bytes) -> Self:
        """The settings that a blob is; what it does not say is empty.

        Raises:
            UnreadableError: it is not as it should be.
        """
        document = Document.read(body)
        config = document.document("config") or Document({}, "config")
        variables = (variable.partition("=") for variable in config.texts("Env"))
        return cls(
            platform=Platform.of(
                document.text("os"), document.text("architecture"), document.text("variant")
            ),
            user=config.text("User"),
            ports=tuple(sorted(set(_ports(config.document("ExposedPorts"))))),
            entrypoint=config.texts("Entrypoint"),
            command=config.texts("Cmd"),
            environment={name: value for name, _, value in variables if name},
            working_dir=config.text("WorkingDir"),
            labels=config.mapping("Labels"),
            history=tuple(
                Step(step.text("created_by"), step.text("comment"), not step.flag("empty_layer"))
                for step in document.documents("history", most=MOST_HISTORY)
            ),
        )


def _ports(exposed: Document | None) -> Iterator[int]:
    """The keys are `PORT`, `PORT/tcp` or `PORT/udp`; others have no meaning that matters."""
    for key in exposed.values if exposed else ():
        found = _PORT.fullmatch(key)
        if found and int(found[1]) in _PORTS:
            yield int(found[1])
