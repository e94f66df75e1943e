"""Stands in for JupyterLab: answers at the address JupyterHub gives, and behaves as its variables say.

BEHAVIOUR: `serve` · `crash` (says why, exit code 3) · `silent` (never listens) · `slow` (listens after 5 s)
· `full` (like a full disk) · `kernel` (serves, with a child in an OS session of its own, as Jupyter's are).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        if self.path.endswith("/environment"):
            self.wfile.write(json.dumps({"argv": sys.argv, "cwd": str(Path.cwd()), **os.environ}).encode())
        if self.path.endswith("/end"):
            os._exit(0)
        if self.path.endswith("/crash"):
            say("Traceback: kernel panic")
            os._exit(3)
        if self.path.endswith("/eat"):
            self.server.eaten = b"x" * 2**31  # type: ignore[attr-defined]

    def log_message(self, template: str, *args: object) -> None:
        say(template % args)


def main() -> None:
    behaviour = os.environ.get("BEHAVIOUR", "serve")
    say("the program begins")
    if behaviour == "crash":
        say("Traceback: no module named jupyterlab")
        sys.exit(3)
    if behaviour == "full":
        say("OSError: [Errno 28] No space left on device")
        sys.exit(1)
    if behaviour == "slow":
        time.sleep(5)
    if behaviour == "silent":
        time.sleep(600)
    if behaviour == "kernel":
        kernel = subprocess.Popen(["sleep", "600"], start_new_session=True)
        say(f"kernel {kernel.pid}")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    ThreadingHTTPServer((str(address.hostname), address.port or 0), Handler).serve_forever()


main()
