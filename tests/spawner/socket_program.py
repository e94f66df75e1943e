"""Stands in for code-server: answers at the Unix socket that `--socket` names."""

from __future__ import annotations

import argparse
import json
import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Shows what it was started with."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"argv": sys.argv, "path": self.path, **os.environ}).encode())

    def log_message(self, *_: object) -> None:
        """Its log tells nothing."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket")
    parser.add_argument("--socket-mode")
    known, _ = parser.parse_known_args()
    with socketserver.ThreadingUnixStreamServer(known.socket, Handler) as server:
        Path(known.socket).chmod(int(known.socket_mode, 8))
        server.serve_forever()


if __name__ == "__main__":
    main()
