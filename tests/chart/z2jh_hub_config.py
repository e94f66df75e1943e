"""A hub as Zero to JupyterHub configures one, before and after what Sojourn's values file adds."""

from __future__ import annotations

import os
from pathlib import Path

import yaml
from traitlets.config import get_config

load_subconfig(str(Path(__file__).parents[1] / "spawner" / "hub_config.py"))  # type: ignore[name-defined]  # noqa: F821

VALUES = Path(__file__).parents[2] / "charts" / "sojourn" / "z2jh" / "values.yaml"

c = get_config()
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.KubeSpawner.namespace = "jupyter"
c.KubeSpawner.common_labels = {"app": "jupyterhub"}
c.KubeSpawner.storage_pvc_ensure = True
c.JupyterHub.services.append({"name": "dashboard", "api_token": "token-of-the-dashboard"})
c.JupyterHub.load_roles.append({"name": "dashboard", "services": ["dashboard"], "scopes": ["list:users"]})

for variable, value in yaml.safe_load(VALUES.read_text())["hub"]["extraEnv"].items():
    # Those from a Secret are in the test's own environment.
    if isinstance(value, str):
        os.environ[variable] = value
for code in yaml.safe_load(VALUES.read_text())["hub"]["extraConfig"].values():
    exec(code)  # noqa: S102 - as the chart's own configuration does
