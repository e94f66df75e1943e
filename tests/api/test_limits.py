"""What people and projects may take of a pool at once, and what they are told when that is reached."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.kit.db import Database
from sessions_api.resources import offers, pools, seeding
from sessions_api.runs import freeze, store
from tests.api.conftest import Client
from tests.api.kinds import PACKAGES

CLASSES = """
- {slug: small, name: Small, cpus: 1, memoryGib: 2, default: true}
- {slug: large, name: Large, cpus: 4, memoryGib: 8}
- {slug: gpu, name: GPU, cpus: 4, memoryGib: 16, gpus: 1, gpuResource: example.org/gpu}
- {slug: free, name: Free, cpus: 64, memoryGib: 64}
"""
POOLS = """
- {slug: desk, name: Desk, classes: [small, large], perPerson: {cpus: 4}, perProject: {memoryGib: 12}}
- {slug: cards, name: Cards, classes: [gpu], perPerson: {gpus: 1}, audience: {groups: [vision]}}
"""

LARGE = {"resource_class": "large", "cpus": 4, "memory_gib": 8, "disk_gib": None}


async def seed(database: Database, folder: Path, classes: str = CLASSES, listed: str = POOLS) -> None:
    (folder / "classes.yaml").write_text(classes)
    (folder / "pools.yaml").write_text(listed)
    offered = offers.load(folder / "classes.yaml")
    async with database.write() as db:
        await seeding.seed(db, offered, pools.load(folder / "pools.yaml", offered))


@pytest.fixture
async def project(project: str, database: Database, tmp_path: Path) -> str:
    """Ann's project where there are pools."""
    await seed(database, tmp_path)
    return project


async def add(client: Client, project: str, name: str, **body: Any) -> str:
    """Adds a session; what its addresses begin with."""
    made = await client.made(f"{project}/sessions", name=name, **{"environment": "python", **body})
    return f"{project}/sessions/{made['slug']}"


async def started(client: Client, session: str) -> dict[str, Any]:
    answer = await client.post(f"{session}/start")
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def becomes(database: Database, run: str, phase: str, **values: Any) -> None:
    """Makes of a run what the driver and the spawner would."""
    async with database.write() as db:
        await store.set_values(db, run, phase=phase, **values)


async def test_a_start_beyond_ones_own_limit_says_what_holds_it(
    ann: Client, project: str, database: Database
) -> None:
    holder = await started(ann, await add(ann, project, "Exploration", resource_class="large"))
    await becomes(database, holder["id"], "running")
    other = await add(ann, project, "Report", environment="minimal")

    problem = await ann.refused(f"{other}/start", 409)

    assert problem["code"] == "limit_reached"
    assert problem["detail"] == (
        "Your session Exploration in Terrain uses 4 of your 4 CPUs in the pool Desk."
    )
    assert problem["hint"] == "Pause it to start this one."
    assert problem["holders"] == [
        {
            "run": holder["id"],
            "session": "Exploration",
            "project": "Terrain",
            "cpus": 4,
            "memory_gib": 8,
            "gpus": 0,
            "links": {
                "run": f"/runs/{holder['id']}",
                "pause": "/projects/terrain/sessions/exploration/pause",
            },
        }
    ]
    assert (await ann.get("/runs")).json()["items"][0]["id"] == holder["id"]


async def test_what_is_paused_gives_back_what_it_held(ann: Client, project: str, database: Database) -> None:
    first = await add(ann, project, "Exploration", resource_class="large")
    second = await add(ann, project, "Report", environment="minimal")
    holder = await started(ann, first)
    await becomes(database, holder["id"], "running")
    await ann.refused(f"{second}/start", 409)

    assert (await ann.post(f"{first}/pause")).status_code == 202

    following = await started(ann, second)
    assert following["queue"] == {"position": 1, "estimate_seconds": None}, "the first is not gone yet"


async def test_a_resume_beyond_ones_own_limit_is_refused_too(
    ann: Client, project: str, database: Database
) -> None:
    paused = await add(ann, project, "Exploration", resource_class="large")
    run = await started(ann, paused)
    await becomes(database, run["id"], "paused", spec={"resources": LARGE})
    other = await add(ann, project, "Report", environment="minimal")
    await started(ann, other)

    problem = await ann.refused(f"{paused}/start", 409)

    assert problem["detail"] == (
        "Your session Report in Terrain uses 1 of your 4 CPUs in the pool Desk, and this one needs 4."
    )
    assert problem["hint"] == "Cancel its launch to start this one."
    assert (await ann.post(f"{other}/cancel")).status_code == 202
    assert (await started(ann, paused))["id"] == run["id"]


async def test_several_holders_are_named_and_those_of_other_projects_too(
    ann: Client, project: str, database: Database
) -> None:
    other = (await ann.made("/projects", name="Harbour"))["slug"]
    for place, name in ((project, "Exploration"), (f"/projects/{other}", "Report")):
        run = await started(ann, await add(ann, place, name))
        await becomes(database, run["id"], "running")
    large = await add(ann, project, "Training", environment="minimal", resource_class="large")

    problem = await ann.refused(f"{large}/start", 409)

    assert problem["detail"] == (
        "Your sessions Exploration in Terrain and Report in Harbour use 2 of your 4 CPUs in the pool Desk, "
        "and this one needs 4."
    )
    assert [(each["session"], each["project"]) for each in problem["holders"]] == [
        ("Exploration", "Terrain"),
        ("Report", "Harbour"),
    ]


async def test_the_limit_of_a_project_counts_everybody_and_names_only_ones_own(
    ann: Client, bob: Client, project: str
) -> None:
    session = await add(ann, project, "Exploration", resource_class="large")
    await started(ann, session)

    problem = await bob.refused(f"{session}/start", 409)

    assert problem["code"] == "limit_reached"
    assert problem["detail"] == (
        "Sessions of Terrain use 8 of its 12 GiB of memory in the pool Desk, and this one needs 8."
    )
    assert problem["hint"] == "Others run them: start this one later, or ask them to pause one."
    assert "holders" not in problem or problem["holders"] == []


async def test_one_persons_limit_is_not_anothers(ann: Client, bob: Client, project: str) -> None:
    session = await add(ann, project, "Exploration")

    assert (await started(ann, session))["id"] != (await started(bob, session))["id"]


async def test_a_start_that_is_repeated_is_the_same_run_whatever_the_limit(ann: Client, project: str) -> None:
    session = await add(ann, project, "Exploration", resource_class="large")

    assert (await started(ann, session))["id"] == (await started(ann, session))["id"]


async def test_a_class_in_no_pool_is_not_limited(ann: Client, project: str) -> None:
    for name, environment in (("One", "python"), ("Two", "minimal")):
        await started(ann, await add(ann, project, name, environment=environment, resource_class="free"))


async def test_a_class_for_others_cannot_be_started(ann: Client, project: str, app: FastAPI) -> None:
    async with Client(app, "root") as root:
        await ann.post(f"{project}/members", json={"person": "root", "role": "editor"})
        session = await add(root, project, "Training", resource_class="gpu")

    problem = await ann.refused(f"{session}/start", 403)

    assert problem["code"] == "class_for_others"
    assert problem["detail"] == "Sessions of the class GPU are for vision."
    async with Client(app, "root") as root:
        assert (await root.post(f"{session}/start")).status_code == 202


async def test_a_session_that_was_of_no_class_before_there_were_pools_cannot_be_started(
    ann: Client, project: str, database: Database, tmp_path: Path
) -> None:
    await seed(database, tmp_path, CLASSES, "[]")
    session = await add(ann, project, "Exploration", cpus=100)
    await seed(database, tmp_path)

    problem = await ann.refused(f"{session}/start", 409)

    assert problem["code"] == "class_needed"
    assert (await ann.patch(session, json={"description": "Later"})).status_code == 200


async def test_a_class_that_was_made_larger_than_the_limit_says_so(
    ann: Client, project: str, database: Database, tmp_path: Path
) -> None:
    session = await add(ann, project, "Exploration", resource_class="large")
    classes = CLASSES.replace("- {slug: large, name: Large, cpus: 4, memoryGib: 8}\n", "")
    await seed(database, tmp_path, classes, POOLS.replace("[small, large]", "[small]").replace("4", "2"))

    problem = await ann.refused(f"{session}/start", 409)

    assert problem["detail"] == (
        "A session of the class Large takes 4 CPUs, and the pool Desk gives 2 at most."
    )
    assert problem["hint"] == "Have a smaller class chosen in its configuration."


async def test_limits_of_fractions_are_counted_exactly(
    ann: Client, project: str, database: Database, tmp_path: Path
) -> None:
    classes = "- {slug: tiny, name: Tiny, cpus: 0.1, memoryGib: 0.1, default: true}"
    await seed(
        database, tmp_path, classes, "- {slug: desk, name: Desk, classes: [tiny], perPerson: {cpus: 0.3}}"
    )
    places = [project] + [
        f"/projects/{(await ann.made('/projects', name=name))['slug']}" for name in ("Two", "Three", "Four")
    ]
    sessions = [await add(ann, place, "Exploration") for place in places]

    for session in sessions[:3]:
        await started(ann, session)
    assert (await ann.refused(f"{sessions[3]}/start", 409))["code"] == "limit_reached"


async def test_a_run_is_launched_with_what_it_was_given_a_place_for(
    ann: Client, project: str, database: Database, tmp_path: Path
) -> None:
    session = await add(ann, project, "Exploration")
    run = await started(ann, session)
    await ann.patch(session, json={"resource_class": "free"})
    await seed(database, tmp_path, CLASSES.replace("cpus: 1,", "cpus: 3,"))

    async with database.read() as db:
        found = await store.get(db, run["id"])
        assert found is not None
        parts = await freeze.parts_of(db, found, kinds=PACKAGES)

    assert (parts.resources.resource_class, parts.resources.cpus, parts.resources.gpus) == ("small", 1, 0)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "perPerson: {cpus: 4}",
            "perPerson: {cpus: 2}",
            "0.perPerson.cpus: a session of the class large takes 4 CPUs, which is more than 2; nobody could",
        ),
        ("{memoryGib: 12}", "{memoryGib: 4}", "0.perProject.memoryGib: a session of the class large takes 8"),
        ("{gpus: 1}", "{gpus: 1}, quota: {memoryGib: 8}", "1.quota.memoryGib: a session of the class gpu"),
        ("[small, large]", "[small, huge]", "0.classes: there is no class huge; there are: small, large,"),
        ("[gpu]", "[gpu, small]", "1.classes: the class small is in the pool desk already; leave it in one."),
        ("slug: cards", "slug: desk", "there are two pools desk; give one another slug."),
        ("{gpus: 1}", "{gpus: 0}", "1.perPerson.gpus: "),
        ("{gpus: 1}", "{gpu: 1}", "1.perPerson.gpu: There is no such field here; leave it out."),
        ("[gpu]", "[]", "1.classes: "),
        (
            "[small, large],",
            "[small], audience: {groups: [x]},",
            "0.audience.groups: new sessions are of the",
        ),
        ("- {slug: cards", "- {slug: [", "pools.yaml: "),
    ],
)
def test_pools_that_make_no_sense_are_refused_with_place_and_sentence(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    assert old in POOLS
    (tmp_path / "classes.yaml").write_text(CLASSES)
    (tmp_path / "pools.yaml").write_text(POOLS.replace(old, new))

    with pytest.raises(offers.OffersError) as refused:
        pools.load(tmp_path / "pools.yaml", offers.load(tmp_path / "classes.yaml"))

    assert sentence in str(refused.value)


async def test_what_is_free_of_a_pool_is_told_before_a_start(
    ann: Client, bob: Client, project: str, database: Database, tmp_path: Path
) -> None:
    listed = "- {slug: desk, name: Desk, classes: [small, large], quota: {cpus: 5}, perPerson: {sessions: 2}}"
    await seed(database, tmp_path, CLASSES, listed)
    await started(ann, await add(ann, project, "Exploration", resource_class="large"))
    waiting = await add(ann, project, "Report", environment="minimal", resource_class="large")
    await started(bob, waiting)

    [pool] = (await ann.get("/resource-pools")).json()["items"]

    assert (pool["slug"], pool["classes"], pool["waiting"]) == ("desk", ["small", "large"], 1)
    assert pool["quota"] == {"cpus": 5, "memory_gib": None, "gpus": None, "sessions": None}
    assert pool["taken"] == {"cpus": 4, "memory_gib": 8, "gpus": 0, "sessions": 1}
    assert pool["own"] == {"cpus": 4, "memory_gib": 8, "gpus": 0, "sessions": 1}


async def test_pools_and_classes_for_others_are_not_shown(ann: Client, project: str, app: FastAPI) -> None:
    async def slugs(client: Client, path: str) -> list[str]:
        return [each["slug"] for each in (await client.get(path)).json()["items"]]

    assert await slugs(ann, "/resource-pools") == ["desk"]
    assert await slugs(ann, "/resource-classes") == ["small", "large", "free"]
    problem = await ann.refused(f"{project}/sessions", environment="python", resource_class="gpu")
    assert problem["detail"] == "There is no resource class gpu. There are: small, large, free."
    async with Client(app, "root") as root:
        assert await slugs(root, "/resource-pools") == ["desk", "cards"]
        assert "gpu" in await slugs(root, "/resource-classes")


async def test_pools_are_paged(ann: Client, project: str, app: FastAPI) -> None:
    async with Client(app, "root") as root:
        first = (await root.get("/resource-pools", params={"limit": 1})).json()
        second = (await root.get("/resource-pools", params={"limit": 1, "cursor": first["next"]})).json()

    assert [each["slug"] for page in (first, second) for each in page["items"]] == ["desk", "cards"]
    assert second["next"] is None


async def test_replicas_that_seed_at_once_make_each_pool_once(
    ann: Client, database: Database, tmp_path: Path
) -> None:
    await asyncio.gather(*(seed(database, tmp_path) for _ in range(5)))

    [pool] = (await ann.get("/resource-pools")).json()["items"]
    assert (pool["slug"], pool["classes"]) == ("desk", ["small", "large"])


async def test_where_there_are_pools_a_session_is_of_a_class(ann: Client, project: str) -> None:
    for body in ({"cpus": 100}, {"resource_class": None}):
        problem = await ann.refused(f"{project}/sessions", environment="python", **body)
        assert (problem["code"], problem["errors"][0]["field"]) == ("class_needed", "resource_class")
        assert problem["detail"] == "Every session is of a class here. There are: small, large, free."
