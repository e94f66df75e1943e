"""Security contexts that Pod Security's level *restricted* accepts.

What an administrator set stays where that level allows it
(https://kubernetes.io/docs/concepts/security/pod-security-standards/).
"""

from __future__ import annotations

from typing import Any

from spawner.pod.frame import as_plain
from spawner.spec import EnvironmentSpec

_SECCOMP = {"type": "RuntimeDefault"}
_NOT_RESTRICTED = ("privileged", "procMount", "windowsOptions")
_AS_ROOT = (("runAsUser", 0), ("runAsNonRoot", False))


def of_pod(frame: Any, environment: EnvironmentSpec) -> dict[str, Any]:
    """What holds for the whole pod.

    Who a container runs as is said of each: the pod's would hold for an administrator's containers too, some
    of which set up the network as root.
    """
    context = {key: value for key, value in as_plain(frame).items() if (key, value) not in _AS_ROOT}
    context.setdefault("fsGroup", environment.gid)
    # A volume with a million files is not walked at each start.
    context.setdefault("fsGroupChangePolicy", "OnRootMismatch")
    return context | {"seccompProfile": _seccomp(context)}


def of_session(frame: Any, environment: EnvironmentSpec) -> dict[str, Any]:
    """What holds for the session's program."""
    context = as_plain(frame)
    if environment.read_only_root:
        context["readOnlyRootFilesystem"] = True
    return _restricted(context, environment)


def of_ours(environment: EnvironmentSpec) -> dict[str, Any]:
    """What holds for Sojourn's own programs: the person's files are to be the person's."""
    return _restricted({"readOnlyRootFilesystem": True}, environment)


def _restricted(context: dict[str, Any], environment: EnvironmentSpec) -> dict[str, Any]:
    kept = {key: value for key, value in context.items() if key not in _NOT_RESTRICTED}
    if "seccompProfile" in kept:
        kept["seccompProfile"] = _seccomp(context)
    return kept | {
        "runAsNonRoot": True,
        "runAsUser": environment.uid,
        "runAsGroup": environment.gid,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


def _seccomp(context: dict[str, Any]) -> dict[str, Any]:
    """An administrator's own profile, or the container runtime's; never none."""
    profile: dict[str, Any] = context.get("seccompProfile") or {}
    return profile if profile.get("type") == "Localhost" else _SECCOMP
