"""Projects and sessions through the HTTP API, as a person's program would make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

import httpx

from tests.stack import eventually

API = "/api/v1"


class Reachable(Protocol):
    """A Sojourn somewhere, with clients for its people."""

    @property
    def patience(self) -> float:
        """Seconds that a launch may take there, on a computer that does much else."""
        ...

    def http(self, person: str | None = None) -> httpx.Client:
        """The client of a person, the first one's unless another is named."""
        ...


@dataclass(frozen=True)
class Project:
    """A project of a test's own."""

    stack: Reachable
    http: httpx.Client
    slug: str

    @classmethod
    def create(cls, stack: Reachable, *, person: str | None = None, **fields: Any) -> Project:
        """A new project with a name that no other test has."""
        http = stack.http(person)
        body = {"name": f"Test {uuid4().hex[:8]}", **fields}
        created = http.post(f"{API}/projects", json=body)
        assert created.status_code == 201, created.text
        return cls(stack, http, created.json()["slug"])

    @classmethod
    def with_session(cls, stack: Reachable, *repositories: str, **fields: Any) -> Project:
        """A new project with repositories and the minimal environment as its default session."""
        project = cls.create(stack, **fields)
        for url in repositories:
            project.post("/repositories", {"url": url})
        project.post("/sessions", {"environment": "minimal"})
        return project

    @property
    def path(self) -> str:
        """Its path in the API."""
        return f"{API}/projects/{self.slug}"

    def seen_by(self, person: str) -> Project:
        """The same project for another person."""
        return Project(self.stack, self.stack.http(person), self.slug)

    def post(self, path: str, body: Any = None, *, status: int = 201) -> Any:
        """POSTs to a part of the project; the answer's JSON."""
        answer = self.http.post(self.path + path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str = "") -> Any:
        """GETs a part of the project as JSON."""
        answer = self.http.get(self.path + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def start(self, session: str | None = None, body: Any = None) -> dict[str, Any]:
        """Starts a session, the default one unless named; the run."""
        path = f"/sessions/{session}/start" if session else "/start"
        run: dict[str, Any] = self.post(path, body, status=202)
        return run

    def ask(self, verb: str, session: str = "minimal") -> dict[str, Any]:
        """Pauses, stops or cancels a session; the run."""
        run: dict[str, Any] = self.post(f"/sessions/{session}/{verb}", status=202)
        return run

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as it is now."""
        answer = self.http.get(f"{API}/runs/{run_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def until(self, run_id: str, *phases: str) -> dict[str, Any]:
        """The run once it is in one of the phases and nothing else is wished of it."""
        return self._until(run_id, lambda run: run["phase"] in phases and run["wish"] == "run", phases)

    def until_phase(self, run_id: str, *phases: str) -> dict[str, Any]:
        """The run once it is in one of the phases, whatever is wished of it."""
        return self._until(run_id, lambda run: run["phase"] in phases, phases)

    def _until(
        self, run_id: str, reached: Callable[[dict[str, Any]], bool], phases: tuple[str, ...]
    ) -> dict[str, Any]:
        seen: list[dict[str, Any]] = []

        def look() -> dict[str, Any] | None:
            seen.append(self.run(run_id))
            return seen[-1] if reached(seen[-1]) else None

        try:
            what = f"run {run_id} {' or '.join(phases)}"
            return eventually(look, what, seconds=self.stack.patience) or {}
        except TimeoutError as error:
            error.add_note(f"The run at last: {seen[-1]}")
            raise

    def running(self, session: str | None = None) -> dict[str, Any]:
        """Starts a session and waits until it runs; the run."""
        run = self.until(self.start(session)["id"], "running", "failed")
        assert run["phase"] == "running", run["reason"]
        return run

    def stop(self, run_id: str, session: str = "minimal") -> dict[str, Any]:
        """Stops a session and waits until it is stopped; the run."""
        self.ask("stop", session)
        return self.until_phase(run_id, "stopped")
