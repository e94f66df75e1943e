"""What an administrator configures of KubeSpawner holds for sessions too."""

from __future__ import annotations

import pytest

from tests.kube import Kubectl
from tests.kubernetes.conftest import MakeHub, MakeSession, launch, pod_of, running
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

SETTINGS = """
async def modify(spawner, pod):
    pod.metadata.annotations["seen-by"] = f"hook of {spawner.user.name}"
    return pod

async def created(spawner, pod):
    print(f"made pod {pod['metadata']['name']}", flush=True)

c.KubeSpawner.modify_pod_hook = modify
c.KubeSpawner.after_pod_created_hook = created
c.KubeSpawner.extra_labels = {"team": "data"}
c.KubeSpawner.extra_annotations = {"of": "{username}"}
c.KubeSpawner.node_selector = {"kubernetes.io/os": "linux"}
c.KubeSpawner.environment = {"ADMINS": "word for {username}"}
c.KubeSpawner.extra_pod_config = {"terminationGracePeriodSeconds": 7}
c.KubeSpawner.pod_name_template = "lab-{user_server}"
c.KubeSpawner.pvc_name_template = "home-{user_server}"
c.KubeSpawner.image_pull_secrets = ["registry-login"]
c.KubeSpawner.tolerations = [{"key": "lab", "operator": "Exists", "effect": "NoSchedule"}]
"""


def test_an_administrators_settings_and_hooks_are_the_frame_of_every_pod(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub, spec = make_hub(SETTINGS), make_session(variables={"MINE": "{username}"})

    pod = running(hub, api, kubectl, spec)

    metadata, told = pod["metadata"], pod["spec"]
    assert metadata["name"] == f"lab-{spec.person}--{spec.server}"
    assert metadata["labels"]["team"] == "data"
    assert metadata["labels"]["hub.jupyter.org/servername"] == spec.server
    assert metadata["annotations"]["of"] == spec.person
    assert metadata["annotations"]["seen-by"] == f"hook of {spec.person}"
    assert told["nodeSelector"] == {"kubernetes.io/os": "linux"}
    assert told["terminationGracePeriodSeconds"] == 7
    assert told["imagePullSecrets"] == [{"name": "registry-login"}]
    assert {"key": "lab", "operator": "Exists", "effect": "NoSchedule"} in told["tolerations"]
    variables = {one["name"]: one.get("value") for one in told["containers"][0]["env"]}
    assert variables["ADMINS"] == f"word for {spec.person}"
    assert variables["MINE"] == "{username}"
    assert kubectl.get("pvc", f"home-{spec.person}--{spec.server}")
    assert f"made pod {metadata['name']}" in hub.log()


def test_the_hubs_own_page_shows_what_the_cluster_says(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub = make_hub()
    spec = launch(hub, api, make_session(variables={"BEHAVIOUR": "slow"}))
    api.wait(lambda: pod_of(kubectl, spec))

    with hub.http.stream("GET", f"/users/{spec.person}/servers/{spec.server}/progress") as progress:
        said = "\n".join(progress.iter_lines())

    assert "Started container notebook" in said or "Container started" in said
    assert '"ready": true' in said
