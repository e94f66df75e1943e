"""Classes and pools that administrators make, beside those of the installation's file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.kit.db import Database
from sessions_api.resources import offers
from sessions_api.runs import freeze, store
from tests.api.conftest import Client
from tests.api.kinds import PACKAGES
from tests.api.test_limits import seed

CLASSES = "- {slug: small, name: Small, cpus: 1, memoryGib: 2, default: true}\n"
POOLS = "- {slug: desk, name: Desk, classes: [small], perPerson: {cpus: 4}}\n"
AT = "/admin/resource-classes"
IN = "/admin/resource-pools"
LARGE = {"name": "Large", "cpus": 4, "memory_gib": 8}
GPU = {
    **LARGE,
    "name": "GPU",
    "description": "For training.",
    "disk_gib": 100,
    "gpus": 1,
    "gpu_resource": "example.org/gpu",
    "node_selector": {"pool": "gpu"},
    "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {"nodeAffinity": {}},
    "priority_class": "urgent",
}


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[Client]:
    async with Client(app, "root") as client:
        yield client


@pytest.fixture
async def file(database: Database, tmp_path: Path) -> Path:
    """Where the installation's file is, which has a class and a pool."""
    await seed(database, tmp_path, CLASSES, POOLS)
    return tmp_path


async def slugs(client: Client, path: str) -> list[str]:
    return [each["slug"] for each in (await client.get(path)).json()["items"]]


async def done(client: Client, path: str, **body: Any) -> dict[str, Any]:
    """What a POST or, with a body, a PATCH that must succeed answers."""
    answer = await (client.patch(path, json=body) if body else client.post(path))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def added(client: Client, project: str, name: str, **body: Any) -> str:
    made = await client.made(f"{project}/sessions", name=name, **{"environment": "python", **body})
    return f"{project}/sessions/{made['slug']}"


async def started(client: Client, session: str) -> dict[str, Any]:
    answer = await client.post(f"{session}/start")
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def run_of(client: Client, run: dict[str, Any]) -> dict[str, Any]:
    return dict((await client.get(f"/runs/{run['id']}")).json())


async def launched_with(database: Database, run: dict[str, Any]) -> Any:
    """What a run would be launched with now."""
    async with database.write() as db:
        found = await store.get(db, run["id"])
        assert found is not None
        return (await freeze.parts_of(db, found, kinds=PACKAGES)).resources


async def test_a_class_that_an_admin_makes_is_offered_with_all_it_says(
    ann: Client, admin: Client, project: str, database: Database
) -> None:
    made = await admin.made(AT, **GPU)

    assert {name: made[name] for name in GPU} == GPU
    assert (made["slug"], made["origin"], made["pool"], made["default"]) == ("gpu", "admin", None, False)
    assert await slugs(ann, "/resource-classes") == ["gpu"]
    run = await started(ann, await added(ann, project, "Training", resource_class="gpu"))
    spec = await launched_with(database, run)
    assert (spec.gpus, spec.node_selector, spec.priority_class) == (1, {"pool": "gpu"}, "urgent")


@pytest.mark.usefixtures("file")
async def test_what_the_file_says_is_changed_in_the_file(admin: Client) -> None:
    for path, what in ((f"{AT}/small", "class Small"), (f"{IN}/desk", "pool Desk")):
        assert (await admin.get(path)).json()["origin"] == "file"
        for method, asked in (("PATCH", path), ("POST", f"{path}/withdraw")):
            problem = await admin.refused(asked, 409, method, name="Other")
            assert problem["code"] == "from_file"
            assert problem["detail"] == f"The {what} comes from the installation's file."
            assert "Helm values" in problem["hint"]


async def test_seeding_neither_withdraws_nor_changes_what_an_admin_made(
    admin: Client, database: Database, file: Path
) -> None:
    await admin.made(AT, **LARGE)
    await admin.made(IN, name="Halls", classes=["large"], quota={"cpus": 8})
    before = [(await admin.get(path)).json() for path in (f"{AT}/large", f"{IN}/halls")]

    await seed(database, file, classes="[]", listed="[]")
    await seed(database, file, CLASSES, POOLS)

    assert [(await admin.get(path)).json() for path in (f"{AT}/large", f"{IN}/halls")] == before
    assert await slugs(admin, AT) == ["small", "large"]


@pytest.mark.parametrize(("path", "body"), [(AT, LARGE), (IN, {"name": "Large", "classes": ["other"]})])
async def test_a_slug_that_an_admin_and_the_file_use_is_complained_of(
    admin: Client, database: Database, *, file: Path, path: str, body: dict[str, Any]
) -> None:
    await admin.made(AT, name="Other", cpus=1, memory_gib=1)
    await admin.made(path, **body)
    classes = CLASSES + "- {slug: large, name: L, cpus: 1, memoryGib: 1}\n" if path == AT else CLASSES
    listed = POOLS.replace("slug: desk", "slug: large") if path == IN else POOLS

    with pytest.raises(offers.OffersError, match="give the file's another slug"):
        await seed(database, file, classes=classes, listed=listed)

    taken = "small" if path == AT else "desk"
    problem = await admin.refused(path, 409, **body, slug=taken)
    assert (problem["code"], problem["errors"][0]["field"]) == ("slug_taken", "slug")
    assert "which comes from the installation's file" in problem["detail"]


async def test_one_class_is_the_default_at_most_and_the_files_comes_back(
    ann: Client, admin: Client, database: Database, file: Path
) -> None:
    async def defaults() -> list[str]:
        return [each["slug"] for each in (await admin.get(AT)).json()["items"] if each["default"]]

    await admin.made(AT, **LARGE, default=True)
    assert await defaults() == ["large"]
    await admin.made(AT, name="Wide", cpus=8, memory_gib=8, default=True)
    await seed(database, file, CLASSES, POOLS)
    assert await defaults() == ["wide"]
    await done(admin, f"{AT}/large", default=True)
    assert await defaults() == ["large"]
    await done(admin, f"{AT}/large", default=False)
    assert await defaults() == ["small"]
    await done(admin, f"{AT}/wide", default=True)
    await done(admin, f"{AT}/wide/withdraw")
    assert await defaults() == ["small"]
    problem = await admin.refused(f"{AT}/wide", 422, "PATCH", default=True)
    assert problem["detail"] == "The class Wide was withdrawn; offer it again first."
    assert (await ann.get("/resource-classes")).json()["items"][0]["default"]


@pytest.mark.usefixtures("file")
async def test_what_the_file_refuses_is_refused_with_its_field(admin: Client) -> None:
    await admin.made(AT, **LARGE)
    await admin.made(AT, name="Wide", cpus=8, memory_gib=8, default=True)
    await admin.made(IN, name="Halls", classes=["large"], quota={"cpus": 4}, audience={"groups": ["a"]})
    for path, body, field, sentence in (
        (IN, {"classes": ["large"]}, "classes", "The class large is in the pool halls already"),
        (IN, {"classes": ["none"]}, "classes", "There is no class none; there are: large, wide."),
        (IN, {"classes": ["small"]}, "classes", "The class Small comes from the installation's file"),
        (IN, {"classes": []}, "classes", "This is empty and has to be filled in."),
        (IN, {"classes": ["wide"], "quota": {"cpus": 1}}, "quota.cpus", "A session of the class wide"),
        (
            IN,
            {"classes": ["wide"], "audience": {"groups": ["a"]}},
            "audience.groups",
            "New sessions are of the class wide",
        ),
        (f"{AT}/large", {"cpus": 5}, "cpus", "A session of the class large takes 5 CPUs"),
        (f"{AT}/large", {"default": True}, "default", "New sessions are of the class large"),
        (f"{AT}/large", {"gpus": 1}, "gpu_resource", "A number of GPUs and their kind go together"),
        (f"{AT}/large", {"cpus": None}, "cpus", "null is not a number"),
        (AT, {**LARGE, "affinity": {"a": "b\0"}}, "affinity", "This has a null character"),
        (AT, {**LARGE, "node_selector": {"a b": "c"}}, "node_selector.a b.[key]", "Use letters"),
    ):
        method = "PATCH" if path.endswith("large") else "POST"
        named = {"name": "Other"} if path == IN else {}
        problem = await admin.refused(path, 422, method, **named, **body)
        assert problem["errors"][0]["field"] == field, problem
        assert problem["errors"][0]["detail"].startswith(sentence), problem
    assert await slugs(admin, IN) == ["desk", "halls"]


async def test_of_two_admins_who_edit_at_once_the_second_is_told(admin: Client) -> None:
    await admin.made(AT, **LARGE)
    read = (await admin.get(f"{AT}/large")).headers["ETag"]

    answers = await asyncio.gather(
        *(admin.patch(f"{AT}/large", json={"cpus": cpus}, headers={"If-Match": read}) for cpus in (5, 6, 7))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    stale = next(answer.json() for answer in answers if answer.status_code == 412)
    assert stale["code"] == "stale"
    kept = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await admin.get(f"{AT}/large")).json() == kept


async def test_a_class_that_is_made_twice_at_once_is_there_once(admin: Client) -> None:
    answers = await asyncio.gather(
        *(admin.post(AT, json={**LARGE, "slug": "large", "default": True}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    again = await asyncio.gather(
        *(admin.post(AT, json={**LARGE, "default": True}, headers={"Idempotency-Key": "k"}) for _ in range(3))
    )
    assert {answer.json()["slug"] for answer in again} == {"large-2"}
    assert await slugs(admin, AT) == ["large", "large-2"]


@pytest.mark.usefixtures("file")
async def test_the_order_is_what_an_admin_makes_it_after_the_files(ann: Client, admin: Client) -> None:
    for name in ("A", "B", "C"):
        await admin.made(AT, **{**LARGE, "name": name})

    await done(admin, f"{AT}/c", position=1)
    assert await slugs(ann, "/resource-classes") == ["small", "c", "a", "b"]
    await done(admin, f"{AT}/c", position=90)
    assert await slugs(ann, "/resource-classes?limit=500") == ["small", "a", "b", "c"]
    await done(admin, f"{AT}/a/withdraw")
    await done(admin, f"{AT}/a/offer")
    assert await slugs(admin, AT) == ["small", "b", "c", "a"]
    first = (await admin.get(AT, params={"limit": 3})).json()
    rest = (await admin.get(AT, params={"limit": 3, "cursor": first["next"]})).json()
    assert [each["slug"] for each in first["items"] + rest["items"]] == ["small", "b", "c", "a"]


async def test_what_the_file_no_longer_has_can_be_taken_over(
    admin: Client, database: Database, file: Path
) -> None:
    await seed(database, file, classes="[]", listed="[]")
    assert [each["slug"] for each in (await admin.get(f"{AT}?withdrawn=true")).json()["items"]] == ["small"]

    await done(admin, f"{AT}/small/offer")
    await done(admin, f"{IN}/desk/offer")
    taken = await done(admin, f"{IN}/desk", classes=["small"], quota={"sessions": 2})

    assert (taken["origin"], taken["classes"]) == ("admin", ["small"])
    with pytest.raises(offers.OffersError, match="give the file's another slug"):
        await seed(database, file, CLASSES, POOLS)


async def test_a_class_that_is_withdrawn_while_a_start_waits_is_launched_with(
    ann: Client, admin: Client, project: str, database: Database
) -> None:
    await admin.made(AT, **LARGE)
    await admin.made(IN, name="Halls", classes=["large"], quota={"sessions": 1})
    first = await started(ann, await added(ann, project, "First", resource_class="large"))
    second = await added(ann, project, "Second", environment="minimal", resource_class="large")
    waiting = await started(ann, second)
    assert waiting["queue"]["position"] == 1

    await done(admin, f"{AT}/large/withdraw")

    assert await slugs(ann, "/resource-classes") == []
    assert (await run_of(ann, waiting))["queue"]["position"] == 1
    await done(admin, f"{IN}/halls", quota={"sessions": 2})
    assert (await run_of(ann, waiting))["queue"] is None
    assert (await launched_with(database, waiting)).resource_class == "large"
    assert (await run_of(ann, first))["phase"] == "queued"


async def test_starts_that_wait_take_what_their_class_says_by_then(
    ann: Client, admin: Client, project: str, database: Database
) -> None:
    await admin.made(AT, **LARGE)
    await admin.made(IN, name="Halls", classes=["large"], quota={"cpus": 4})
    first = await started(ann, await added(ann, project, "First", resource_class="large"))
    second = await added(ann, project, "Second", environment="minimal", resource_class="large")
    waiting = await started(ann, second)

    await done(admin, f"{AT}/large", cpus=1)
    shrunk = await done(admin, f"{IN}/halls", quota={"cpus": 1})

    assert (shrunk["taken"]["cpus"], shrunk["waiting"]) == (4, 1)
    assert (await launched_with(database, first)).cpus == 4
    await ann.post(f"{project}/sessions/first/cancel")
    async with database.write() as db:
        await store.set_values(db, first["id"], phase="stopped", wish="run")
    await done(admin, f"{IN}/halls", description="Wide.")
    assert (await run_of(ann, waiting))["queue"] is None
    assert (await launched_with(database, waiting)).cpus == 1


async def test_a_limit_below_what_is_taken_ends_nothing_and_holds_for_who_comes(
    ann: Client, bob: Client, *, admin: Client, project: str
) -> None:
    await admin.made(AT, **LARGE)
    await admin.made(IN, name="Halls", classes=["large"], quota={"sessions": 3})
    session = await added(ann, project, "First", resource_class="large")
    second = await added(ann, project, "Second", environment="minimal", resource_class="large")
    for client, path in ((ann, session), (ann, second)):
        await started(client, path)

    changed = await done(admin, f"{IN}/halls", quota={"sessions": 1})

    assert (changed["quota"]["sessions"], changed["taken"]["sessions"]) == (1, 2)
    assert (await started(bob, session))["queue"]["position"] == 1
    gone = await done(admin, f"{IN}/halls/withdraw")
    assert gone["waiting"] == 0
    assert [each["queue"] for each in (await bob.get("/runs")).json()["items"]] == [None]


async def test_a_pool_that_is_changed_while_many_start_lets_no_more_in_than_it_gives(
    app: FastAPI, ann: Client, admin: Client, project: str
) -> None:
    await admin.made(AT, **LARGE)
    await admin.made(IN, name="Halls", classes=["large"], quota={"sessions": 9})
    session = await added(ann, project, "First", resource_class="large")
    people = [Client(app, f"person-{number:02}") for number in range(24)]

    async def shrink() -> None:
        for most in (7, 5, 3):
            await done(admin, f"{IN}/halls", quota={"sessions": most})

    starts, _ = await asyncio.gather(
        asyncio.gather(*(started(person, session) for person in people)), shrink()
    )

    assert len({run["id"] for run in starts}) == len(people)
    pool = (await admin.get(f"{IN}/halls")).json()
    assert pool["taken"]["sessions"] + pool["waiting"] == len(people)
    assert 3 <= pool["taken"]["sessions"] <= 9
    for person in people:
        await person.aclose()


async def test_only_admins_see_and_make_them(ann: Client, admin: Client) -> None:
    await admin.made(AT, **LARGE)
    for path in (AT, IN, f"{AT}/large", f"{AT}/none", f"{IN}/none"):
        assert (await ann.get(path)).status_code == 403
    await ann.refused(AT, 403, **{**LARGE, "name": "Mine"})
    await admin.refused(f"{AT}/none", 404, "GET")


async def test_what_admins_did_is_in_the_log_of_the_platform(admin: Client) -> None:
    await admin.made(AT, **LARGE)
    await done(admin, f"{AT}/large", cpus=2)
    await done(admin, f"{AT}/large", cpus=2)
    await done(admin, f"{AT}/large/withdraw")
    await done(admin, f"{AT}/large/withdraw")
    await done(admin, f"{AT}/large/offer")

    entries = (await admin.get("/audit")).json()["items"][::-1]
    told = [each for each in entries if each["verb"].startswith("resource_")]

    assert [each["verb"].partition(".")[2] for each in told] == ["create", "change", "withdraw", "offer"]
    assert {(each["project"], each["thing"]["kind"]) for each in told} == {(None, "resource_class")}
    assert told[1]["details"] == {"fields": ["cpus"]}
