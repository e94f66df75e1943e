"""A stand-in for a cluster that can resize and make snapshots, and has nothing that it could do that to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.kube_faults.__main__ import kubeconfig_for

_CAN = {
    "/api/v1": ["pods", "pods/resize"],
    "/apis/snapshot.storage.k8s.io/v1": ["volumesnapshots"],
}


@contextmanager
def able_cluster(folder: Path, **said: Mapping[str, Any]) -> Iterator[Path]:
    """The kubeconfig of one, in `folder`; `said` is more of what it says of whatever it is asked for.

    Without more, what is asked of it is under way for ever.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].rstrip("/")
            like = {"kind": "", "namespaced": True, "singularName": "", "verbs": []}
            named = [like | {"name": name} for name in _CAN.get(path, ())]
            body = {"kind": "List", "metadata": {}, "items": [], "resources": named, "groupVersion": "v1"}
            content = json.dumps(body | said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(kubeconfig_for(f"http://127.0.0.1:{server.server_port}"))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield kubeconfig
        server.shutdown()
