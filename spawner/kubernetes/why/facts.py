"""Reads pods and events as the Kubernetes API gives them: JSON objects with keys in camelCase."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from spawner.kubernetes.why.quantities import number

WORK = "/work"

Raw = Mapping[str, Any]


_USUAL_GRACE = 30
"""Seconds, of a pod that names none (Kubernetes' default)."""


def moment(text: str | None) -> datetime | None:
    """A time of the API's; those of most fields are cut to whole seconds."""
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True)
class Container:
    """One container of a pod: what was asked for and how it is."""

    name: str
    is_init: bool
    spec: Raw
    status: Raw

    @property
    def image(self) -> str:
        """As the pod names it."""
        return str(self.spec.get("image", ""))

    @property
    def waiting(self) -> Raw | None:
        """Why it does not run yet (`reason`, `message`)."""
        state: Raw | None = (self.status.get("state") or {}).get("waiting")
        return state

    @property
    def is_running(self) -> bool:
        """Whether it runs now."""
        return "running" in (self.status.get("state") or {})

    @property
    def end(self) -> Raw | None:
        """How it ended: now, or before Kubernetes started it again.

        A sidecar has ended only when Kubernetes holds it back from another start: until then it comes back.
        """
        if self.is_sidecar and (self.waiting or {}).get("reason") != "CrashLoopBackOff":
            return None
        for when in ("state", "lastState"):
            terminated: Raw | None = (self.status.get(when) or {}).get("terminated")
            if terminated is not None:
                return terminated
        return None

    @property
    def restarts(self) -> int:
        """How often Kubernetes started it again."""
        return int(self.status.get("restartCount", 0))

    @property
    def is_sidecar(self) -> bool:
        """Whether it is an init container that goes on beside the others."""
        return self.is_init and self.spec.get("restartPolicy") == "Always"

    def limit(self, resource: str) -> Decimal | None:
        """The limit of a resource, if it has one."""
        limit = ((self.spec.get("resources") or {}).get("limits") or {}).get(resource)
        return None if limit is None else number(limit)

    def request(self, resource: str) -> Decimal:
        """What it asks for of a resource; a limit alone is a request as well."""
        resources = self.spec.get("resources") or {}
        request = (resources.get("requests") or {}).get(
            resource, (resources.get("limits") or {}).get(resource)
        )
        return Decimal(0) if request is None else number(request)


@dataclass(frozen=True)
class Pod:
    """A pod's JSON, with what this package asks it."""

    raw: Raw

    @property
    def name(self) -> str:
        """Its name, which a later pod may have again."""
        return str(self.raw["metadata"]["name"])

    @property
    def uid(self) -> str | None:
        """What no other pod ever has."""
        uid: str | None = self.raw["metadata"].get("uid")
        return uid

    @property
    def spec(self) -> Raw:
        """What was asked for."""
        spec: Raw = self.raw.get("spec") or {}
        return spec

    @property
    def status(self) -> Raw:
        """How it is, as far as anybody has said."""
        status: Raw = self.raw.get("status") or {}
        return status

    @property
    def node(self) -> str | None:
        """The node it is on, once one is found."""
        node: str | None = self.spec.get("nodeName")
        return node

    @property
    def made(self) -> datetime | None:
        """When it was created."""
        return moment(self.raw["metadata"].get("creationTimestamp"))

    @property
    def deletion_asked(self) -> datetime | None:
        """When somebody asked for its deletion, at the earliest.

        The API's own field is when the grace period is over. The kubelet's request at the very end has none,
        and then the field is the time of that one (seen with Kubernetes 1.35): the first request was made
        within the grace period that the pod itself names before that.
        """
        metadata = self.raw["metadata"]
        over = moment(metadata.get("deletionTimestamp"))
        if over is None:
            return None
        grace = metadata.get("deletionGracePeriodSeconds") or self.raw["spec"].get(
            "terminationGracePeriodSeconds", _USUAL_GRACE
        )
        return over - timedelta(seconds=grace)

    def condition(self, kind: str) -> Raw | None:
        """A condition of its status, for instance `PodScheduled`."""
        conditions: Sequence[Raw] = self.status.get("conditions") or ()
        return next((condition for condition in conditions if condition.get("type") == kind), None)

    def containers(self) -> Iterator[Container]:
        """Init containers first: the order in which they start."""
        for kind, statuses, is_init in (
            ("initContainers", "initContainerStatuses", True),
            ("containers", "containerStatuses", False),
        ):
            by_name = {status["name"]: status for status in self.status.get(statuses) or ()}
            for spec in self.spec.get(kind) or ():
                yield Container(spec["name"], is_init, spec, by_name.get(spec["name"], {}))

    def container(self, name: str) -> Container | None:
        """The container of that name."""
        return next((container for container in self.containers() if container.name == name), None)

    def request(self, resource: str) -> Decimal:
        """What a node must have free for it: all containers, or one init step beside sidecars (KEP-753)."""
        sidecars = most = Decimal(0)
        running = Decimal(0)
        for container in self.containers():
            asked = container.request(resource)
            if container.is_sidecar:
                sidecars += asked
                most = max(most, sidecars)
            elif container.is_init:
                most = max(most, sidecars + asked)
            else:
                running += asked
        overhead = number((self.spec.get("overhead") or {}).get(resource, 0))
        return max(most, running + sidecars) + overhead

    def folder(self, volume: str) -> str | None:
        """The folder of /work that a volume of the pod is; None for /work itself and what is elsewhere."""
        for container in self.containers():
            for mount in container.spec.get("volumeMounts") or ():
                path = str(mount.get("mountPath", ""))
                if mount.get("name") == volume and path.startswith(f"{WORK}/"):
                    return path.removeprefix(f"{WORK}/").strip("/")
        return None

    def place(self, volume: str) -> str:
        """Where a volume of the pod is seen, for sentences."""
        for container in self.containers():
            for mount in container.spec.get("volumeMounts") or ():
                if mount.get("name") == volume:
                    return str(mount["mountPath"]).rstrip("/")
        return volume

    def claims(self) -> dict[str, str]:
        """Names of its claims, by the names its volumes have in the pod."""
        return {
            volume["name"]: volume["persistentVolumeClaim"]["claimName"]
            for volume in self.spec.get("volumes") or ()
            if volume.get("persistentVolumeClaim")
        }

    def volume_of_claim(self, claim: str) -> str | None:
        """The volume of the pod that a claim is."""
        return next((volume for volume, name in self.claims().items() if name == claim), None)


@dataclass(frozen=True)
class Event:
    """What one component of the cluster said about the pod or a claim of it, maybe several times."""

    raw: Raw

    @property
    def reason(self) -> str:
        """One word for what was said, for instance `FailedMount`."""
        return str(self.raw.get("reason") or "")

    @property
    def message(self) -> str:
        """What was said, cut to 1024 characters by who said it."""
        return str(self.raw.get("message") or self.raw.get("note") or "")

    @property
    def object(self) -> Raw:
        """What it is about."""
        about: Raw = self.raw.get("involvedObject") or self.raw.get("regarding") or {}
        return about

    @property
    def container(self) -> str | None:
        """The container it is about, from `spec.containers{NAME}`."""
        path = str(self.object.get("fieldPath") or "")
        return path.partition("{")[2].removesuffix("}") or None

    @property
    def count(self) -> int:
        """How often it was said."""
        series = self.raw.get("series") or {}
        return int(series.get("count") or self.raw.get("count") or 1)

    @property
    def first(self) -> datetime | None:
        """When it was said first."""
        return moment(self.raw.get("firstTimestamp") or self.raw.get("eventTime"))

    @property
    def last(self) -> datetime | None:
        """When it was said last."""
        series = self.raw.get("series") or {}
        return moment(
            series.get("lastObservedTime") or self.raw.get("lastTimestamp") or self.raw.get("eventTime")
        )


@dataclass(frozen=True)
class Events:
    """What was said about one pod and its claims, oldest first."""

    said: tuple[Event, ...]

    @classmethod
    def about(cls, pod: Pod, events: Sequence[Raw]) -> Events:
        """Those of `events` about this very pod (not an earlier one of its name) or about a claim of it."""
        claims = set(pod.claims().values())
        found = [
            event
            for event in map(Event, events)
            if (
                event.object.get("uid") == pod.uid
                if event.object.get("kind") == "Pod"
                else event.object.get("kind") == "PersistentVolumeClaim"
                and event.object.get("name") in claims
            )
        ]
        # Lists of the API have no order in time; a sort keeps the order of those within the same second.
        return cls(tuple(sorted(found, key=lambda event: (event.last is not None, event.last))))

    def of(self, *reasons: str, kind: Literal["Pod", "PersistentVolumeClaim"] = "Pod") -> list[Event]:
        """Those with one of the reasons."""
        return [event for event in self.said if event.reason in reasons and event.object.get("kind") == kind]

    def claim_of(self, volume: str) -> str | None:
        """The claim that a persistent volume was made for, if anything was said of that claim of late.

        Provisioners name it after the uid of the claim (`sig-storage-lib-external-provisioner`).
        """
        of_claims = (
            event.object for event in self.said if event.object.get("kind") == "PersistentVolumeClaim"
        )
        found = next((about for about in of_claims if f"pvc-{about.get('uid')}" == volume), None)
        return None if found is None else str(found.get("name"))

    def last(self, *reasons: str) -> Event | None:
        """The latest about the pod with one of the reasons."""
        return next(iter(reversed(self.of(*reasons))), None)
