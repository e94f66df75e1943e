"""What an installation allows of checks, and which computers its sessions run on."""

from __future__ import annotations

import platform as this_computer
from dataclasses import dataclass
from typing import Self

from sessions_api.registry.client import Platform
from sessions_api.registry.fetch import Fetcher, FetchRules
from sessions_api.settings import Settings


@dataclass(frozen=True)
class Rules:
    """Made once for a process.

    Attributes:
        fetcher: makes all requests to registries.
        nodes: the platforms of the computers that sessions run on.
    """

    fetcher: Fetcher
    nodes: tuple[Platform, ...]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules that the settings make.

        Raises:
            ValueError: a host, network or platform in them is none.
        """
        rules = FetchRules(
            private=_words(settings.registry_private), insecure=_words(settings.registry_insecure)
        )
        named = _words(settings.node_platforms)
        here = Platform.of("linux", this_computer.machine())
        return cls(Fetcher(rules), tuple(_platform(name) for name in named) or (here,))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _platform(name: str) -> Platform:
    os, _, rest = name.partition("/")
    architecture, _, variant = rest.partition("/")
    if not os or not architecture:
        raise ValueError(f"No platform is called {name}; write it like linux/amd64.")
    return Platform.of(os, architecture, variant)
