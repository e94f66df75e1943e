"""Sojourn as an administrator installs it: the chart in a namespace, reached at its proxy's Service."""

from __future__ import annotations

import re
import subprocess
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from tests.kube import Kubectl, Raw, host, image
from tests.served import REPOSITORY
from tests.stack import eventually

CHART = REPOSITORY / "charts" / "sojourn"
PEOPLE = ("ann", "bob", "eve")
IMAGES = {"sojourn": "sojourn", "proxy": "proxy", "database": "postgres"}
SMALL = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "1Gi"}}

Values = dict[str, Any]


def merged(values: Values, over: Values) -> Values:
    """Values as Helm merges them: mappings go together, everything else is replaced."""
    result = dict(values)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = merged(result[name], value) if both else value
    return result


class Installation:
    """One release.

    Args:
        transport: makes what leads to its address, where that is no name that this machine knows.

    Attributes:
        kubectl: asks in its namespace.
        patience: seconds that a launch may take; a node pulls a large image while others use its disk.
    """

    patience = 180.0

    def __init__(
        self,
        kubectl: Kubectl,
        folder: Path,
        values: Values,
        *,
        name: str = "sojourn",
        transport: Callable[[], httpx.BaseTransport] | None = None,
    ) -> None:
        self.kubectl = kubectl
        self.name = name
        self._folder = folder
        self._values = values
        self._transport = transport
        self._clients: dict[str, httpx.Client] = {}

    def __enter__(self) -> Self:
        self.install()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()
        self.helm("uninstall", self.name, "--wait", "--timeout=120s", check=False)

    def helm(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs one command of Helm's in the namespace."""
        done = subprocess.run(
            ["helm", "-n", self.kubectl.namespace, *arguments],
            text=True,
            capture_output=True,
            check=False,
            timeout=600,
        )
        assert not check or done.returncode == 0, f"helm {' '.join(arguments)}: {done.stderr}"
        return done

    def install(self, **over: Any) -> None:
        """Installs, or upgrades to other values; returns when everything is ready and answers."""
        file = self._folder / f"{self.name}.yaml"
        self._values = merged(self._values, over)
        file.write_text(yaml.safe_dump(self._values))
        try:
            self.helm(
                *("upgrade", "--install", self.name, str(CHART), "--values", str(file)),
                *("--wait", "--timeout=240s"),
            )
        except AssertionError as error:
            error.add_note(self.troubles())
            raise
        # A node learns of ready pods a moment after Helm does, and refuses connections until then.
        for path in ("/", "/hub/health"):
            eventually(partial(self._answers, path), f"{self.url}{path} answers")

    def _answers(self, path: str) -> bool:
        try:
            with self.client(timeout=10) as http:
                return not http.get(path).is_server_error
        except httpx.TransportError:
            return False

    def troubles(self) -> str:
        """What there is to see of an installation that does not get ready."""
        pods = self.kubectl("get", "pods", "-o", "wide")
        events = self.kubectl("get", "events", "--sort-by=.lastTimestamp").splitlines()[-30:]
        logs = [
            self.kubectl.run("logs", f"deployment/{self.name}-{part}", "--tail=30", "--all-containers").stdout
            for part in ("api", "hub", "proxy")
        ]
        return "\n".join((pods, *events, *logs))

    @property
    def url(self) -> str:
        """Where people find it."""
        return str(self._values["url"])

    def client(self, **options: Any) -> httpx.Client:
        """A client of nobody's, who reaches it as people do."""
        transport = self._transport() if self._transport else None
        return httpx.Client(
            base_url=self.url, transport=transport, trust_env=False, **{"timeout": 60, **options}
        )

    def http(self, person: str | None = None) -> httpx.Client:
        """The client of a person, with a token of theirs."""
        name = person or PEOPLE[0]
        if name not in self._clients:
            headers = {"Authorization": f"Bearer {self._token(name)}"}
            self._clients[name] = self.client(headers=headers)
        return self._clients[name]

    def secret(self, key: str) -> str:
        """One of the installation's secrets."""
        found = self.kubectl.get("secret", self.name)
        assert found is not None
        return b64decode(found["data"][key]).decode()

    def _token(self, person: str) -> str:
        """A token as the hub makes it for a person who asks for one; they log in once to exist."""
        self.browser(person).close()
        headers = {"Authorization": f"token {self.secret('hub-token')}"}
        with self.client(headers=headers) as http:
            made = http.post(f"/hub/api/users/{person}/tokens", json={})
        assert made.status_code == 201, made.text
        return str(made.json()["token"])

    def browser(self, person: str) -> httpx.Client:
        """A client that is logged in as a browser is, with a password and cookies."""
        client = self.client(follow_redirects=True)
        page = client.get("/hub/login")
        field = re.search(r'name="_xsrf"\s+value="([^"]*)"', page.text)
        assert field, page.text[:500]
        form = {"username": person, "password": self.secret("trial-password"), "_xsrf": field[1]}
        client.post("/hub/login", data=form).raise_for_status()
        return client

    def pods(self, **labels: str) -> list[Raw]:
        """Pods of sessions that are not on their way out."""
        found = self.kubectl.list("pod", **labels)
        return [
            pod
            for pod in found
            if "sojourn/run" in pod["metadata"]["labels"] and "deletionTimestamp" not in pod["metadata"]
        ]

    def pods_of(self, part: str) -> list[str]:
        """Names of the pods of `api`, `hub` or `proxy`."""
        selector = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component={part}"
        return self.kubectl("get", "pod", "-l", selector, "-o", "jsonpath={.items[*].metadata.name}").split()

    def address_of(self, pod: str) -> str:
        """A pod's address."""
        found = self.kubectl.get("pod", pod)
        assert found is not None
        return str(found["status"]["podIP"])

    def ports_of(self, pod: str) -> list[int]:
        """The ports that a pod's containers say they listen on."""
        found = self.kubectl.get("pod", pod)
        assert found is not None
        return [
            port["containerPort"]
            for container in found["spec"]["containers"]
            for port in container.get("ports", [])
        ]

    def replicas(self) -> list[str]:
        """Where each replica of the API answers, past the proxy."""
        pods = self.pods_of("api")
        return [f"http://{self.address_of(pod)}:{self.ports_of(pod)[0]}" for pod in pods]

    def until_ready(self) -> None:
        """Waits until every part of it answers."""
        for part in ("api", "hub", "proxy"):
            self.kubectl("rollout", "status", f"deployment/{self.name}-{part}", "--timeout=50s")
        paths = ("/api/v1/openapi.json", "/hub/api/")

        def answers() -> bool:
            with self.client(timeout=10) as http:
                return all(http.get(path).is_success for path in paths)

        eventually(answers, "Sojourn answers")


def trial_values(port: int) -> Values:
    """Values of an installation to test: everything in the cluster, small, with two replicas of the API.

    Args:
        port: of the node, at which the proxy is reached.
    """
    python = yaml.safe_load((REPOSITORY / "environments" / "minimal" / "environment.yaml").read_text())
    run = {
        "frontEnd": python["run"]["front_end"],
        "command": python["run"]["command"],
        "defaultUrl": python["run"]["default_url"],
        "port": python["run"]["port"],
    }
    registries = [image("sojourn").partition("/")[0], host()]
    return {
        "url": f"http://{host()}:{port}",
        "trial": True,
        "images": {name: image(of) for name, of in IMAGES.items()},
        "environments": {
            "minimal": {
                "name": "Minimal",
                "description": "JupyterLab with a Python kernel.",
                "image": image("minimal"),
                "run": run,
            },
            "files": {
                "name": "Files",
                "description": "A web server that knows nothing of JupyterHub.",
                "image": image("http-server"),
                "run": {
                    "frontEnd": "Files",
                    "defaultUrl": "/",
                    "port": 8080,
                    "gate": {"prefix": "strip", "readyPath": "/"},
                },
            },
        },
        "resourceClasses": [
            {"slug": "small", "name": "Small", "cpus": 0.5, "memoryGib": 0.5, "diskGib": 1, "default": False}
        ],
        "authentication": {"class": "shared-password", "admins": [PEOPLE[0]]},
        "api": {
            "replicas": 2,
            "privateAddresses": True,
            "registries": {"private": registries, "insecure": registries},
            "resources": SMALL,
        },
        "hub": {"resources": SMALL},
        "proxy": {"service": {"type": "NodePort", "nodePort": port}, "resources": SMALL},
        "database": {"inChart": {"sizeGib": 1, "resources": SMALL}},
        # Where the tests' git servers listen, and not where a node of the tests' own may have its API server.
        "sessions": {"diskGib": 1, "egress": {"rules": [_reach(f"{host()}/32", 20_000, 65_535)]}},
    }


def _reach(cidr: str, first: int, last: int) -> Raw:
    """An egress rule for a range of ports."""
    ports = [{"protocol": "TCP", "port": first, "endPort": last}]
    return {"to": [{"ipBlock": {"cidr": cidr}}], "ports": ports}
