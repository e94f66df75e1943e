"""What the command says of limits and of places in the line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.pages.conftest import Site, ready, stage
from tests.pages.hub import StandInHub
from tests.pools.conftest import Installation
from tests.served import until

pytestmark = pytest.mark.slow

POOLS = """
- {slug: shared, name: Shared, classes: [shared], quota: {sessions: 1}}
- {slug: limited, name: Limited, classes: [limited], perPerson: {cpus: 1}}
"""


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Installation]:
    """An API with a pool for one session, and one with a limit for each person."""
    with StandInHub() as hub:
        made = Installation(tmp_path, hub, 1)
        (tmp_path / "pools.yaml").write_text(POOLS)
        made.start()
        yield made
        made.sites[0].stop()


@pytest.fixture
def ann(one: Installation, tmp_path: Path) -> Command:
    """Ann's command."""
    return Command(tmp_path, {"SOJOURN_URL": one.sites[0].url, "SOJOURN_TOKEN": "token-of-ann"})


def newest(one: Installation) -> dict[str, Any]:
    """Ann's newest run."""
    return dict(one.ask("ann", "GET", "/runs").json()["items"][0])


def test_a_refusal_names_what_gives_back_what_is_needed(one: Installation, ann: Command) -> None:
    one.session("ann", "Harbour", "limited")
    one.session("ann", "Terrain", "limited")
    assert ann("session", "start", "harbour").code == 0

    refused = ann("session", "start", "terrain")

    assert refused.code == 4
    assert "Your session Minimal in Harbour uses 1 of your 1 CPU in the pool Limited." in refused.stderr
    assert "`sojourn session cancel harbour minimal` gives back what it holds." in refused.stderr
    assert "Cancel its launch to start this one." in refused.stderr
    assert ann("session", "cancel", "harbour", "minimal", "--no-wait").code == 0
    assert ann("session", "start", "terrain").code == 0


def test_a_start_that_waits_says_where_it_is(one: Installation, ann: Command) -> None:
    one.session("ann", "Harbour", "shared")
    one.session("ann", "Terrain", "shared")
    ann("session", "start", "harbour")

    waiting = ann("session", "start", "terrain")

    assert waiting.code == 0
    assert "minimal waits for a place: position 1. It is launched by itself" in waiting.stderr
    assert ann("session", "start", "terrain", "-o", "json").json()["queue"] == {
        "position": 1,
        "estimate_seconds": None,
    }


def test_a_start_that_is_waited_for_tells_when_it_waits_and_when_it_launches(
    one: Installation, ann: Command
) -> None:
    holder = one.session("ann", "Harbour", "shared")
    one.session("ann", "Terrain", "shared")
    run = ann("session", "start", "harbour", "-o", "json").json()
    site: Site = one.sites[0]
    said: list[str] = []

    def wait() -> None:
        said.append(ann("session", "start", "terrain", "--wait").stderr)

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: newest(one)["queue"], "the start that waits")
    one.stop(run, holder)
    launched = newest(one)["id"]
    until(lambda: launched in one.hub.runs or None, "its launch")
    site.report(launched, stage("environment", "done"), ready(site.address(launched)))
    waiting.join()

    assert "• Waiting for a place, position 1" in said[0]
    assert "✓ Queued" in said[0]


def test_pools_are_listed_with_what_is_free(one: Installation, ann: Command) -> None:
    one.session("ann", "Harbour", "shared")
    one.session("ann", "Terrain", "shared")
    ann("session", "start", "harbour")
    ann("session", "start", "terrain")

    listed = ann("resource-pool", "list", COLUMNS="120").stdout.splitlines()

    assert any({"shared", "0", "sessions", "1"} <= set(line.split()) for line in listed), listed
    assert any({"limited", "1", "CPU", "0"} <= set(line.split()) for line in listed), listed


def test_a_session_can_be_of_the_smallest_class_that_has_as_much(one: Installation, ann: Command) -> None:
    one.session("ann", "Harbour", "shared")

    added = ann("session", "add", "harbour", "python", "--at-least", "cpus=1", "--at-least", "memory=0.5")

    assert "It is of the class shared." in added.stderr
    assert (
        "gpu=1 is no cpus=NUMBER"
        in ann("session", "configure", "harbour", "python", "--at-least", "gpu=1").stderr
    )
    refused = ann("session", "configure", "harbour", "python", "--at-least", "gpus=1")
    assert "No resource class has as much. There are: shared (1 CPU, 1 GiB)," in refused.stderr


def test_an_admin_makes_changes_and_withdraws_classes_and_pools(one: Installation, tmp_path: Path) -> None:
    root = Command(tmp_path, {"SOJOURN_URL": one.sites[0].url, "SOJOURN_TOKEN": "token-of-root"})
    (tmp_path / "tolerations.yaml").write_text("- {key: gpu, operator: Exists}\n")
    size = ("--cpus", "4", "--memory", "8")
    where = ("--node-label", "disk=ssd", "--tolerations", str(tmp_path / "tolerations.yaml"))

    made = root("resource-class", "create", "Large", *size, *where)
    assert "Sessions can be of the class large now." in made.stderr
    limits = ("--quota", "cpus=8", "--quota", "memory=64", "--per-person", "sessions=1")
    pooled = root("resource-pool", "create", "Halls", "--class", "large", *limits, "--group", "vision")
    assert "Sessions of large are taken from the pool halls now." in pooled.stderr
    changed = root("resource-pool", "change", "halls", "--quota", "cpus=4", "--group", "none")
    assert "Changed the pool halls. Taken now: nothing." in changed.stderr
    shown = root("resource-class", "show", "large", "-o", "json").json()
    assert (shown["pool"], shown["node_selector"]) == ("halls", {"disk": "ssd"})
    assert shown["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    assert "4 CPU" in root("resource-pool", "show", "halls").stdout

    assert "takes 9 CPUs" in root("resource-class", "change", "large", "--cpus", "9").stderr
    assert root("resource-class", "change", "shared", "--cpus", "9").code == 4
    assert root("resource-class", "withdraw", "large").code == 0
    assert "large" in root("resource-class", "list", "--withdrawn").stdout
    assert root("resource-class", "offer", "large").code == 0
    assert root("resource-pool", "withdraw", "halls").code == 0
    assert "halls" not in root("resource-pool", "list", "--all", COLUMNS="120").stdout
