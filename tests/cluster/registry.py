"""The registry that the cluster pulls from, spoken to as whoever pushes images does."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Self
from urllib.parse import urljoin

import httpx
from httpx_sse import connect_sse

from tests.e2e.projects import API
from tests.kube import image
from tests.registry_server import RegistryServer

_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)


class Repository:
    """The repository of one of the images that were built for the tests."""

    def __init__(self, name: str) -> None:
        self.pinned = image(name)
        path, _, self._digest = self.pinned.partition("@")
        self.host, _, self.name = path.partition("/")
        self._http = httpx.Client(base_url=f"http://{self.host}/v2/{self.name}/", trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def reference(self, tag: str) -> str:
        """A tag of it, as somebody types it."""
        return f"{self.host}/{self.name}:{tag}"

    def variant(self, tag: str, **config: Any) -> str:
        """Moves a tag to the image with other settings (`Labels`, `ExposedPorts` …); its digest."""
        found = self._http.get(f"manifests/{self._digest}", headers={"Accept": _MANIFESTS})
        manifest = found.raise_for_status().json()
        settings = json.loads(self._blob(manifest["config"]["digest"]))
        settings["config"] |= config
        body = json.dumps(settings).encode()
        manifest["config"] |= {"digest": self._push(body), "size": len(body)}
        content = json.dumps(manifest).encode()
        kind = {"Content-Type": found.headers["content-type"]}
        self._http.put(f"manifests/{tag}", content=content, headers=kind).raise_for_status()
        return _digest(content)

    def copy_to(self, other: RegistryServer, repository: str, tag: str, **config: Any) -> None:
        """Pushes the image with other settings to another registry, layers and all."""
        found = self._http.get(f"manifests/{self._digest}", headers={"Accept": _MANIFESTS})
        manifest = found.raise_for_status().json()
        blobs = {
            each["digest"]: self._blob(each["digest"]) for each in (manifest["config"], *manifest["layers"])
        }
        settings = json.loads(blobs[manifest["config"]["digest"]])
        settings["config"] |= config
        manifest["config"] = other.keep(
            repository, json.dumps(settings).encode(), manifest["config"]["mediaType"]
        )
        for layer in manifest["layers"]:
            other.keep(repository, blobs[layer["digest"]], layer["mediaType"])
        other.put(repository, manifest, found.headers["content-type"], tag=tag)

    def _blob(self, digest: str) -> bytes:
        return self._http.get(f"blobs/{digest}", follow_redirects=True).raise_for_status().content

    def delete(self, digest: str) -> None:
        """Deletes a manifest, and with it every tag that is on it."""
        self._http.delete(f"manifests/{digest}").raise_for_status()

    def _push(self, body: bytes) -> str:
        begun = self._http.post("blobs/uploads/").raise_for_status()
        where = httpx.URL(urljoin(str(begun.url), begun.headers["location"]))
        digest = _digest(body)
        self._http.put(where.copy_merge_params({"digest": digest}), content=body).raise_for_status()
        return digest


def checked(
    http: httpx.Client, reference: str, *, login: dict[str, str] | None = None
) -> tuple[str, dict[str, Any]]:
    """How a check by the API ends (`checked`, `refused`), and with what.

    It is asked for once more, as every client does, where the proxy cut the stream of its answer.
    """
    body = {"image": reference, **({"login": login} if login else {})}
    try:
        return _ending(http, body)
    except httpx.RemoteProtocolError:
        return _ending(http, body)


def _ending(http: httpx.Client, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    with connect_sse(http, "POST", f"{API}/environments/check", json=body) as stream:
        stream.response.raise_for_status()
        events = [(event.event, event.json()) for event in stream.iter_sse()]
    assert {event for event, _ in events[:-1]} <= {"step"}
    return events[-1]


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
