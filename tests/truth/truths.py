"""What has to be so of runs, servers and processes, at any moment and once everything has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sessions_api.runs.states import STEPS
from tests.truth.hub import StandInHub
from tests.truth.installation import LIVE, Installation

Run = dict[str, Any]
WANTED = ("run", "resume")


def doubled(runs: Sequence[Run], hub: StandInHub) -> list[str]:
    """Of what there is more than one, where there may be one."""
    wanted = Counter(
        (run["person"], run["project"], run["session"])
        for run in runs
        if run["phase"] in LIVE and run["wish"] in WANTED
    )
    at_hub = Counter(
        (run["person"], run["project"], run["session"])
        for run in runs
        if run["phase"] in {"launching", "running"}
    )
    found = [f"{count} runs of {key} are wanted" for key, count in wanted.items() if count > 1]
    found += [f"{count} runs of {key} are at the hub" for key, count in at_hub.items() if count > 1]
    return found + [f"run {run} had two programs at one time" for run in hub.facts.twice]


def untruths(runs: Sequence[Run], hub: StandInHub) -> list[str]:
    """What differs between runs at rest, the hub's servers and the processes that there are."""
    servers = {
        server.options["run"]: server
        for server in hub.servers.values()
        if server.active and server.spawner is not None
    }
    processes = Counter(process.run for process in hub.facts.running())
    found = []
    for run in runs:
        server, count = servers.pop(run["id"], None), processes.pop(run["id"], 0)
        what = f"run {run['id']} of {run['person']} is {run['phase']} (wish {run['wish']})"
        if run["phase"] in {"queued", "launching"} or run["wish"] != "run":
            found.append(f"{what}: that is not at rest")
        elif run["phase"] == "running":
            if server is None or server.spawner is None or server.spawner.pending is not None:
                found.append(f"{what}, and its server is {server}")
            if count != 1:
                found.append(f"{what}, and {count} programs of it run")
        elif server is not None or count:
            found.append(f"{what}, has a server {server and server.name} and {count} programs")
        if run["phase"] == "failed" and run["reason"] is None:
            found.append(f"{what}, and nobody knows why")
        if run["phase"] in {"running", "paused"} and run["reason"] is not None:
            found.append(f"{what}, and its reason is {run['reason']}")
    found += [f"a server of the unknown run {run}" for run in servers]
    return found + [f"a program of the unknown run {run}" for run in processes]


def untrue_now(runs: Sequence[Run], hub: StandInHub) -> list[str]:
    """What is told otherwise than it is, also while something is under way."""
    servers = {server.options["run"]: server for server in hub.servers.values() if server.active}
    processes = Counter(process.run for process in hub.facts.running())
    known = {run["id"] for run in runs}
    found = [f"a program of the unknown run {run}" for run in processes if run not in known]
    for run in runs:
        server, count = servers.get(run["id"]), processes[run["id"]]
        what = f"run {run['id']} of {run['person']} is {run['phase']} (wish {run['wish']})"
        ready = server is not None and server.spawner is not None and server.spawner.pending is None
        if run["phase"] == "launching" and run["wish"] == "run" and server is None:
            found.append(f"{what}, and the hub knows nothing of it")
        if run["phase"] == "running" and run["wish"] == "run" and not (ready and count == 1):
            found.append(f"{what}, and its server is {server}, with {count} programs")
        if run["phase"] not in {"launching", "running"} and (server is not None or count):
            found.append(f"{what}, and has {server} and {count} programs")
        if run["wish"] != "run":
            found.append(f"{what}, which does not happen")
    return found


async def missteps(installation: Installation, run: Run) -> list[str]:
    """Where a run that is over took a step that there is not."""
    history = await installation.history(run["person"], run["id"])
    phases = [event["phase"] for event in history]
    if not phases or phases[0] != "queued":
        return [f"run {run['id']} began as {phases[:1]}"]
    return [
        f"run {run['id']} went from {before} to {after}"
        for before, after in pairwise(phases)
        if before != after and after not in STEPS[before]
    ]
