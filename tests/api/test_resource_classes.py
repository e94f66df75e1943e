import asyncio
from pathlib import Path
from typing import Any

import pytest

from sessions_api.kit.db import Database
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.resources import offers, seeding
from sessions_api.runs import freeze, starting
from sessions_api.runs.schemas import Overrides
from sessions_api.sessions import service as sessions
from tests.api.conftest import Client
from tests.api.kinds import PACKAGES

CLASSES = """
- {slug: small, name: Small, cpus: 1, memoryGib: 2, default: true}
- slug: gpu
  name: GPU
  description: One card.
  cpus: 8
  memoryGib: 64
  diskGib: 100
  gpus: 1
  gpuResource: nvidia.com/gpu
  nodeSelector: {pool: gpu}
  tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]
  affinity: {nodeAffinity: {}}
  priorityClass: urgent
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "classes.yaml"
    path.write_text(CLASSES)
    return path


def _with(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


async def _seed(database: Database, path: Path) -> None:
    async with database.write() as db:
        await seeding.seed(db, offers.load(path))


@pytest.fixture
async def _seeded(database: Database, file: Path) -> None:
    await _seed(database, file)


seeded = pytest.mark.usefixtures("_seeded")


@seeded
async def test_the_classes_are_listed_as_the_administrator_orders_them(ann: Client) -> None:
    listed = (await ann.get("/resource-classes")).json()["items"]

    assert [each["slug"] for each in listed] == ["small", "gpu"]
    assert {name: listed[1][name] for name in ("cpus", "memory_gib", "disk_gib", "gpus", "default")} == {
        "cpus": 8,
        "memory_gib": 64,
        "disk_gib": 100,
        "gpus": 1,
        "default": False,
    }


async def test_an_installation_without_classes_lists_none(ann: Client, project: str) -> None:
    assert (await ann.get("/resource-classes")).json()["items"] == []
    made = await ann.made(f"{project}/sessions", environment="python", cpus=2)
    assert (made["resource_class"], made["cpus"]) == (None, 2)


@seeded
async def test_seeding_again_changes_nothing(ann: Client, database: Database, file: Path) -> None:
    before = (await ann.get("/resource-classes")).json()

    await _seed(database, file)

    assert (await ann.get("/resource-classes")).json() == before


async def test_replicas_that_seed_at_once_make_each_class_once(
    ann: Client, database: Database, file: Path
) -> None:
    await asyncio.gather(*(_seed(database, file) for _ in range(5)))

    listed = (await ann.get("/resource-classes")).json()["items"]
    assert [each["slug"] for each in listed] == ["small", "gpu"]


@seeded
async def test_sessions_keep_a_class_that_is_withdrawn(
    ann: Client, project: str, database: Database, file: Path
) -> None:
    await ann.made(f"{project}/sessions", environment="python", resource_class="gpu")
    await _seed(database, _with(file, CLASSES.partition("- slug: gpu")[0]))

    path = f"{project}/sessions/python"
    assert (await ann.get(path)).json()["resource_class"] == "gpu"
    assert (await ann.patch(path, json={"resource_class": "gpu"})).status_code == 200
    problem = await ann.refused(f"{project}/sessions", environment="python", resource_class="gpu")
    assert problem["detail"] == "There is no resource class gpu. There are: small."

    await _seed(database, _with(file, CLASSES))
    assert len((await ann.get("/resource-classes")).json()["items"]) == 2


@seeded
async def test_a_new_session_is_of_the_default_class_unless_it_says_otherwise(
    ann: Client, project: str
) -> None:
    bodies: list[dict[str, Any]] = [{}, {"resource_class": "gpu"}, {"resource_class": None}, {"cpus": 4}]

    made = [await ann.made(f"{project}/sessions", environment="python", **body) for body in bodies]

    assert [each["resource_class"] for each in made] == ["small", "gpu", None, None]


@seeded
async def test_a_class_and_numbers_exclude_each_other(ann: Client, project: str) -> None:
    path = f"{project}/sessions/python"
    await ann.made(f"{project}/sessions", environment="python", resource_class="small")

    for body in ({"memory_gib": 4}, {"memory_gib": 4, "resource_class": "gpu"}):
        problem = await ann.refused(path, 422, "PATCH", **body)
        assert problem["errors"][0]["field"] == "memory_gib"
        assert "says this" in problem["detail"]

    changed = (await ann.patch(path, json={"memory_gib": 4, "resource_class": None})).json()
    assert (changed["resource_class"], changed["memory_gib"]) == (None, 4)
    changed = (await ann.patch(path, json={"resource_class": "gpu"})).json()
    assert (changed["resource_class"], changed["memory_gib"]) == ("gpu", None)


@seeded
@pytest.mark.parametrize(
    ("minimum", "slug"),
    [
        ({"cpus": 1}, "small"),
        ({"memory_gib": 2.5}, "gpu"),
        ({"gpus": 1}, "gpu"),
        ({"cpus": 0.5, "memory_gib": 1}, "small"),
    ],
)
async def test_a_minimum_is_the_smallest_class_that_has_as_much(
    ann: Client, project: str, minimum: dict[str, float], slug: str
) -> None:
    made = await ann.made(f"{project}/sessions", environment="python", minimum=minimum)

    assert made["resource_class"] == slug
    changed = await ann.patch(f"{project}/sessions/python", json={"minimum": {"gpus": 1}})
    assert changed.json()["resource_class"] == "gpu"


@seeded
async def test_a_minimum_that_no_class_has_is_refused(ann: Client, project: str) -> None:
    problem = await ann.refused(f"{project}/sessions", environment="python", minimum={"gpus": 2})

    assert problem["errors"][0]["field"] == "minimum"
    assert problem["detail"] == (
        "No resource class has as much. There are: small (1 CPU, 2 GiB), gpu (8 CPU, 64 GiB, 1 GPU)."
    )


@seeded
@pytest.mark.parametrize("other", [{"resource_class": "small"}, {"cpus": 2}, {"memory_gib": 2}])
async def test_a_minimum_excludes_a_class_and_numbers(
    ann: Client, project: str, other: dict[str, Any]
) -> None:
    problem = await ann.refused(f"{project}/sessions", environment="python", minimum={"cpus": 1}, **other)

    assert problem["detail"] == f"This chooses a class by itself; leave it or {next(iter(other))} out."


@seeded
async def test_a_launch_gets_all_of_its_class(ann: Client, project: str, database: Database) -> None:
    await ann.made(f"{project}/sessions", environment="python", resource_class="gpu", disk_gib=200)

    spec = await _frozen(database)

    assert spec.model_dump(exclude_defaults=True) == {
        "cpus": 8,
        "memory_gib": 64,
        "disk_gib": 200,
        "gpus": 1,
        "gpu_resource": "nvidia.com/gpu",
        "resource_class": "gpu",
        "node_selector": {"pool": "gpu"},
        "tolerations": ({"key": "gpu", "operator": "Exists", "effect": "NoSchedule"},),
        "affinity": {"nodeAffinity": {}},
        "priority_class": "urgent",
    }


async def _frozen(database: Database) -> Any:
    """What a run that starts now is to be made of."""
    async with database.write() as db:
        access = await projects.access(db, Viewer("ann"), "terrain")
        session = await sessions.get(db, access, "python")
        run = await starting.start(db, access, session, Overrides(), kinds=PACKAGES)
        return (await freeze.parts_of(db, run, kinds=PACKAGES)).resources


async def _paused(database: Database, disk_gib: float) -> None:
    """Leaves Ann's run paused, with a /work of that size."""
    async with database.write() as db:
        access = await projects.access(db, Viewer("ann"), "terrain")
        session = await sessions.get(db, access, "python")
        run = await starting.start(db, access, session, Overrides(), kinds=PACKAGES)
        run.phase = "paused"
        run.spec = {"resources": {"disk_gib": disk_gib}}


@seeded
async def test_a_work_that_somebody_has_does_not_shrink(
    ann: Client, project: str, database: Database
) -> None:
    path = f"{project}/sessions/python"
    await ann.made(f"{project}/sessions", environment="python", resource_class="gpu")
    await _paused(database, 100)

    problem = await ann.refused(path, 422, "PATCH", disk_gib=50)
    assert (problem["code"], problem["errors"][0]["value"]) == ("disk_shrinks", "100")
    assert "a volume cannot shrink to 50 GiB" in problem["detail"]
    await ann.refused(path, 422, "PATCH", disk_gib=0.5)
    assert (await ann.patch(path, json={"disk_gib": 120})).json()["disk_gib"] == 120


@seeded
async def test_a_work_that_nobody_has_may_shrink(ann: Client, project: str) -> None:
    await ann.made(f"{project}/sessions", environment="python", disk_gib=100)

    assert (await ann.patch(f"{project}/sessions/python", json={"disk_gib": 50})).json()["disk_gib"] == 50


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("memoryGib: 2", "memoryGb: 2", "0.memoryGib: This is empty and has to be filled in."),
        ("cpus: 8", "cpus: 8\n  gpu: 1", "1.gpu: There is no such field here; leave it out."),
        ("memoryGib: 2", "memoryGib: none", "0.memoryGib: "),
        ("slug: small", "slug: Small one", "0.slug: "),
        ("slug: gpu", "slug: small", "there are two classes small; give one another slug."),
        ("name: GPU", "name: GPU\n  default: true", "more than one class is the default; leave one."),
        ("  gpus: 1", "  gpus: 0", "1.gpuResource: A number of GPUs and their kind go together"),
        ("operator: Exists", "operator: Sometimes", "1.tolerations.0.operator: "),
        ("diskGib: 100", "diskGib: 0.5", "1.diskGib: "),
        ("- slug: gpu", "- slug: [", "classes.yaml: "),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_place_and_sentence(
    file: Path, old: str, new: str, sentence: str
) -> None:
    assert old in CLASSES
    file.write_text(CLASSES.replace(old, new))

    with pytest.raises(offers.OffersError) as refused:
        offers.load(file)

    assert str(file) in str(refused.value)
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(offers.OffersError, match="no-such-file"):
        offers.load(tmp_path / "no-such-file")
