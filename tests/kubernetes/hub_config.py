"""A real JupyterHub whose sessions are pods; what differs between tests comes in the environment."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from traitlets.config import get_config

load_subconfig(str(Path(__file__).parents[1] / "spawner" / "hub_config.py"))  # type: ignore[name-defined]  # noqa: F821

c = get_config()
port = urlsplit(os.environ["TEST_HUB_URL"]).port
c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{port}"
c.JupyterHub.hub_connect_url = f"http://{os.environ['SOJOURN_TEST_HOST']}:{port}"
c.JupyterHub.spawner_class = "spawner.kubernetes.KubeSessionSpawner"
c.JupyterHub.init_spawners_timeout = 1
c.Spawner.start_timeout = 300
c.KubeSessionSpawner.sojourn_url = os.environ["TEST_API_URL"]
c.KubeSessionSpawner.sojourn_token = os.environ["SOJOURN_SPAWNER_TOKEN"]
c.KubeSessionSpawner.namespace = os.environ["TEST_NAMESPACE"]
c.KubeSessionSpawner.sojourn_image = os.environ["TEST_SOJOURN_IMAGE"]
c.KubeSessionSpawner.installation = "tests"
c.KubeSessionSpawner.disk_gib = 0.05
c.KubeSessionSpawner.answer_timeout = 20
exec(os.environ.get("TEST_HUB_CONFIG", ""))  # noqa: S102 - an administrator's part, by a test
