"""`python -m tests.data.why.recorder`."""

from __future__ import annotations

import sys

from tests.data.why.recorder.cluster import NAMESPACE, Json, has_trouble, kubectl, record
from tests.data.why.recorder.ends import record_ends, record_refusals
from tests.data.why.recorder.pods import PROBES, claim, images, places, probes, starts

PATIENCE = {
    **dict.fromkeys(("csi-driver", "secret-volume", "config-volume", "secret-volume-key", "disk-own"), 12.0),
    "disk-volume": 100.0,
}
"""Seconds until it shows, where that takes long."""

ALL_OF_IT = {"restarting": 12.0, "pulled": 6.0, "claim-later": 6.0, **dict.fromkeys(PROBES, 12.0)}
"""Seconds that are recorded in any case."""

WHOLE_CLUSTER: tuple[Json, ...] = (
    {
        "kind": "Namespace",
        "apiVersion": "v1",
        "metadata": {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    },
    {
        "kind": "PriorityClass",
        "apiVersion": "scheduling.k8s.io/v1",
        "metadata": {"name": f"{NAMESPACE}-low"},
        "value": -10,
        "preemptionPolicy": "Never",
    },
    {
        "kind": "StorageClass",
        "apiVersion": "storage.k8s.io/v1",
        "metadata": {"name": f"{NAMESPACE}-slow"},
        "provisioner": "example.org/slow",
    },
    {
        "kind": "StorageClass",
        "apiVersion": "storage.k8s.io/v1",
        "metadata": {"name": f"{NAMESPACE}-later"},
        "provisioner": "example.org/slow",
        "volumeBindingMode": "WaitForFirstConsumer",
    },
)
CLAIMS = {
    "no-class": "no-such-class",
    "no-volume": "",
    "slow": f"{NAMESPACE}-slow",
    "later": f"{NAMESPACE}-later",
}


def main() -> None:
    """Records what is asked for, and takes everything away again."""
    image, *names = sys.argv[1:]
    for one in WHOLE_CLUSTER:
        kubectl("apply", "-f", "-", given=one)
    try:
        kubectl("-n", NAMESPACE, "create", "secret", "generic", "some", "--from-literal=a=b", check=False)
        for name, storage_class in CLAIMS.items():
            kubectl("-n", NAMESPACE, "apply", "-f", "-", given=claim(name, storageClassName=storage_class))
        for name, spec in (images(image) | starts(image) | places(image) | probes(image)).items():
            if names and name not in names:
                continue
            if name in ALL_OF_IT:
                record(name, spec, lambda _pod: False, ALL_OF_IT[name])
            else:
                record(name, spec, has_trouble, PATIENCE.get(name, 8))
        if not names or "ends" in names:
            record_ends(image)
        if not names or "refusals" in names:
            record_refusals(image)
    finally:
        for one in WHOLE_CLUSTER:
            kubectl("delete", "--wait=false", "--ignore-not-found", "-f", "-", given=one)


if __name__ == "__main__":
    main()
