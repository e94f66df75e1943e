"""What KubeSpawner promises of names, claims and addresses holds for sessions too."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import Any

import pytest
from kubespawner.slugs import multi_slug

from spawner.spec import LaunchSpec
from tests.kube import Kubectl
from tests.kubernetes.conftest import MakeHub, MakeSession, ask, pod_of, running
from tests.kubernetes.hub import KubeHub
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

ESCAPED = "c.KubeSpawner.slug_scheme = 'escape'"
BY_ADDRESS = (
    "SELECT servers.id, ip FROM servers JOIN spawners ON server_id = servers.id WHERE spawners.name = ?"
)


def claim_of(pod: dict[str, Any]) -> str:
    claims = [
        volume["persistentVolumeClaim"]
        for volume in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    ]
    return str(claims[0]["claimName"])


def address(hub: KubeHub, spec: LaunchSpec) -> str:
    """Where the hub's database says that a session is."""
    with contextlib.closing(sqlite3.connect(hub.database)) as database:
        ((_, ip),) = database.execute(BY_ADDRESS, (spec.server,))
    return str(ip)


def test_names_are_those_that_kubespawner_makes_of_people_and_servers(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session(person="Ann_Lee.O-Neill@example.org")

    pod = running(hub, api, kubectl, spec)

    slug = multi_slug([spec.person, spec.server])
    assert pod["metadata"]["name"] == f"jupyter-{slug}"
    assert claim_of(pod) == f"claim-{slug}"
    assert pod["metadata"]["annotations"]["hub.jupyter.org/username"] == spec.person
    hub.stop(spec.person, spec.server)


def test_work_of_a_hub_with_names_of_the_old_kind_is_found_by_one_with_the_new(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub, spec = make_hub(ESCAPED), make_session(person="needs-Escape")
    pod = running(hub, api, kubectl, spec)
    kubectl("exec", pod["metadata"]["name"], "-c", "notebook", "--", "sh", "-c", "echo kept > /work/file")
    hub.stop(spec.person, spec.server)
    api.wait_ended(spec.run)
    hub.kill()
    forget_all_but_names(hub, spec)
    hub.configure("")
    hub.start()
    api.deliveries.clear()

    again = running(hub, api, kubectl, spec.model_copy(update={"attempt": 2}))

    assert again["metadata"]["name"] != pod["metadata"]["name"]
    assert claim_of(again) == claim_of(pod)
    kept = kubectl("exec", again["metadata"]["name"], "-c", "notebook", "--", "cat", "/work/file")
    assert kept == "kept\n"
    hub.stop(spec.person, spec.server)


def forget_all_but_names(hub: KubeHub, spec: LaunchSpec) -> None:
    """Leaves of a server's state what KubeSpawner noted before its version 7."""
    with contextlib.closing(sqlite3.connect(hub.database)) as database:
        ((state,),) = database.execute("SELECT state FROM spawners WHERE name = ?", (spec.server,))
        kept = {
            name: value
            for name, value in json.loads(state).items()
            if name in {"namespace", "pod_name", "dns_name"}
        }
        database.execute("UPDATE spawners SET state = ? WHERE name = ?", (json.dumps(kept), spec.server))
        database.commit()


def test_a_session_is_reached_where_its_pod_is_whatever_the_hub_had_noted(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub, spec = make_hub(), make_session()
    pod = running(hub, api, kubectl, spec)
    hub.kill()
    with contextlib.closing(sqlite3.connect(hub.database)) as database:
        ((server, ip),) = database.execute(BY_ADDRESS, (spec.server,))
        database.execute("UPDATE servers SET ip = '192.0.2.1' WHERE id = ?", (server,))
        database.commit()

    hub.start()

    api.wait(lambda: (hub.server(spec.person, spec.server) or {}).get("ready"))
    api.wait(lambda: address(hub, spec) == ip == pod["status"]["podIP"])
    assert ask(pod, spec).is_success
    assert pod_of(kubectl, spec)
    assert api.ended(spec.run) is None
