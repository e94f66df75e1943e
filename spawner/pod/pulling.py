"""The Secret that nodes pull a session's image with. No container of the pod sees it."""

from __future__ import annotations

from kubernetes_asyncio.client.models import V1ObjectMeta, V1Secret

from spawner.registry_logins import as_configuration
from spawner.spec import RegistryLogin


def secret(metadata: V1ObjectMeta, login: RegistryLogin) -> V1Secret:
    """The Secret, without its owner: the pod has no uid yet."""
    return V1Secret(
        api_version="v1",
        kind="Secret",
        immutable=True,
        metadata=metadata,
        string_data={".dockerconfigjson": as_configuration(login)},
        type="kubernetes.io/dockerconfigjson",
    )
