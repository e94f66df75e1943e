"""A Sojourn that is up, with clients for whoever is there: for benchmarks, pictures and examples in docs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from sojourn.laptop.login_links import new_login_link
from tests.laptop.stack import Stack

REPOSITORY = Path(__file__).parents[1]
CACHE = REPOSITORY / ".cache" / "tests"
"""Built environments, kept between uses."""

Answer = TypeVar("Answer")


class Served(Stack):
    """`with Served(folder) as sojourn:` starts it and ends it, sessions too.

    Args:
        people: names of more people than the owner.
        variables: environment variables besides those of this process.
    """

    def __init__(
        self,
        root: Path,
        *,
        people: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        own_hosts: str | None = None,
    ) -> None:
        super().__init__(root, own_hosts=own_hosts)
        self._environment |= {"SOJOURN_CACHE": str(CACHE), **(variables or {})}
        self._people = people

    def __enter__(self) -> Self:
        try:
            self.start(*(f"--person={person}" for person in self._people))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def variables(self) -> dict[str, str]:
        """The environment of a program that is to find this Sojourn by itself."""
        return {**self._environment, "SOJOURN_DATA": str(self.data.root)}

    def client(self, person: str | None = None) -> httpx.Client:
        """A client with a person's token, the owner's if none is named."""
        headers = {"Authorization": f"Bearer {self.command_token(person)}"}
        return httpx.Client(base_url=self.local_url, headers=headers, trust_env=False, timeout=60)

    def browser(self, person: str | None = None) -> httpx.Client:
        """A client that is logged in as a browser is: by a link, with redirects and cookies."""
        options: dict[str, Any] = {
            "base_url": self.url,
            "trust_env": False,
            "timeout": 60,
            "follow_redirects": True,
        }
        with httpx.Client(**options) as client:
            for address in (new_login_link(self.data, person), "/login"):
                client.get(address).raise_for_status()
            return httpx.Client(**options, cookies=client.cookies)


def until(
    look: Callable[[], Answer | None], what: str, *, seconds: float = 60.0, pause: float | None = None
) -> Answer:
    """What `look` returns once it is not None.

    Without a `pause` it looks the more rarely the longer it waited: who waits for long has something busy to
    wait for, and looking keeps the same computer from getting on with it.

    Raises:
        TimeoutError: it was None for `seconds`.
    """
    begun = time.monotonic()
    while (answer := look()) is None:
        waited = time.monotonic() - begun
        if waited > seconds:
            raise TimeoutError(f"never happened: {what}")
        time.sleep(pause or min(max(0.02, waited / 5), 0.5))
    return answer


def started(client: httpx.Client, project: str, session: str, **body: Any) -> dict[str, Any]:
    """Starts a session and returns its run as it was accepted."""
    answer = client.post(f"/api/v1/projects/{project}/sessions/{session}/start", json=body)
    accepted: dict[str, Any] = answer.raise_for_status().json()
    return accepted


def settled(client: httpx.Client, run: str, *phases: str, seconds: float = 120.0) -> dict[str, Any]:
    """The run once it is in one of the phases."""

    def look() -> dict[str, Any] | None:
        read: dict[str, Any] = client.get(f"/api/v1/runs/{run}").raise_for_status().json()
        return read if read["phase"] in phases else None

    return until(look, f"run {run} in {' or '.join(phases)}", seconds=seconds)
