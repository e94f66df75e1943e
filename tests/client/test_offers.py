"""Classes and pools of administrators from Python."""

from __future__ import annotations

import json
from typing import Any

import httpx

from sojourn import AsyncClient, Client
from tests.client.standin import Script

TAKEN = {"cpus": 4.0, "memory_gib": 8.0, "gpus": 0, "sessions": 1}
CLASS: dict[str, Any] = {
    "id": "class-1",
    "slug": "large",
    "name": "Large",
    "description": "",
    "cpus": 4.0,
    "memory_gib": 8.0,
    "disk_gib": None,
    "gpus": 0,
    "gpu_resource": None,
    "node_selector": {"disk": "ssd"},
    "tolerations": [{"key": "gpu", "operator": "Exists"}],
    "affinity": None,
    "priority_class": None,
    "default": False,
    "pool": None,
    "origin": "admin",
    "withdrawn_at": None,
    "taken": TAKEN,
}
POOL: dict[str, Any] = {
    "id": "pool-1",
    "slug": "halls",
    "name": "Halls",
    "description": "",
    "classes": ["large"],
    "quota": {"cpus": 8.0},
    "per_person": {},
    "per_project": {},
    "groups": [],
    "origin": "admin",
    "withdrawn_at": None,
    "taken": TAKEN,
    "waiting": 2,
}


def test_a_class_is_made_and_changed_as_it_was_read() -> None:
    script = Script(httpx.Response(201, json=CLASS, headers={"ETag": '"1"'}), httpx.Response(200, json=CLASS))
    client = Client("http://sojourn.test", via=script)

    made = client.resource_classes.create("Large", cpus=4, memory_gib=8)
    client.resource_classes.change(made.slug, if_match=made.etag, cpus=6, disk_gib=None)

    create, change = script.requests
    assert create.url.path == "/api/v1/admin/resource-classes"
    assert json.loads(create.content) == {"name": "Large", "cpus": 4, "memory_gib": 8}
    assert (change.method, change.headers["If-Match"]) == ("PATCH", '"1"')
    assert json.loads(change.content) == {"cpus": 6, "disk_gib": None}
    assert (made.node_selector, made.tolerations[0]["key"]) == ({"disk": "ssd"}, "gpu")


async def test_pools_are_listed_and_withdrawn_without_waiting_too() -> None:
    script = Script(httpx.Response(200, json={"items": [POOL], "next": None}), httpx.Response(200, json=POOL))
    async with AsyncClient("http://sojourn.test", via=script) as client:
        [found] = [each async for each in client.resource_pools.every(withdrawn=True)]
        await client.resource_pools.withdraw(found.slug)
    listing, withdrawal = script.requests
    assert dict(listing.url.params) == {"withdrawn": "true"}
    assert withdrawal.url.path == "/api/v1/admin/resource-pools/halls/withdraw"
    assert (found.quota.cpus, found.taken.sessions, found.waiting) == (8, 1, 2)
