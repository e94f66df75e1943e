"""Frames as KubeSpawner itself makes them, of an administrator's settings."""

from __future__ import annotations

from typing import Any

from kubespawner.objects import make_pod, make_pvc

from spawner.pod.frame import Frame

HUB_TOKEN = "hub-token-0123456789"


def hub_variables(**more: str) -> dict[str, str]:
    """What the hub gives every server (`jupyterhub.spawner.Spawner.get_env`), and an administrator's."""
    prefix = "/user/ann/demo-lab-1a2b3c4d/"
    return {
        "JUPYTERHUB_API_TOKEN": HUB_TOKEN,
        "JPY_API_TOKEN": HUB_TOKEN,
        "JUPYTERHUB_API_URL": "http://hub:8081/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ann-demo-lab-1a2b3c4d",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!server=ann/demo-lab-1a2b3c4d"]',
        "JUPYTERHUB_SERVER_NAME": "demo-lab-1a2b3c4d",
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVICE_URL": f"http://0.0.0.0:8888{prefix}",
        "JUPYTERHUB_USER": "ann",
        "JUPYTER_IMAGE": "quay.io/jupyterhub/k8s-singleuser-sample",
        "JUPYTER_IMAGE_SPEC": "quay.io/jupyterhub/k8s-singleuser-sample",
        **more,
    }


def kubespawner_frame(**traits: Any) -> Frame:
    """A frame as KubeSpawner itself makes it."""
    traits = {
        "name": "jupyter-ann--demo-lab-1a2b3c4d",
        "image": "quay.io/jupyterhub/k8s-singleuser-sample",
        "image_pull_policy": "IfNotPresent",
        "cmd": ["jupyterhub-singleuser"],
        "port": 8888,
        "env": hub_variables(),
        "labels": {"component": "singleuser-server", "hub.jupyter.org/username": "ann"},
        "annotations": {"hub.jupyter.org/username": "ann"},
        **traits,
    }
    claim = make_pvc(
        name="claim-ann--demo-lab",
        storage_class=None,
        access_modes=["ReadWriteOnce"],
        selector=None,
        storage=None,
        labels={"component": "singleuser-storage"},
    )
    return Frame(pod=make_pod(**traits), claim=claim, arguments=("--ServerApp.quit_button=False",))


def administrators_frame() -> Frame:
    """An administrator who set nearly everything that KubeSpawner has."""
    restricted = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 65534,
    }
    image = "registry.example.org/admin@sha256:" + "a" * 64
    return kubespawner_frame(
        env=hub_variables(
            HTTPS_PROXY="http://ann:s3cr3t-of-the-proxy@proxy:3128",
            SITE="{not a template any more}",
            GREETING="hello $(JUPYTERHUB_USER)",
            ADMIN_PASSWORD="s3cr3t-of-the-admin",
        ),
        image_pull_secrets=["pull"],
        node_selector={"pool": "users", "kubernetes.io/os": "linux"},
        tolerations=[{"key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user"}],
        node_affinity_required=[
            {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]},
            {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["nvme"]}]},
        ],
        node_affinity_preferred=[
            {"weight": 1, "preference": {"matchExpressions": [{"key": "cheap", "operator": "Exists"}]}}
        ],
        priority_class_name="user-pods",
        supplemental_gids=[5000],
        fs_gid=2000,
        privileged=True,
        uid=0,
        mem_limit=2 * 2**30,
        mem_guarantee=2**30,
        cpu_guarantee=0.25,
        extra_resource_limits={"example.org/licence": "1"},
        lifecycle_hooks={"preStop": {"exec": {"command": ["sync"]}}},
        init_containers=[{"name": "admins-first", "image": image, "securityContext": restricted}],
        extra_containers=[{"name": "admins-beside", "image": image, "securityContext": restricted}],
        volumes=[{"name": "certificates", "configMap": {"name": "certificates"}}],
        volume_mounts=[
            {"name": "certificates", "mountPath": "/etc/ssl/site", "readOnly": True},
            {"name": "certificates", "mountPath": "/work/"},
        ],
        extra_container_config={
            "envFrom": [{"configMapRef": {"name": "site"}}],
            "ports": [{"name": "metrics", "containerPort": 9100}],
        },
        extra_pod_config={"terminationGracePeriodSeconds": 5},
    )
