"""What the proxy does to requests and to objects that pass through it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

Json = dict[str, Any]


class Fault(BaseModel):
    """What happens to the requests that match.

    Attributes:
        verb: HTTP method; None: any.
        path: regular expression for the path with its query.
        status: answered in the cluster's place; None: the request goes on.
        message: of the `Status` object that is answered.
        headers: of that answer, for instance `Retry-After`.
        hangs_up: the connection ends without an answer.
        delay: seconds before anything happens.
        times: how many requests it is for; None: all until it is taken back.
    """

    model_config = ConfigDict(extra="forbid")

    verb: str | None = None
    path: str = ""
    status: int | None = None
    message: str = "injected"
    headers: dict[str, str] = {}
    hangs_up: bool = False
    delay: float = 0.0
    times: int | None = None

    def takes(self, verb: str, path: str) -> bool:
        """Whether it is for this request."""
        return self.times != 0 and self.verb in {None, verb} and re.search(self.path, path) is not None


@dataclass
class Rewrite:
    """A merge patch (RFC 7386) that one pod appears with, whoever asks."""

    namespace: str
    name: str
    patch: Json

    def is_for(self, thing: Json) -> bool:
        """Whether the object is that pod."""
        metadata = thing.get("metadata") or {}
        return (
            metadata.get("name") == self.name
            and metadata.get("namespace") == self.namespace
            and isinstance(thing.get("spec"), dict)
            and "containers" in thing["spec"]
        )


class Rules:
    """The faults in force, oldest first, and the rewritten pods."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.rewrites: list[Rewrite] = []

    def fault(self, verb: str, path: str) -> Fault | None:
        """The first fault for a request; that counts as one of its times."""
        for fault in self.faults:
            if fault.takes(verb, path):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def seen(self, thing: Json) -> Json:
        """An object of the API, a list or one, as it is to be seen."""
        items = thing.get("items")
        if isinstance(items, list):
            return thing | {"items": [self._one(item) for item in items]}
        return self._one(thing)

    def _one(self, thing: Json) -> Json:
        for rewrite in self.rewrites:
            if rewrite.is_for(thing):
                thing = merged(thing, rewrite.patch)
        return thing


def merged(thing: Json, patch: Json) -> Json:
    """The object with a JSON merge patch applied."""
    result = dict(thing)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def status_object(code: int, message: str) -> Json:
    """How the API says that something did not work."""
    reasons = {
        401: "Unauthorized",
        403: "Forbidden",
        404: "NotFound",
        409: "Conflict",
        410: "Expired",
        429: "TooManyRequests",
    }
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reasons.get(code, "InternalError"),
        "code": code,
    }
