"""Which pictures are taken of a cluster: its administrators' pages, and what only clusters do."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from scripts.pictures.camera import TWO, Shot
from scripts.pictures.doing import Do, check, press, press_in, refused
from scripts.pictures.platform import ADMIN, HARBOUR, JONAS, MIRA, TERRAIN, PlatformSample

PREFIXES = ("admin-", "cluster-")
"""What the names of these pictures begin with."""


def everything(sample: PlatformSample, image: str) -> Iterator[Shot]:
    """All of them."""
    yield from _administration(sample)
    yield from _offers()
    yield from _sessions(sample, image)


def _administration(sample: PlatformSample) -> Iterator[Shot]:
    yield Shot("admin-sessions", "/admin", ADMIN)
    yield Shot("admin-sessions-none", "/admin?person=noor", ADMIN, looks=TWO)
    menu = press("Actions for Exploration of mira")
    yield Shot("admin-sessions-menu", "/admin", ADMIN, menu, whole=False, looks=TWO)
    yield Shot("admin-stop", f"/admin/runs/{sample.runs['larger']}/stop", ADMIN, looks=TWO)
    yield Shot("admin-cancel", f"/admin/runs/{sample.runs['launching']}/cancel", ADMIN, looks=TWO)
    yield Shot("admin-failures", "/admin/failures", ADMIN)
    yield Shot("admin-failures-one", "/admin/failures?days=7&code=out_of_memory", ADMIN, looks=TWO)
    yield Shot("admin-queue", "/admin/queue", ADMIN)
    yield Shot("admin-queue-none", "/admin/queue?pool=shared", ADMIN, looks=TWO)
    yield Shot("admin-use", "/admin/use", ADMIN)
    yield Shot("admin-activity", "/activity?limit=15", ADMIN)
    yield Shot("admin-activity-none", "/activity?person=noor", ADMIN, looks=TWO)


def _offers() -> Iterator[Shot]:
    classes, pools = "/admin/resource-classes", "/admin/resource-pools"
    yield Shot("admin-resources", "/admin/resources", ADMIN)
    yield Shot("admin-class-add", f"{classes}/add", ADMIN, looks=TWO)
    wrong = {"name": "Training", "cpus": "many", "memory_gib": "8", "gpus": "1"}
    yield Shot("admin-class-refused", f"{classes}/add", ADMIN, refused(wrong), looks=TWO)
    yield Shot("admin-class-edit", f"{classes}/gpu/edit", ADMIN, looks=TWO)
    yield Shot("admin-class-withdraw", f"{classes}/gpu/withdraw", ADMIN, looks=TWO)
    yield Shot("admin-class-of-file", f"{classes}/small/edit", ADMIN, looks=TWO)
    yield Shot("admin-pool-add", f"{pools}/add", ADMIN, looks=TWO)
    yield Shot(
        "admin-pool-refused",
        f"{pools}/add",
        ADMIN,
        refused({"name": "Halls", "quota-cpus": "few"}),
        looks=TWO,
    )
    yield Shot("admin-pool-edit", f"{pools}/gpu-nodes/edit", ADMIN, looks=TWO)
    yield Shot("admin-pool-withdraw", f"{pools}/gpu-nodes/withdraw", ADMIN, looks=TWO)


def _sessions(sample: PlatformSample, image: str) -> Iterator[Shot]:
    larger = f"{TERRAIN}/sessions/toolkit"
    yield Shot("cluster-project", TERRAIN, MIRA)
    yield Shot("cluster-waiting", f"/runs/{sample.runs['waiting']}", MIRA, looks=TWO)
    yield Shot("cluster-launch", f"/runs/{sample.runs['launching']}", JONAS, looks=TWO)
    yield Shot("cluster-pausing", f"/runs/{sample.runs['idle']}", MIRA, looks=TWO)
    yield Shot("cluster-restart", f"{larger}/restart", MIRA, looks=TWO)
    yield Shot("cluster-stop", f"{larger}/stop", MIRA, looks=TWO)
    yield Shot("cluster-kept-delete", f"/kept/{sample.kept}/delete", MIRA, looks=TWO)
    yield Shot("cluster-configure", f"{larger}/configure", MIRA, looks=TWO)
    yield Shot("cluster-failed", HARBOUR, JONAS, looks=TWO)
    yield Shot("cluster-session-add", f"{TERRAIN}/sessions/add", MIRA, looks=TWO)
    yield Shot("cluster-image-add", f"{TERRAIN}/sessions/add/image", MIRA, looks=TWO)
    yield Shot("cluster-image-checked", f"{TERRAIN}/sessions/add/image", MIRA, check(image), looks=TWO)
    missing = check(f"{image.rpartition(':')[0]}:2025.01")
    yield Shot("cluster-image-missing", f"{TERRAIN}/sessions/add/image", MIRA, missing, looks=TWO)
    yield Shot("cluster-storage-add", f"{TERRAIN}/storages/add", MIRA, looks=TWO)
    yield Shot("cluster-environment", "/environments/code", MIRA, looks=TWO)
    yield Shot("cluster-refused", TERRAIN, JONAS, press_in("#actions-classifier"), looks=TWO)
    # The last one, because it changes what the others show.
    yield Shot("cluster-resizing", TERRAIN, MIRA, _resize(sample.runs["larger"]), looks=TWO)


def _resize(run: str) -> Do:
    """Applies what was changed of the size, unless that is under way, and looks at the run."""

    def apply(page: Page) -> None:
        button = page.get_by_role("button", name="Apply now")
        if button.count():
            button.click()
            page.wait_for_url(f"**/runs/{run}")
        else:
            page.goto(page.url.removesuffix(TERRAIN) + f"/runs/{run}")

    return apply
