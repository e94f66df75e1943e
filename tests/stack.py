"""A whole Sojourn that can be killed anywhere, and what is true of it: processes, hub, runs."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from sojourn.laptop.data import Secret
from sojourn.laptop.sweep import session_processes
from spawner.processes import RUN_VARIABLE, ProcessRecord
from tests.openapi import Contract
from tests.served import Served, until

CHILDREN = ("api", "hub", "proxy")

_COMPLAINTS = re.compile(
    r"Traceback|never awaited|never retrieved|^ERROR|/(sojourn|sessions_api|spawner)/.*Warning: "
    r"|\[E (?!.* Not starting )"  # the hub's word for a launch that was refused or cancelled
)
_LIVE = ("queued", "launching", "running")

Fact = TypeVar("Fact")


def eventually(
    fact: Callable[[], Fact], what: str, *, seconds: float = 60.0, pause: float | None = None
) -> Fact:
    """What `fact` returns once it is neither None nor false nor empty."""
    return until(lambda: fact() or None, what, seconds=seconds, pause=pause)


class Stack(Served):
    """One data folder and the `sojourn up` on it; has its own clients, which end with it."""

    patience = 60.0

    def __init__(self, root: Path, **options: Any) -> None:
        root.mkdir(parents=True, exist_ok=True)
        super().__init__(root, **options)
        self._clients: dict[str, httpx.Client] = {}

    @property
    def owner(self) -> str:
        """The name of who runs the command."""
        return self.state().people[0]

    def http(self, person: str | None = None) -> httpx.Client:
        """The shared client of a person, the owner unless another is named."""
        name = person or self.owner
        if name not in self._clients:
            self._clients[name] = self.client(name)
            self._clients[name].event_hooks = {"response": [self._check]}
        return self._clients[name]

    @cached_property
    def contract(self) -> Contract:
        """What the API says about itself; every answer to the shared clients is held against it."""
        return Contract.published(self.local_url, httpx.URL(self.url).netloc.decode())

    def _check(self, answer: httpx.Response) -> None:
        kind = answer.headers.get("Content-Type", "")
        # While a child is started again, Traefik answers in its place, with or without a content type.
        of_the_proxy = answer.is_error and not kind.startswith("application/")
        if of_the_proxy or kind.startswith("text/event-stream"):
            return
        answer.read()
        self.contract.check(answer)

    def close(self) -> None:
        """Ends everything, by force what Ctrl-C leaves behind."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        super().close()
        for process in self.everything():
            with contextlib.suppress(psutil.Error):
                process.kill()

    def kill(self, child: str) -> None:
        """`kill -9` of the API (`api`), the hub (`hub`) or the proxy (`proxy`), and of nothing else."""
        known = self.state().children[child]
        with contextlib.suppress(ProcessLookupError):
            os.kill(known.pid, signal.SIGKILL)
        eventually(lambda: not known.is_alive(), f"the end of {child}")

    def kill_session(self, run: str) -> None:
        """`kill -9` of the single-user server of a run, if there is one."""
        for record in self.records():
            if record.run == run and record.is_alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(record.pid, signal.SIGKILL)

    def kill_everything(self) -> None:
        """`kill -9` of `sojourn up` and all that belongs to it, as a power cut would."""
        assert self.up is not None
        self.up.kill()
        self.up.wait()
        left = self.everything()
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        eventually(lambda: not any(map(_runs, left)), "the end of everything")

    def kill_sojourn(self) -> None:
        """`kill -9` of `sojourn up`, the API, the hub and the proxy; sessions live on."""
        assert self.up is not None
        self.up.kill()
        self.up.wait()
        for child in CHILDREN:
            self.kill(child)

    def everything(self) -> list[psutil.Process]:
        """All processes of it but the supervisor, whether anybody still knows them or not."""
        return [process for process in psutil.process_iter() if _runs(process) and self._owns(process)]

    def processes_of(self, run: str) -> list[psutil.Process]:
        """All processes of a run, kernels and terminals too."""
        return [process for process in self.everything() if _variables(process).get(RUN_VARIABLE) == run]

    def orphans(self, *runs: dict[str, Any]) -> list[str]:
        """What runs and belongs neither to one of the runs, if live, nor to the `sojourn up` of now."""
        assert self.up is not None
        live = {run["id"] for run in runs if run["phase"] in _LIVE}
        found = []
        for process in self.everything():
            if _variables(process).get(RUN_VARIABLE) in live:
                continue
            with contextlib.suppress(psutil.Error):
                if self.up.pid not in {parent.pid for parent in process.parents()}:
                    found.append(f"{process.pid} {process.cmdline()}")
        return found

    def _owns(self, process: psutil.Process) -> bool:
        variables = _variables(process)
        if variables.get("SOJOURN_DATA") == str(self.data.root):
            return True
        folders = [variables.get("WORK_DIR", "")]
        with contextlib.suppress(psutil.Error, OSError):
            folders.append(process.cwd())
        return any(folder and Path(folder).is_relative_to(self.data.root) for folder in folders)

    def records(self) -> list[ProcessRecord]:
        """What is written down about sessions' processes."""
        return session_processes(self.data)

    def record(self, run: str) -> ProcessRecord | None:
        """What is written down about a run's process."""
        return next((record for record in self.records() if record.run == run), None)

    def servers(self) -> dict[str, dict[str, Any]]:
        """The hub's models of its active servers, by run; by name while a hub has only just started."""
        headers = {
            "Authorization": f"token {self.data.secret(Secret.HUB_TOKEN)}",
            "Accept": "application/jupyterhub-pagination+json",
        }
        users = f"http://127.0.0.1:{self.state().ports.hub}/hub/api/users?state=active"
        answer = httpx.get(users, headers=headers, timeout=30, trust_env=False).raise_for_status()
        models = [model for user in answer.json()["items"] for model in user["servers"].values()]
        return {model["user_options"].get("run", model["name"]): model for model in models}

    def untruths(self, run: dict[str, Any]) -> list[str]:
        """What differs between a run's row, the hub and the processes; nothing when its status is true."""
        server, processes = self.servers().get(run["id"]), self.processes_of(run["id"])
        found = []
        match run["phase"]:
            case "queued" if server or processes:
                found.append("it is queued and something of it runs")
            case "launching" if run["wish"] == "run" and server is None:
                found.append("it is launching and the hub knows nothing of it")
            case "running":
                if server is None or not server["ready"]:
                    found.append(f"it is running and the hub says {server}")
                if self.record(run["id"]) is None or not processes:
                    found.append("it is running and has no process")
                elif not self._is_reachable(run):
                    found.append(f"it is running and {run['url']} does not answer")
            case phase if phase not in _LIVE and (server or processes):
                found.append(f"it is {phase}, the hub says {server}, and {len(processes)} processes run")
        return found

    def _is_reachable(self, run: dict[str, Any]) -> bool:
        return self.http(run["person"]).get(f"{run['url']}api/status").is_success

    def complaints(self) -> list[str]:
        """Lines of the logs that say that something is wrong inside Sojourn."""
        return [
            f"{log.name}: {line}"
            for log in self.data.logs.glob("*.log")
            for line in log.read_text(errors="replace").splitlines()
            if _COMPLAINTS.search(line)
        ]


def _variables(process: psutil.Process) -> dict[str, str]:
    # A process that ends this moment, or somebody else's, shows nothing.
    with contextlib.suppress(psutil.Error, OSError):
        return process.environ()
    return {}


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
