from pathlib import Path

import pytest

from tests.api.conftest import Client


async def test_a_storage_gets_its_folder_from_its_name(ann: Client, project: str, roots: Path) -> None:
    (roots / "data").mkdir()

    made = await ann.made(f"{project}/storages", name="Données 2026", path=str(roots / "data"))

    assert (made["folder"], made["kind"], made["path"]) == ("Donnees-2026", "folder", str(roots / "data"))


async def test_links_and_dots_are_resolved(ann: Client, project: str, roots: Path) -> None:
    (roots / "data").mkdir()
    (roots / "link").symlink_to(roots / "data")

    made = await ann.made(f"{project}/storages", name="a", path=f"{roots}/link/../data/.")

    assert made["path"] == str(roots / "data")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("{root}/none", "does not exist"),
        ("{root}/file", "is a file"),
        ("{root}/file/x", "leads through a file"),
        ("{root}/circle", "circle"),
        ("{root}/out", "does not lie below {root}"),
        ("{root}/..", "does not lie below {root}"),
        ("{root}/../none", "does not lie below {root}"),
        ("/", "does not lie below {root}"),
        ("/none", "does not lie below {root}"),
        ("data", "not a whole path"),
        ("~/data", "not a whole path"),
        ("{root}/a\x00b", "control characters"),
    ],
)
async def test_a_path_that_cannot_be_offered_is_refused(
    ann: Client, project: str, roots: Path, path: str, sentence: str
) -> None:
    (roots / "file").touch()
    (roots / "out").symlink_to("/")
    (roots / "circle").symlink_to(roots / "circle")

    problem = await ann.refused(f"{project}/storages", name="a", path=path.format(root=roots))

    assert problem["errors"][0]["field"] == "path"
    assert sentence.format(root=roots) in problem["detail"]


async def test_a_changed_path_is_looked_at_too(ann: Client, project: str, roots: Path) -> None:
    await ann.made(f"{project}/storages", name="a", path=str(roots))

    await ann.refused(f"{project}/storages/a", 422, "PATCH", path="/etc")

    assert (await ann.get(f"{project}/storages/a")).json()["path"] == str(roots)


async def test_a_renamed_storage_keeps_its_folder(ann: Client, project: str, roots: Path) -> None:
    await ann.made(f"{project}/storages", name="a", path=str(roots))

    changed = await ann.patch(f"{project}/storages/a", json={"name": "b"})

    assert (changed.json()["name"], changed.json()["folder"]) == ("b", "a")


async def test_a_taken_folder_is_refused_until_it_is_given_back(
    ann: Client, project: str, roots: Path
) -> None:
    await ann.made(f"{project}/storages", name="a", path=str(roots))

    problem = await ann.refused(f"{project}/storages", name="A", path=str(roots))
    assert (await ann.delete(f"{project}/storages/a")).status_code == 204

    assert (problem["code"], problem["errors"][0]["value"]) == ("folder_taken", "a-2")
    await ann.made(f"{project}/storages", name="A", path=str(roots))


async def test_a_viewer_reads_and_does_not_write(ann: Client, bob: Client, project: str, roots: Path) -> None:
    await ann.made(f"{project}/storages", name="a", path=str(roots))

    assert len((await bob.get(f"{project}/storages")).json()["items"]) == 1
    await bob.refused(f"{project}/storages", 403, name="b", path=str(roots))
    await bob.refused(f"{project}/storages/a", 403, "PATCH", name="b")
    await bob.refused(f"{project}/storages/a", 403, "DELETE")


async def test_a_path_without_end_is_named(ann: Client, project: str) -> None:
    problem = await ann.refused(f"{project}/storages", name="a", path="/" + "x" * 5000)

    assert problem["errors"][0]["field"] == "path"
