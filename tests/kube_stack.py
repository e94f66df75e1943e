"""A Sojourn whose API and hub are processes of this machine and whose sessions are pods.

What an installation by the chart runs in pods is configured by the same files here, where it can be measured
and its way to the cluster be led through a program that counts or breaks requests.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from cryptography.fernet import Fernet

from tests.kube import Kubectl, Raw, host, image
from tests.laptop.stack import free_port
from tests.served import REPOSITORY, until

PROXY_PORT, PROXY_API_PORT = 8000, 8001


def proxy_pod(name: str, token: str) -> Raw:
    """configurable-http-proxy as a pod."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
            "containers": [
                {
                    "name": "chp",
                    "image": image("proxy"),
                    "args": [
                        *("--ip=0.0.0.0", f"--port={PROXY_PORT}"),
                        *("--api-ip=0.0.0.0", f"--api-port={PROXY_API_PORT}"),
                        "--log-level=warn",
                    ],
                    "env": [{"name": "CONFIGPROXY_AUTH_TOKEN", "value": token}],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "runAsNonRoot": True,
                        "runAsUser": 1000,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                }
            ],
        },
    }


def proxy_address(kubectl: Kubectl, name: str) -> str:
    """The address of a proxy's pod, once it is ready."""

    def look() -> str | None:
        status = (kubectl.get("pod", name) or {}).get("status", {})
        return (
            status.get("podIP")
            if any(each["ready"] for each in status.get("containerStatuses", []))
            else None
        )

    return until(look, f"proxy {name}", seconds=90)


class KubeStack:
    """One Sojourn in one namespace.

    Args:
        kubeconfig: another way to the cluster than the usual one.
        recipes: environments to offer besides `minimal`, as the content of their `environment.yaml`.
        log_level: of the hub.
        snapshots: the storage class of /work, and the class of snapshots that is kept of it for a week.
    """

    def __init__(
        self,
        kubectl: Kubectl,
        folder: Path,
        *,
        kubeconfig: Path | None = None,
        recipes: dict[str, dict[str, Any]] | None = None,
        log_level: str = "WARN",
        snapshots: str = "",
    ) -> None:
        self.kubectl = kubectl
        self._folder = folder
        self._kubeconfig = kubeconfig
        self._log_level = log_level
        self._snapshots = snapshots
        self._recipes = {"minimal": minimal()} | (recipes or {})
        self._processes: list[subprocess.Popen[bytes]] = []
        self._clients: dict[str, httpx.Client] = {}
        self._tokens = {
            name: secrets.token_hex(32) for name in ("hub", "spawner", "metrics", "proxy", "cookie")
        }
        self.url = ""

    def __enter__(self) -> Self:
        for slug, content in self._recipes.items():
            recipe = self._folder / "environments" / slug
            recipe.mkdir(parents=True)
            (recipe / "environment.yaml").write_text(yaml.safe_dump(content))
        self.kubectl.apply(proxy_pod("proxy", self._tokens["proxy"]))
        address = proxy_address(self.kubectl, "proxy")
        self.url = f"http://{address}:{PROXY_PORT}"
        api, hub = free_port(), free_port()
        environment = os.environ | self._variables(api, hub)
        if self._kubeconfig is not None:
            environment["KUBECONFIG"] = str(self._kubeconfig)
        (self._folder / "hub.yaml").write_text(yaml.safe_dump(self._hub_values(address, api, hub)))
        config = REPOSITORY / "sojourn" / "cluster" / "hub_config.py"
        self._start("api", [sys.executable, "-m", "sessions_api"], environment)
        self._start("hub", [sys.executable, "-m", "jupyterhub", "-f", str(config)], environment)
        until(self._answers, "Sojourn", seconds=60)
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(60)

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self._folder)
        self._processes.append(process)

    def _variables(self, api: int, hub: int) -> dict[str, str]:
        return {
            "SOJOURN_DATABASE_URL": f"sqlite+aiosqlite:///{self._folder / 'sojourn.db'}",
            "SOJOURN_PUBLIC_URL": self.url,
            "SOJOURN_HOST": "0.0.0.0",  # noqa: S104 - the proxy's pod reaches it at this machine's address
            "SOJOURN_PORT": str(api),
            "SOJOURN_HUB_API_URL": f"http://127.0.0.1:{hub}/hub/api",
            "SOJOURN_HUB_TOKEN": self._tokens["hub"],
            "SOJOURN_SPAWNER_TOKEN": self._tokens["spawner"],
            "SOJOURN_METRICS_TOKEN": self._tokens["metrics"],
            "SOJOURN_COOKIE_SECRET": self._tokens["cookie"],
            "SOJOURN_SECRETS_KEY": Fernet.generate_key().decode(),
            "SOJOURN_ENVIRONMENTS_DIR": str(self._folder / "environments"),
            "SOJOURN_PRIVATE_ADDRESSES": "true",
            "SOJOURN_STORAGE_KINDS": "claim,nfs,csi,files",
            "SOJOURN_KUBERNETES_NAMESPACE": self.kubectl.namespace,
            "SOJOURN_INSTALLATION": self.kubectl.namespace,
            "SOJOURN_KEPT_DAYS": "7" if self._snapshots else "0",
            "SOJOURN_SNAPSHOT_CLASS": self._snapshots,
            "SOJOURN_HUB_VALUES": str(self._folder / "hub.yaml"),
            "SOJOURN_HUB_DATABASE_URL": f"sqlite:///{self._folder / 'hub.db'}",
            "SOJOURN_TRIAL_PASSWORD": "a-password-for-trials",
            "CONFIGPROXY_AUTH_TOKEN": self._tokens["proxy"],
            "JPY_COOKIE_SECRET": secrets.token_hex(32),
        }

    def _hub_values(self, proxy: str, api: int, hub: int) -> dict[str, Any]:
        return {
            "url": self.url,
            "installation": self.kubectl.namespace,
            "trial": True,
            "apiUrl": f"http://{host()}:{api}",
            "internalUrl": f"http://127.0.0.1:{api}",
            "hubUrl": f"http://{host()}:{hub}",
            "proxyApiUrl": f"http://{proxy}:{PROXY_API_PORT}",
            "authentication": {"class": "shared-password"},
            "sessions": {
                "namespace": self.kubectl.namespace,
                "image": image("sojourn"),
                "config": {"disk_gib": 0.1} | ({"storage_class": self._snapshots} if self._snapshots else {}),
            },
            "config": {"JupyterHub": {"hub_bind_url": f"http://0.0.0.0:{hub}", "log_level": self._log_level}},
        }

    def _answers(self) -> bool | None:
        for process in self._processes:
            assert process.poll() is None, self.log()
        try:
            return (
                all(
                    httpx.get(f"{self.url}{path}", trust_env=False).status_code < 400
                    for path in ("/healthz", "/hub/api/")
                )
                or None
            )
        except httpx.TransportError:
            return None

    def log(self) -> str:
        """What API and hub wrote."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def http(self, person: str | None = None) -> httpx.Client:
        """The client of a person, who the hub knows from now on, with a token of theirs."""
        name = person or "ann"
        if name not in self._clients:
            hub = {"Authorization": f"token {self._tokens['hub']}"}
            users = f"{self.url}/hub/api/users/{name}"
            httpx.post(users, headers=hub, trust_env=False, timeout=30)
            made = httpx.post(f"{users}/tokens", headers=hub, json={}, trust_env=False, timeout=30)
            assert made.status_code == 201, made.text
            headers = {"Authorization": f"Bearer {made.json()['token']}"}
            self._clients[name] = httpx.Client(
                base_url=self.url, headers=headers, trust_env=False, timeout=90
            )
        return self._clients[name]


def minimal() -> dict[str, Any]:
    """The minimal environment as an image."""
    content: dict[str, Any] = yaml.safe_load(
        (REPOSITORY / "environments/minimal/environment.yaml").read_text()
    )
    return content | {"image": image("minimal")}
