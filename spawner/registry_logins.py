"""A registry login as everything that pulls reads it: Docker's configuration file."""

from __future__ import annotations

import base64
import json

from spawner.spec import RegistryLogin

_HUB = "docker.io"
_HUB_KEY = "https://index.docker.io/v1/"
"""What Docker's configuration calls the login of Docker Hub, and the kubelet finds its images by
(https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/)."""


def as_configuration(login: RegistryLogin) -> str:
    """The file's text; a secret."""
    password = login.password.get_secret_value()
    entry = {
        "username": login.username,
        "password": password,
        "auth": base64.b64encode(f"{login.username}:{password}".encode()).decode(),
    }
    registry = _HUB_KEY if login.host == _HUB else login.host
    return json.dumps({"auths": {registry: entry}})
