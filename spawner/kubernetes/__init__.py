"""Sessions as pods of a Kubernetes cluster."""

from spawner.kubernetes.spawner import KubeSessionSpawner

__all__ = ["KubeSessionSpawner"]
