import pytest

from sessions_api.kit.db import Database
from tests.api.conftest import Client

URL = "https://example.org/a/bar.git"


async def test_an_added_repository_gets_its_folder_from_the_url(ann: Client, project: str) -> None:
    made = await ann.made(f"{project}/repositories", url=URL, ref="main")

    assert (made["url"], made["ref"], made["folder"], made["created_by"]) == (URL, "main", "bar", "ann")


async def test_a_repository_is_found_by_folder_and_by_id(ann: Client, project: str) -> None:
    made = await ann.made(f"{project}/repositories", url=URL)

    for name in ("bar", "BAR", made["id"]):
        assert (await ann.get(f"{project}/repositories/{name}")).json() == made
    await ann.refused(f"{project}/repositories/foo", 404, "GET")


async def test_two_repositories_with_the_same_last_part_are_refused_with_a_free_folder(
    ann: Client, project: str
) -> None:
    await ann.made(f"{project}/repositories", url=URL)

    problem = await ann.refused(f"{project}/repositories", url="git@example.com:b/Bar.git")

    assert problem["code"] == "folder_taken"
    assert problem["errors"][0]["value"] == "bar-2"
    await ann.made(f"{project}/repositories", url="git@example.com:b/Bar.git", folder="bar-2")


async def test_a_repository_cannot_take_the_folder_of_a_storage(
    ann: Client, project: str, roots: object
) -> None:
    await ann.made(f"{project}/storages", name="bar", path=str(roots))

    problem = await ann.refused(f"{project}/repositories", url=URL)

    assert problem["code"] == "folder_taken"


async def test_a_removed_repository_gives_its_folder_back(ann: Client, project: str) -> None:
    await ann.made(f"{project}/repositories", url=URL)

    assert (await ann.delete(f"{project}/repositories/bar")).status_code == 204

    await ann.refused(f"{project}/repositories/bar", 404, "GET")
    await ann.made(f"{project}/repositories", url=URL)


async def test_a_changed_folder_moves_the_claim(ann: Client, project: str) -> None:
    await ann.made(f"{project}/repositories", url=URL)

    changed = await ann.patch(f"{project}/repositories/bar", json={"folder": "foo"})

    assert changed.json()["folder"] == "foo"
    await ann.made(f"{project}/repositories", url=URL)
    problem = await ann.refused(f"{project}/repositories/bar", 422, "PATCH", folder="FOO")
    assert problem["code"] == "folder_taken"


async def test_a_folder_can_change_its_case(ann: Client, project: str) -> None:
    await ann.made(f"{project}/repositories", url=URL)

    changed = await ann.patch(f"{project}/repositories/bar", json={"folder": "Bar"})

    assert changed.json()["folder"] == "Bar"


@pytest.mark.parametrize("folder", ["../x", ".git", "a/b", "a b", "-x", "\N{ROCKET}", "x" * 300])
async def test_a_folder_that_is_no_safe_name_is_refused(ann: Client, project: str, folder: str) -> None:
    problem = await ann.refused(f"{project}/repositories", url=URL, folder=folder)

    assert problem["errors"][0]["field"] == "folder"
    assert (await ann.get(f"{project}/repositories")).json() == {"items": [], "next": None}


async def test_a_null_ref_is_the_default_branch_and_another_null_changes_nothing(
    ann: Client, project: str
) -> None:
    await ann.made(f"{project}/repositories", url=URL, ref="v1")

    changed = await ann.patch(f"{project}/repositories/bar", json={"ref": None, "url": None})

    assert (changed.json()["ref"], changed.json()["url"]) == (None, URL)


async def test_an_edit_of_an_older_state_is_refused(ann: Client, project: str) -> None:
    await ann.made(f"{project}/repositories", url=URL)
    old = (await ann.get(f"{project}/repositories/bar")).headers["ETag"]
    first = await ann.patch(f"{project}/repositories/bar", json={"ref": "v1"}, headers={"If-Match": old})

    second = await ann.patch(f"{project}/repositories/bar", json={"ref": "v2"}, headers={"If-Match": old})
    removal = await ann.delete(f"{project}/repositories/bar", headers={"If-Match": old})

    assert (first.status_code, second.status_code, removal.status_code) == (200, 412, 412)
    assert (await ann.get(f"{project}/repositories/bar")).json()["ref"] == "v1"
    assert first.headers["ETag"] != old


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://ann:secret@example.org/bar"}, "url"),
        ({"url": "/etc"}, "url"),
        ({"url": URL, "ref": "a..b"}, "ref"),
        ({"url": URL, "branch": "main"}, "branch"),
        ({}, "url"),
    ],
)
async def test_what_cannot_be_accepted_is_named(
    ann: Client, project: str, body: dict[str, str], field: str
) -> None:
    problem = await ann.refused(f"{project}/repositories", **body)

    assert problem["errors"][0]["field"] == field


async def test_a_viewer_reads_and_does_not_write(ann: Client, bob: Client, project: str) -> None:
    await ann.made(f"{project}/repositories", url=URL)

    assert len((await bob.get(f"{project}/repositories")).json()["items"]) == 1
    await bob.refused(f"{project}/repositories", 403, url="https://example.org/foo")
    await bob.refused(f"{project}/repositories/bar", 403, "PATCH", ref="v1")
    await bob.refused(f"{project}/repositories/bar", 403, "DELETE")


async def test_the_parts_of_a_private_project_do_not_exist_for_others(ann: Client, bob: Client) -> None:
    await ann.made("/projects", name="Secret")

    for part in ("repositories", "storages", "sessions"):
        await bob.refused(f"/projects/secret/{part}", 404, "GET")


async def test_repositories_come_in_pages(ann: Client, project: str) -> None:
    for number in range(3):
        await ann.made(f"{project}/repositories", url=f"https://example.org/r{number}")

    first = (await ann.get(f"{project}/repositories", params={"limit": 2})).json()
    second = (await ann.get(f"{project}/repositories", params={"limit": 2, "cursor": first["next"]})).json()

    assert [item["folder"] for item in first["items"] + second["items"]] == ["r0", "r1", "r2"]
    assert second["next"] is None


async def test_who_watches_the_project_hears_of_an_added_repository(
    ann: Client, project: str, database: Database
) -> None:
    project_id = (await ann.get(project)).json()["id"]
    with database.bus.subscribe(f"project:{project_id}") as heard:
        await ann.made(f"{project}/repositories", url=URL)

        assert await heard.wait(1)


async def test_a_repository_may_come_without_its_history(ann: Client, project: str) -> None:
    whole = await ann.made(f"{project}/repositories", url=URL)
    shallow = await ann.made(f"{project}/repositories", url="https://example.org/foo", shallow=True)
    changed = await ann.patch(f"{project}/repositories/bar", json={"shallow": True})
    kept = await ann.patch(f"{project}/repositories/foo", json={"ref": "v1", "shallow": None})

    assert (whole["shallow"], shallow["shallow"]) == (False, True)
    assert (changed.json()["shallow"], kept.json()["shallow"]) == (True, True)


async def test_a_project_has_at_most_thirty_repositories(ann: Client, project: str) -> None:
    for number in range(30):
        await ann.made(f"{project}/repositories", url=f"https://example.org/r{number}")

    problem = await ann.refused(f"{project}/repositories", 409, url="https://example.org/r30")

    assert problem["code"] == "too_many_repositories"
    assert problem["detail"] == "Terrain has 30 repositories, which is the most."


async def test_a_url_with_a_password_is_answered_with_the_way_to_log_in(ann: Client, project: str) -> None:
    problem = await ann.refused(f"{project}/repositories", url="https://ann:s3cret@example.org/bar")

    assert problem["code"] == "url_credentials"
    assert "add a git login for example.org" in problem["detail"]
    assert "s3cret" not in str(problem)
