"""Sessions as pods, from a person's start to its end."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from spawner.spec import RepositorySpec, ResourcesSpec, RunSecrets, SecretSpec
from tests.git_server import GitServer
from tests.kube import Kubectl
from tests.kubernetes.conftest import MakeSession, ask, launch, pod_of, running
from tests.kubernetes.hub import KubeHub
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


def test_a_session_opens_and_is_stopped(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()

    pod = running(hub, api, kubectl, spec)

    assert ask(pod, spec).status_code == 200
    assert {key: stage.state for key, stage in api.stages(spec.run).items()} == {
        "queued": "done",
        "schedule": "done",
        "pull": "done",
        "start": "done",
        "ready": "done",
    }
    assert api.stages(spec.run)["pull"].detail == "was on the node"
    api.wait(lambda: "the program begins" in api.lines(spec.run, "session"))

    hub.stop(spec.person, spec.server)

    assert api.wait_ended(spec.run).reason is None
    assert pod_of(kubectl, spec) is None


def test_a_resumed_session_finds_its_files(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()
    pod = running(hub, api, kubectl, spec)
    kubectl("exec", pod["metadata"]["name"], "-c", "notebook", "--", "sh", "-c", "echo kept > /work/file")
    hub.stop(spec.person, spec.server)
    api.wait_ended(spec.run)
    api.deliveries.clear()

    again = running(hub, api, kubectl, spec.model_copy(update={"attempt": 2}))

    kept = kubectl("exec", again["metadata"]["name"], "-c", "notebook", "--", "cat", "/work/file")
    assert kept == "kept\n"
    assert again["metadata"]["uid"] != pod["metadata"]["uid"]


def test_work_grows_when_the_next_start_asks_for_more_and_goes_with_the_server(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    small, large = (ResourcesSpec(cpus=None, memory_gib=None, disk_gib=gib) for gib in (0.0625, 0.125))
    spec = make_session(resources=small)
    running(hub, api, kubectl, spec)
    hub.stop(spec.person, spec.server)
    api.wait_ended(spec.run)

    other = spec.model_copy(update={"run": f"{spec.run}-2", "resources": large})
    running(hub, api, kubectl, other)

    (claim,) = kubectl.list("pvc", sojourn__person=spec.person)
    assert claim["spec"]["resources"]["requests"]["storage"] == "128Mi"
    hub.stop(spec.person, spec.server, remove=True)
    api.wait_ended(other.run)
    api.wait(lambda: not kubectl.list("pvc", sojourn__person=spec.person))


def test_a_start_right_after_a_removal_gets_a_new_work(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()
    running(hub, api, kubectl, spec)
    (before,) = kubectl.list("pvc", sojourn__person=spec.person)
    hub.stop(spec.person, spec.server, remove=True)
    api.wait_ended(spec.run)
    # As the API does: until then the hub is deleting what it had, and would forget what is started.
    api.wait(lambda: not hub.knows(spec.person, spec.server))

    running(hub, api, kubectl, spec.model_copy(update={"run": f"{spec.run}-2"}))

    (after,) = kubectl.list("pvc", sojourn__person=spec.person)
    assert after["metadata"]["uid"] != before["metadata"]["uid"]


def test_sessions_of_two_people_and_of_one_live_side_by_side(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    anns, bobs = make_session(), make_session()
    anns_other = make_session(person=anns.person)

    pods = [running(hub, api, kubectl, spec) for spec in (anns, bobs, anns_other)]

    assert len({pod["metadata"]["name"] for pod in pods}) == 3
    assert len({volume_claim(pod) for pod in pods}) == 3
    hub.stop(anns.person, anns.server)
    api.wait_ended(anns.run)
    assert pod_of(kubectl, bobs)
    assert pod_of(kubectl, anns_other)


def test_secrets_reach_the_session_and_not_its_pod(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    secrets = (SecretSpec(name="db", variable="DB_PASSWORD"), SecretSpec(name="key", variable=None))
    spec = make_session(secrets=secrets, variables={"PLAIN": "{username} $(HOME) $$"})
    values = {"db": SecretStr("geheim-1"), "key": SecretStr("geheim-2")}
    api.secrets[spec.run] = RunSecrets(values=values, git={})

    pod = running(hub, api, kubectl, spec)

    told = ask(pod, spec).json()
    assert told["DB_PASSWORD"] == "geheim-1"
    assert told["PLAIN"] == "{username} $(HOME) $$"
    name = pod["metadata"]["name"]
    assert kubectl("exec", name, "-c", "notebook", "--", "cat", "/run/sojourn/secrets/key") == "geheim-2"
    shown = str(pod) + hub.log()
    assert "geheim" not in shown
    assert told["JUPYTERHUB_API_TOKEN"] not in shown
    (secret,) = kubectl.list("secret", sojourn__run=spec.run)
    assert secret["metadata"]["ownerReferences"][0]["uid"] == pod["metadata"]["uid"]
    hub.stop(spec.person, spec.server)
    api.wait_ended(spec.run)
    api.wait(lambda: not kubectl.list("secret", sojourn__run=spec.run))


def test_a_pod_that_an_earlier_launch_left_makes_way(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = make_session()
    pod = running(hub, api, kubectl, spec)
    hub.stop(spec.person, spec.server)
    api.wait_ended(spec.run)
    kubectl.apply(left_over(pod))
    api.deliveries.clear()

    again = running(hub, api, kubectl, spec.model_copy(update={"attempt": 2}))

    assert again["metadata"]["labels"]["sojourn/attempt"] == "2"


def test_a_launch_that_is_no_longer_wanted_ends(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = launch(hub, api, make_session(variables={"BEHAVIOUR": "silent"}))
    api.wait(lambda: "start" in api.stages(spec.run))

    api.wish(spec.run, "cancel")

    assert api.wait_ended(spec.run).reason is None
    assert pod_of(kubectl, spec) is None
    api.wait(lambda: hub.server(spec.person, spec.server) is None)


def test_a_launch_that_cannot_come_right_fails_in_its_stage(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    spec = launch(hub, api, make_session(environment={"command": ("no-such-program",)}))

    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.code == "program_missing"
    assert api.stages(spec.run)["start"].state == "fail"
    api.wait(lambda: pod_of(kubectl, spec) is None)


def volume_claim(pod: dict[str, Any]) -> str:
    claims = [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    ]
    return str(claims[0])


def left_over(pod: dict[str, Any]) -> dict[str, Any]:
    """A pod of the same name and run that nobody watches."""
    metadata = pod["metadata"]
    kept = {key: metadata[key] for key in ("name", "namespace", "labels")}
    (program,) = pod["spec"]["containers"]
    quiet = {key: program[key] for key in ("name", "image", "securityContext")}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": kept,
        "spec": {
            "containers": [quiet | {"command": ["sleep", "600"]}],
            "securityContext": pod["spec"]["securityContext"],
        },
    }


def test_repositories_are_cloned_before_the_session_starts(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession, pod_git: GitServer
) -> None:
    commit = pod_git.create("bar", {"data.txt": "cloned\n"})
    repository = RepositorySpec(
        url=pod_git.url("bar"), ref="main", commit=commit, branch="main", folder="bar"
    )
    spec = make_session(repositories=(repository,))

    pod = running(hub, api, kubectl, spec)

    assert api.stages(spec.run)["clone:bar"].state == "done"
    name = pod["metadata"]["name"]
    assert kubectl("exec", name, "-c", "notebook", "--", "cat", "/work/bar/data.txt") == "cloned\n"
    assert any(line.startswith("bar: ") for line in api.lines(spec.run, "clone"))


def test_a_clone_that_fails_fails_its_stage_with_gits_words(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession, pod_git: GitServer
) -> None:
    missing = RepositorySpec(
        url=pod_git.url("none"), ref="main", commit="0" * 40, branch="main", folder="none"
    )
    spec = launch(hub, api, make_session(repositories=(missing,)))

    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert reason.code.startswith("clone_")
    stage = api.stages(spec.run)["clone:none"]
    assert (stage.state, stage.detail) == ("fail", reason.sentence)


def test_several_sessions_start_at_once(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    specs = [launch(hub, api, make_session()) for _ in range(8)]

    for spec in specs:
        api.wait(lambda spec=spec: api.ready(spec.run), seconds=60)

    assert all(pod_of(kubectl, spec) for spec in specs)
