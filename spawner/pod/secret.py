"""The pod's Secret: all that is secret of a launch, and who of the pod sees which part of it."""

from __future__ import annotations

import json

from kubernetes_asyncio.client.models import (
    V1KeyToPath,
    V1ObjectMeta,
    V1Secret,
    V1SecretVolumeSource,
    V1Volume,
    V1VolumeMount,
)

from spawner import git_logins, in_session
from spawner.failures import LaunchFailedError
from spawner.pod import names, storages
from spawner.pod.variables import secret_key
from spawner.reasons import RETRY, Reason
from spawner.spec import LaunchSpec, RunSecrets

_GROUP_READABLE = 0o440
_RUN_KEY = "run"
_CLONE_KEY = "clone.json"
_MOST_BYTES = 2**20
"""Of a Secret's values together (https://kubernetes.io/docs/concepts/configuration/secret/)."""


def secret(metadata: V1ObjectMeta, spec: LaunchSpec, secrets: RunSecrets, hub: dict[str, str]) -> V1Secret:
    """The Secret, without its owner: the pod has no uid yet. `hub` is what it holds of variables, by key.

    Raises:
        LaunchFailedError: it is larger than Kubernetes takes (`secret_too_large`).
    """
    values = {
        _RUN_KEY: spec.run,
        **hub,
        **{secret_key(one): value.get_secret_value() for one, value in secrets.values.items()},
        **{_git_key(one): git_logins.as_file(login) for one, login in secrets.git.items()},
        **storages.texts(spec),
    }
    if spec.environment.gate is None:
        values |= {_jupyter_key(one): (in_session.FOLDER / one).read_text() for one in in_session.FILES}
    if spec.repositories:
        values[_CLONE_KEY] = _clone_spec(spec, secrets)
    if (size := sum(len(value.encode()) for value in values.values())) > _MOST_BYTES:
        raise LaunchFailedError(_too_large(size))
    return V1Secret(
        api_version="v1",
        kind="Secret",
        # What never changes is not watched by the kubelet.
        immutable=True,
        metadata=metadata,
        string_data=values,
        type="Opaque",
    )


def session_volume(name: str, spec: LaunchSpec, secrets: RunSecrets) -> V1Volume:
    """What the session sees as files.

    There is always one, so that no container of the pod starts before its Secret is there.
    """
    items = [V1KeyToPath(key=_RUN_KEY, path=_RUN_KEY)]
    items += [
        V1KeyToPath(key=secret_key(one.name), path=f"secrets/{one.name}")
        for one in spec.secrets
        if one.name in secrets.values
    ]
    items += [V1KeyToPath(key=_git_key(one), path=f"git/{one}") for one in secrets.git]
    if spec.environment.gate is None:
        items += [V1KeyToPath(key=_jupyter_key(one), path=f"jupyter/{one}") for one in in_session.FILES]
    return _volume(names.RUN, name, items)


def session_mount() -> V1VolumeMount:
    """Where the session sees them: in memory, never on a disk."""
    return V1VolumeMount(name=names.RUN, mount_path=names.RUN_FOLDER, read_only=True)


def clone_volume(name: str) -> V1Volume:
    """What cloning sees."""
    file = V1KeyToPath(key=_CLONE_KEY, path=names.CLONE_SPEC.rpartition("/")[2])
    return _volume(names.CLONING, name, [file])


def clone_mount() -> V1VolumeMount:
    """Where it sees it."""
    return V1VolumeMount(name=names.CLONING, mount_path=names.CLONE_FOLDER, read_only=True)


def _volume(volume: str, secret_name: str, items: list[V1KeyToPath]) -> V1Volume:
    source = V1SecretVolumeSource(secret_name=secret_name, default_mode=_GROUP_READABLE, items=items)
    return V1Volume(name=volume, secret=source)


def _git_key(credential: str) -> str:
    return f"git.{credential}"


def _jupyter_key(file: str) -> str:
    return f"jupyter.{file.replace('/', '.')}"


def _clone_spec(spec: LaunchSpec, secrets: RunSecrets) -> str:
    return json.dumps(
        {
            "repositories": [repository.model_dump(mode="json") for repository in spec.repositories],
            "git": {name: login.model_dump(mode="json") for name, login in secrets.git.items()},
            "work": names.WORK_FOLDER,
        }
    )


def _too_large(size: int) -> Reason:
    return Reason(
        code="secret_too_large",
        sentence=f"The project's secrets and small files have {size:,} bytes; {_MOST_BYTES:,} are the most.",
        hint="Keep large ones in a storage of another kind.",
        remedies=(RETRY,),
    )
