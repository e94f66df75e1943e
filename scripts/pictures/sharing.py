"""Sample data of a Sojourn where sessions have hosts of their own, and so can be shared."""

from __future__ import annotations

from typing import Any

from scripts.pictures.sample import SampleError
from tests.served import Served, settled, started, until

ANN, BOB, CYD = "ann", "bob", "cyd"
PEOPLE = (ANN, BOB, CYD)
HOST = "sojourn.localhost"
SLUG = "reading-group"


class SharedSample:
    """Makes the data: a session of Ann's that runs, and Bob who is let in."""

    def __init__(self, sojourn: Served) -> None:
        self._ann = sojourn.client(ANN)
        self.run = ""

    def close(self) -> None:
        """Lets go of the connection."""
        self._ann.close()

    def make(self) -> None:
        """Everything."""
        self._post(
            "/projects", {"name": "Reading group", "description": "What the group reads on Thursdays."}
        )
        for person, role in ((BOB, "viewer"), (CYD, "editor")):
            self._post(f"/projects/{SLUG}/members", {"person": person, "role": role})
        self._post(f"/projects/{SLUG}/sessions", {"environment": "minimal", "name": "Thursday"})
        self.run = started(self._ann, SLUG, "thursday")["id"]
        if settled(self._ann, self.run, "running", "failed", seconds=900)["phase"] != "running":
            raise SampleError("The session that is to be shared does not run.")
        shares = f"/api/v1/runs/{self.run}/shares"
        self._post(f"/runs/{self.run}/shares", {"person": BOB, "hours": 4})
        until(lambda: self._ann.get(shares).json()["items"][0]["granted"] or None, "the hub's share")

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self._ann.post(f"/api/v1{path}", json=body)
        if answer.is_error:
            raise SampleError(f"{answer.request.url}: {answer.text}")
