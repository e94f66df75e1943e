"""What an installation offers projects as storages, and to whom.

Sessions of all projects run in one namespace, so naming a claim, a server or a driver could open what belongs
to others. Editors may name what the settings list; platform admins anything but Sojourn's own volumes.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sessions_api.cluster.client import Cluster, ClusterAwayError, Found
from sessions_api.kit.errors import Invalid, Unavailable
from sessions_api.people.viewer import Viewer
from sessions_api.rights.policy import administers
from spawner.pod import labels

_MADE = "storage-"
_OWN = re.compile(rf"{_MADE}[0-9a-z]{{26}}")
EVERYTHING = "*"

_CHART = ("app.kubernetes.io/name", "sojourn")
"""The label of what the chart installs."""


@dataclass(frozen=True)
class Offer:
    """What can be added as a storage.

    Attributes:
        kinds: those of `storages.kinds`.
        roots: folders below which one of kind `folder` lies, resolved.
        claims, nfs_servers, csi_drivers: names that editors may use; `*` stands for all.
        cluster: where claims are; None where there is none.
    """

    kinds: Sequence[str]
    roots: Sequence[Path] = ()
    claims: Collection[str] = ()
    nfs_servers: Collection[str] = ()
    csi_drivers: Collection[str] = ()
    cluster: Cluster | None = None


def made_claim(storage_id: str) -> str:
    """The name of the claim that is made for a storage."""
    return f"{_MADE}{storage_id.lower()}"


def require_kind(offer: Offer, kind: str) -> None:
    """Lets kinds through that are offered here.

    Raises:
        Invalid: this one is not; says which are.
    """
    if kind not in offer.kinds:
        offered = ", ".join(offer.kinds) or "none"
        raise Invalid.field(
            "kind",
            f"Storages of kind {kind} are not offered here; offered are: {offered}.",
            code="not_offered",
        )


async def require(offer: Offer, viewer: Viewer, kind: str, details: dict[str, Any]) -> None:
    """Lets those through who may have such a storage in their project.

    Raises:
        Invalid: a name is not offered to the viewer; says to whom to turn.
        Unavailable: Kubernetes does not say whether a claim exists.
    """
    match kind:
        case "claim" if details["size_gib"] is None:
            _require_name("claim", "volume claim", details["claim"], offer.claims, viewer)
            await _require_foreign(offer.cluster, details["claim"])
        case "nfs":
            _require_name("server", "NFS server", details["server"], offer.nfs_servers, viewer)
        case "csi":
            _require_name("driver", "CSI driver", details["driver"], offer.csi_drivers, viewer)
            if details["secret"] is not None:
                _require_admin("secret", "Secrets of the cluster are named by platform admins", viewer)
        case "files":
            _require_admin("kind", "Storages of kind files are added by platform admins", viewer)


def _require_name(field: str, what: str, name: str, offered: Collection[str], viewer: Viewer) -> None:
    if administers(viewer) or name in offered or EVERYTHING in offered:
        return
    names = ", ".join(sorted(offered))
    choose = f"choose one of {names}, or " if names else ""
    raise Invalid.field(
        field,
        f"The {what} {name} is not offered to projects; {choose}ask a platform admin to add this storage.",
        code="not_offered",
    )


def _require_admin(field: str, rule: str, viewer: Viewer) -> None:
    if not administers(viewer):
        raise Invalid.field(field, f"{rule}; ask one to do it.", code="admins_only")


async def _require_foreign(cluster: Cluster | None, name: str) -> None:
    """Refuses Sojourn's own volumes: everybody's /work, and what other projects were given."""
    found = None
    if cluster is not None:
        try:
            found = await cluster.claim(name)
        except ClusterAwayError as error:
            raise Unavailable(
                f"Whether there is a claim {name} is not known: {error}.", hint="Try again."
            ) from error
        if found is None:
            raise Invalid.field(
                "claim", f"There is no volume claim {name}; have it made first, or say a size."
            )
    if _OWN.fullmatch(name) or (found is not None and _is_own(found)):
        raise Invalid.field(
            "claim",
            f"The volume claim {name} is one of Sojourn's own; name one that was made for this.",
            code="own_claim",
        )


def _is_own(claim: Found) -> bool:
    name, value = _CHART
    return labels.INSTALLATION in claim.labels or claim.labels.get(name) == value
