"""JupyterHub and KubeSpawner as they come: the hub on this machine, its proxy and its sessions as pods."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx

from benchmarks.kubernetes.clicks import Click
from tests.kube import Kubectl, host, image
from tests.kube_stack import PROXY_API_PORT, PROXY_PORT, proxy_address, proxy_pod
from tests.laptop.stack import free_port
from tests.served import until

_TOKEN = secrets.token_hex()


class Stock:
    """One hub. `kubeconfig`: another way to the cluster than the usual one."""

    def __init__(self, kubectl: Kubectl, folder: Path, kubeconfig: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._kubectl = kubectl
        self._folder = folder
        self._kubeconfig = kubeconfig
        self._hub_port = free_port()
        self._hub: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._kubectl.apply(proxy_pod("stock-proxy", _TOKEN))
        address = proxy_address(self._kubectl, "stock-proxy")
        proxy = f"http://{address}:{PROXY_PORT}"
        environment = {
            **os.environ,
            "BENCH_HOST": host(),
            "BENCH_HUB_PORT": str(self._hub_port),
            "BENCH_PROXY_URL": proxy,
            "BENCH_PROXY_API_URL": f"http://{address}:{PROXY_API_PORT}",
            "BENCH_PROXY_TOKEN": _TOKEN,
            "BENCH_TOKEN": _TOKEN,
            "BENCH_FOLDER": str(self._folder),
            "BENCH_NAMESPACE": self._kubectl.namespace,
            "BENCH_IMAGE": image("minimal"),
            **({"KUBECONFIG": str(self._kubeconfig)} if self._kubeconfig else {}),
        }
        config = Path(__file__).with_name("stock_config.py")
        with (self._folder / "hub.log").open("ab") as log:
            self._hub = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                env=environment,
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        self._url = proxy
        self.http = self._client()
        until(self._answers, "the stock hub", seconds=60)
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        if self._hub is not None:
            self._hub.terminate()
            self._hub.wait(60)

    def log(self) -> str:
        """What the hub wrote."""
        return (self._folder / "hub.log").read_text()

    def _client(self) -> httpx.Client:
        headers = {"Authorization": f"token {_TOKEN}"}
        return httpx.Client(base_url=self._url, headers=headers, trust_env=False, timeout=90)

    def _answers(self) -> bool | None:
        try:
            return self.http.get("/hub/api/").is_success or None
        except httpx.TransportError:
            return None

    def click(self, person: str) -> Click:
        """Starts a server, follows its progress as the hub's page does, and opens it."""
        self.http.post(f"/hub/api/users/{person}")
        with self._client() as http:
            began = time.time()
            http.post(f"/hub/api/users/{person}/servers/bench", json={"user_options": {}}).raise_for_status()
            ended = self._progress(http, person)
            assert ended.get("ready"), ended
            http.get(f"/user/{person}/bench/lab", follow_redirects=True).raise_for_status()
            return Click(person, began, time.time())

    @staticmethod
    def _progress(http: httpx.Client, person: str) -> dict[str, Any]:
        with http.stream("GET", f"/hub/api/users/{person}/servers/bench/progress") as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    told: dict[str, Any] = json.loads(line.removeprefix("data:"))
                    if told.get("ready") or told.get("failed"):
                        return told
        return {}

    def failed(self, person: str, reference: str) -> float:
        """Seconds until a person knows that a server with another image does not start."""
        self.http.post(f"/hub/api/users/{person}")
        began = time.time()
        path = f"/hub/api/users/{person}/servers/bench"
        self.http.post(path, json={"user_options": {"image": reference}}).raise_for_status()
        told = self._progress(self.http, person)
        assert told.get("failed"), told
        return time.time() - began

    def stop(self, person: str) -> None:
        """Ends the server; its claim stays."""
        path = f"/hub/api/users/{person}/servers/bench"
        until(lambda: self.http.delete(path).status_code in {204, 404} or None, "the end", pause=0.1)
