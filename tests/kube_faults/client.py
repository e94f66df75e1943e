"""Starts the proxy as a program of its own and tells it what to do wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).parents[2]


class KubeFaults:
    """A running proxy.

    Attributes:
        url: where it listens.
        kubeconfig: a file that leads clients to it.
    """

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        self.kubeconfig = folder / "kubeconfig-of-faults"
        self._process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "tests.kube_faults", "--kubeconfig", str(kubeconfig)),
                *("--write-kubeconfig", str(self.kubeconfig)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url, "the proxy did not start"
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def inject(self, path: str = "", **fault: Any) -> None:
        """Adds a fault; see `tests.kube_faults.rules.Fault`."""
        self._told(self._http.post("/-/faults", json={"path": path, **fault}))

    def clear(self) -> None:
        """Takes every fault and rewrite back."""
        self._told(self._http.delete("/-/faults"))

    def cut(self, path: str = "", *, gone: bool = False) -> int:
        """Ends open watches; returns how many. `gone`: each hears an error 410 first."""
        cut: int = self._told(self._http.post("/-/cut", json={"path": path, "gone": gone})).json()["cut"]
        return cut

    def rewrite(self, namespace: str, pod: str, patch: dict[str, Any]) -> None:
        """A merge patch that a pod is seen with from now on."""
        self._told(self._http.post(f"/-/pods/{namespace}/{pod}", json=patch))

    def requests(self) -> list[dict[str, Any]]:
        """Every request that went through, oldest first."""
        found: list[dict[str, Any]] = self._told(self._http.get("/-/requests")).json()
        return found

    def forget_requests(self) -> None:
        """Counts requests anew."""
        self._told(self._http.delete("/-/requests"))

    @staticmethod
    def _told(answer: httpx.Response) -> httpx.Response:
        assert answer.is_success, answer.text
        return answer
