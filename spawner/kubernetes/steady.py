"""KubeSpawner that knows its pods by news instead of by asking."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
from typing import Any, TypeVar
from urllib.parse import urlsplit

from kubernetes_asyncio.client import V1Pod
from kubespawner import KubeSpawner
from kubespawner.objects import make_owner_reference

from spawner.kubernetes.reflectors import Raw, SteadyEventReflector, SteadyPodReflector
from spawner.kubernetes.requests import Cluster
from spawner.kubernetes.view import PodView
from spawner.mixin import Address

_Reflector = TypeVar("_Reflector", SteadyPodReflector, SteadyEventReflector)


class SteadyKubeSpawner(KubeSpawner):
    """KubeSpawner with reflectors of ours, and its pod as they show it."""

    pvc_name: str
    _pvc_exists: bool

    reflectors: dict[Any, Any] = {}
    """Ours and not KubeSpawner's: of another kind, for all spawners of this class."""

    async def _start_watching_pods(self, replace: bool = False) -> SteadyPodReflector:  # noqa: FBT001, FBT002
        """KubeSpawner's, with a reflector of ours."""
        labels = {"component": self.component_label}
        return await self._watched("pods", SteadyPodReflector, replace=replace, labels=labels)

    async def _start_watching_events(self, replace: bool = False) -> SteadyEventReflector:  # noqa: FBT001, FBT002
        """KubeSpawner's, with a reflector of ours, which takes events about claims too."""
        return await self._watched("events", SteadyEventReflector, replace=replace)

    async def _watched(
        self, kind: str, reflector_class: type[_Reflector], *, replace: bool, **options: Any
    ) -> _Reflector:
        """The reflector that all spawners share, once it knows what there is.

        KubeSpawner's own way leaves a reflector that could not begin to all who come later, and lets who is
        cancelled while waiting take the first news from all who wait.
        """
        key = self._get_reflector_key(kind)
        reflector: _Reflector | None = self.reflectors.get(key)
        if reflector is None or replace:
            earlier = reflector
            reflector = self.reflectors[key] = reflector_class(
                parent=self, namespace=self.namespace, omit_namespace=self.enable_user_namespaces, **options
            )
            await reflector.start()
            if earlier is not None:
                await earlier.stop()
        await asyncio.shield(reflector.first_load_future)
        return reflector

    def _cluster(self) -> Cluster:
        return Cluster(
            self.api,
            self.namespace,
            request_seconds=self.k8s_api_request_timeout,
            retry_seconds=self.k8s_api_request_retry_timeout,
            log=self.log,
        )

    @property
    def _pod(self) -> Raw | None:
        """The pod of this server's name, whoever made it."""
        reflector = self.pod_reflector
        found: Raw | None = reflector and reflector.pods.get(f"{self.namespace}/{self.pod_name}")
        return found

    def _view_of(self, uid: str) -> PodView:
        return PodView(
            self.pod_reflector, self.event_reflector, namespace=self.namespace, name=self.pod_name, uid=uid
        )

    def _address_of(self, pod: Raw) -> Address:
        url = urlsplit(self._get_pod_url(pod))
        assert url.hostname is not None  # noqa: S101 - KubeSpawner makes it
        return url.hostname, url.port or 80

    def _get_pod_port(self, pod: Raw) -> int:
        """KubeSpawner's own stumbles over a container without ports, and does not look at sidecars."""
        spec = pod["spec"]
        for container in (*spec["containers"], *(spec.get("initContainers") or ())):
            for port in container.get("ports") or ():
                if port.get("name") == "notebook-port":
                    return int(port["containerPort"])
        raise KeyError(f"No port 'notebook-port' in pod {pod['metadata']['name']}")

    def _follow_address(self, pod: Raw) -> None:
        """A pod may get another address, as when its node was started again; the hub's routes follow."""
        if not self.server or not self.is_pod_running(pod):
            return
        address = self._address_of(pod)
        if (self.server.ip, self.server.port) != address:
            self.log.warning("The address of pod %s is now %s:%s", self.pod_name, *address)
            self.server.ip, self.server.port = address
            self.db.commit()

    async def _keep_legacy_claim(self) -> None:
        """A claim that an old KubeSpawner named in its own way is gone on with (`handle_legacy_names`)."""
        is_from_before = self._state_kubespawner_version == "unknown" and not self._pvc_exists
        if not (is_from_before and self.handle_legacy_names and self.remember_pvc_name):
            return
        legacy = self._expand_user_properties(self.pvc_name_template, slug_scheme="escape")
        if legacy == self.pvc_name or await self._check_pvc_exists(self.pvc_name, self.namespace):
            return
        if await self._check_pvc_exists(legacy, self.namespace):
            self.log.warning("The claim of %s goes on by its old name, %s", self._log_name, legacy)
            self.pvc_name = legacy

    async def _make_service(self, pod: V1Pod, uid: str) -> None:
        """The Service that the hub reaches the pod by, and its certificates, where these are switched on."""
        if not (self.internal_ssl or self.services_enabled):
            return
        cluster, owner = self._cluster(), make_owner_reference(pod.metadata.name, uid)
        port = self._get_pod_port(self.api.api_client.sanitize_for_serialization(pod))
        if self.internal_ssl:
            await cluster.put_secret(self.get_secret_manifest(owner))
        await cluster.put_service(self.get_service_manifest(owner, port))
