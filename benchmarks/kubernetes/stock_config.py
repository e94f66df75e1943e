"""JupyterHub with KubeSpawner as they come, for comparison; `jupyterhub -f` runs this file."""

from __future__ import annotations

import os
from typing import Any

from traitlets.config import get_config

c = get_config()
host, hub_port = os.environ["BENCH_HOST"], os.environ["BENCH_HUB_PORT"]
c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{hub_port}"
c.JupyterHub.hub_connect_url = f"http://{host}:{hub_port}"
c.JupyterHub.bind_url = os.environ["BENCH_PROXY_URL"]
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = os.environ["BENCH_PROXY_API_URL"]
c.ConfigurableHTTPProxy.auth_token = os.environ["BENCH_PROXY_TOKEN"]
c.JupyterHub.db_url = f"sqlite:///{os.environ['BENCH_FOLDER']}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{os.environ['BENCH_FOLDER']}/cookie-secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.log_level = "DEBUG"  # says when it saw a server answer
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
c.JupyterHub.services = [{"name": "bench", "api_token": os.environ["BENCH_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "bench", "services": ["bench"], "scopes": ["admin:users", "admin:servers", "access:servers"]}
]
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.KubeSpawner.namespace = os.environ["BENCH_NAMESPACE"]
c.KubeSpawner.image = os.environ["BENCH_IMAGE"]
c.KubeSpawner.cmd = ["/opt/environment/bin/jupyterhub-singleuser"]
c.KubeSpawner.uid, c.KubeSpawner.gid, c.KubeSpawner.fs_gid = 1000, 100, 100
c.KubeSpawner.http_timeout = 90
c.KubeSpawner.start_timeout = 60
c.KubeSpawner.storage_pvc_ensure = True
c.KubeSpawner.pvc_name_template = "claim-{user_server}"
c.KubeSpawner.storage_capacity = "1Gi"
c.KubeSpawner.delete_pvc = False
c.KubeSpawner.volumes = [{"name": "work", "persistentVolumeClaim": {"claimName": "{pvc_name}"}}]
c.KubeSpawner.volume_mounts = [{"name": "work", "mountPath": "/work"}]
c.KubeSpawner.environment = {"HOME": "/work"}
c.KubeSpawner.container_security_context = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
c.KubeSpawner.pod_security_context = {"runAsNonRoot": True, "fsGroup": 100}


def _image_of_options(spawner: Any, options: dict[str, Any]) -> None:
    spawner.image = options.get("image", os.environ["BENCH_IMAGE"])


c.KubeSpawner.apply_user_options = _image_of_options
