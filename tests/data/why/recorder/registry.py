"""Registries that fail, and an image for other processors."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen


class Registry(BaseHTTPRequestHandler):
    """A registry that wants a login, or has trouble of its own: by the repository's name."""

    def do_GET(self) -> None:
        if "broken" in self.path:
            self.send_response(503)
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="private"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 - the name its base class looks for

    def log_message(self, *_: object) -> None:
        pass


def for_other_processors(image: str) -> str:
    """Puts an index that has the image for another platform only beside it; returns its name."""
    host, _, rest = image.partition("/")
    repository, digest = rest.split("@") if "@" in rest else rest.split(":")
    accept = (
        "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
    )
    manifests = f"http://{host}/v2/{repository}/manifests"
    request = Request(f"{manifests}/{digest}", headers={"Accept": accept})  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310
        size, digest = len(answer.read()), answer.headers["Docker-Content-Digest"]
        form = answer.headers["Content-Type"]
    kind = "application/vnd.oci.image.index.v1+json"
    manifest = {
        "mediaType": form,
        "size": size,
        "digest": digest,
        "platform": {"architecture": "s390x", "os": "linux"},
    }
    index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [manifest]}).encode()
    url = f"{manifests}/other-processors"
    urlopen(Request(url, index, {"Content-Type": kind}, method="PUT")).close()  # noqa: S310
    return f"{host}/{repository}:other-processors"


def private_registry() -> str:
    """Starts one on this machine; returns where it listens. Nodes speak plain HTTP to their own 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_port}"
