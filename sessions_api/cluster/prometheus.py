"""What Prometheus knows of the cluster and Kubernetes does not tell: how full volumes and how busy GPUs are.

Kubelets say the one (`kubelet_volume_stats_used_bytes`,
https://kubernetes.io/docs/reference/instrumentation/metrics/), NVIDIA's DCGM exporter the other
(`DCGM_FI_DEV_GPU_UTIL`, in percent, https://github.com/NVIDIA/dcgm-exporter). Where the exporter's labels do
not win over those of its own pod (`honor_labels`), Prometheus calls the session's `exported_namespace` and
`exported_pod`.
"""

from __future__ import annotations

import math
from types import TracebackType
from typing import Self

import httpx
from pydantic import BaseModel, ValidationError

SECONDS = 10.0
"""How long one query may take."""


class PrometheusAwayError(Exception):
    """It did not answer, or not what its API says."""


class _Series(BaseModel):
    metric: dict[str, str]
    value: tuple[float, str]


class _Data(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    """Of `GET /api/v1/query`: https://prometheus.io/docs/prometheus/latest/querying/api/."""

    data: _Data


class Prometheus:
    """One Prometheus, asked about one namespace.

    Args:
        url: where it answers, as the administrator says (`http://prometheus.monitoring.svc:9090`).
    """

    def __init__(self, url: str, namespace: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=SECONDS, trust_env=False)
        self._namespace = namespace

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def disks(self) -> dict[str, int]:
        """Bytes that are used of volumes, by the name of the claim.

        Raises:
            PrometheusAwayError: it is not known.
        """
        of = f'kubelet_volume_stats_used_bytes{{namespace="{self._namespace}"}}'
        found = await self._values(f"max by (persistentvolumeclaim) ({of})", "persistentvolumeclaim")
        return {claim: int(used) for claim, used in found.items()}

    async def gpus(self) -> dict[str, float]:
        """GPUs that are busy, by the name of the pod.

        Raises:
            PrometheusAwayError: it is not known.
        """
        name = "DCGM_FI_DEV_GPU_UTIL"
        renamed = f'{name}{{exported_namespace="{self._namespace}"}}'
        percent = (
            f'sum by (pod) (label_replace({renamed}, "pod", "$1", "exported_pod", "(.*)")) or '
            f'sum by (pod) ({name}{{namespace="{self._namespace}",exported_pod=""}})'
        )
        return {pod: busy / 100 for pod, busy in (await self._values(percent, "pod")).items()}

    async def _values(self, query: str, label: str) -> dict[str, float]:
        try:
            answer = await self._http.get("/api/v1/query", params={"query": query})
            answer.raise_for_status()
            found = _Answer.model_validate_json(answer.content).data.result
        except (httpx.HTTPError, ValidationError) as error:
            raise PrometheusAwayError(f"Prometheus does not answer as it should: {error}") from error
        values = {each.metric.get(label, ""): float(each.value[1]) for each in found}
        return {name: value for name, value in values.items() if name and math.isfinite(value)}
