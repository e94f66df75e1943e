"""On which nodes a session may run: what the frame says and what its resource class says, both."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from kubernetes_asyncio.client.models import V1Toleration

from spawner.pod.frame import as_plain
from spawner.spec import ResourcesSpec

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_TERMS = "nodeSelectorTerms"


def lay(pod: Any, wanted: ResourcesSpec) -> None:
    """Adds what the session wants to what the pod (a `V1PodSpec`) has.

    Only a label of nodes, and the priority class, can take another's place.
    """
    pod.node_selector = {**(pod.node_selector or {}), **wanted.node_selector} or None
    given = [as_plain(toleration) for toleration in pod.tolerations or ()]
    added = (toleration.model_dump(exclude_none=True) for toleration in wanted.tolerations)
    new = [V1Toleration(**toleration) for toleration in added if toleration not in given]
    pod.tolerations = [*(pod.tolerations or ()), *new] or None
    if wanted.affinity:
        pod.affinity = both(as_plain(pod.affinity), wanted.affinity)
    pod.priority_class_name = wanted.priority_class or pod.priority_class_name


def both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """An affinity, as in YAML, that requires what both require and prefers what each prefers."""
    joined: dict[str, Any] = {}
    for kind in ("nodeAffinity", "podAffinity", "podAntiAffinity"):
        parts = [part for part in (one.get(kind), other.get(kind)) if part]
        if len(parts) == 1:
            joined[kind] = parts[0]
        elif parts:
            joined[kind] = _joined(kind, *parts)
    return joined


def _joined(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    if _REQUIRED in one and _REQUIRED in other and kind == "nodeAffinity":
        joined[_REQUIRED] = {_TERMS: _each_with_each(one[_REQUIRED][_TERMS], other[_REQUIRED][_TERMS])}
    elif kind == "nodeAffinity" and (_REQUIRED in one or _REQUIRED in other):
        joined[_REQUIRED] = one.get(_REQUIRED) or other[_REQUIRED]
    elif required := [*one.get(_REQUIRED, ()), *other.get(_REQUIRED, ())]:
        joined[_REQUIRED] = required
    if preferred := [*one.get(_PREFERRED, ()), *other.get(_PREFERRED, ())]:
        joined[_PREFERRED] = preferred
    return joined


def _each_with_each(ones: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A node is to match one term of each list; Kubernetes knows one list, whose terms are alternatives."""
    return [
        {
            field: [*one.get(field, ()), *other.get(field, ())]
            for field in ("matchExpressions", "matchFields")
            if field in one or field in other
        }
        for one, other in product(ones, others)
    ]
