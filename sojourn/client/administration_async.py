"""Calls of the client of which most are for platform administrators."""

from __future__ import annotations

from sojourn.client.audit_calls import AuditCalls
from sojourn.client.offer_calls import ResourceClassCalls, ResourcePoolCalls
from sojourn.client.overview_calls import OverviewCalls
from sojourn.client.sending_async import Namespace, listed, sent


class Audit(Namespace[AuditCalls]):
    """Who did what, in one project or on the platform."""

    list = listed(AuditCalls.list)


class Overview(Namespace[OverviewCalls]):
    """Everybody's runs; for platform administrators."""

    runs = listed(OverviewCalls.runs)
    failures = listed(OverviewCalls.failures)
    failed_runs = listed(OverviewCalls.failed_runs)
    queue = listed(OverviewCalls.queue)
    classes = listed(OverviewCalls.classes)
    nodes = listed(OverviewCalls.nodes)
    pause = sent(OverviewCalls.pause)
    stop = sent(OverviewCalls.stop)
    cancel = sent(OverviewCalls.cancel)


class ResourceClasses(Namespace[ResourceClassCalls]):
    """Resource classes."""

    list = listed(ResourceClassCalls.list)
    every = listed(ResourceClassCalls.every)
    get = sent(ResourceClassCalls.get)
    create = sent(ResourceClassCalls.create)
    change = sent(ResourceClassCalls.change)
    withdraw = sent(ResourceClassCalls.withdraw)
    offer = sent(ResourceClassCalls.offer)


class ResourcePools(Namespace[ResourcePoolCalls]):
    """Pools of resource classes."""

    list = listed(ResourcePoolCalls.list)
    every = listed(ResourcePoolCalls.every)
    get = sent(ResourcePoolCalls.get)
    create = sent(ResourcePoolCalls.create)
    change = sent(ResourcePoolCalls.change)
    withdraw = sent(ResourcePoolCalls.withdraw)
    offer = sent(ResourcePoolCalls.offer)
