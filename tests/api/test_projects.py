"""Projects and members: names, roles, who sees what."""

import pytest

from tests.api.conftest import Client


@pytest.fixture
async def private(ann: Client) -> str:
    return f"/projects/{(await ann.made('/projects', name='Bar one'))['slug']}"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Bar one", "bar-one"),
        ("  Snow cover 2000–2026  ", "snow-cover-20002026"),
        ("Übergröße", "ubergroe"),
        ("🚀", "project"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 100, "x" * 60),
    ],
)
async def test_a_slug_derives_from_the_name(ann: Client, name: str, slug: str) -> None:
    made = await ann.made("/projects", name=name)

    assert (made["slug"], made["name"]) == (slug, name.strip())


async def test_equal_names_get_slugs_of_their_own(ann: Client) -> None:
    slugs = [(await ann.made("/projects", name="Bar one"))["slug"] for _ in range(3)]

    assert slugs == ["bar-one", "bar-one-2", "bar-one-3"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "x" * 300, "two\nlines", "bell\x07"])
async def test_a_name_that_cannot_be_is_refused_by_its_field(ann: Client, name: str) -> None:
    problem = await ann.refused("/projects", name=name)

    assert [error["field"] for error in problem["errors"]] == ["name"]


async def test_an_unknown_field_is_refused(ann: Client) -> None:
    problem = await ann.refused("/projects", name="Bar", colour="red")

    assert [error["field"] for error in problem["errors"]] == ["colour"]


async def test_a_private_project_does_not_exist_for_others(bob: Client, private: str) -> None:
    assert (await bob.get(private)).status_code == 404
    assert (await bob.get("/projects")).json()["items"] == []


async def test_a_public_project_is_seen_and_not_changed_by_others(
    ann: Client, bob: Client, project: str
) -> None:
    assert (await bob.get(project)).json()["role"] == "viewer"
    assert (await bob.patch(project, json={"name": "Mine"})).status_code == 403


async def test_an_edit_on_top_of_an_old_state_is_refused(ann: Client, private: str) -> None:
    seen = (await ann.get(private)).headers["ETag"]
    await ann.patch(private, json={"name": "First"}, headers={"If-Match": seen})
    late = await ann.patch(private, json={"name": "Second"}, headers={"If-Match": seen})

    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert (await ann.get(private)).json()["name"] == "First"


async def test_a_removed_project_is_gone_and_its_name_is_free(ann: Client, private: str) -> None:
    assert (await ann.delete(private)).status_code == 204
    assert (await ann.get(private)).status_code == 404
    assert (await ann.made("/projects", name="Bar one"))["slug"] == "bar-one"


async def test_a_member_sees_the_project_and_may_leave_it(ann: Client, bob: Client, private: str) -> None:
    await ann.post(f"{private}/members", json={"person": "bob", "role": "editor"})
    assert (await bob.get(private)).json()["role"] == "editor"

    assert (await bob.delete(f"{private}/members/bob")).status_code == 204
    assert (await bob.get(private)).status_code == 404


async def test_only_owners_add_members(ann: Client, bob: Client, private: str) -> None:
    await ann.post(f"{private}/members", json={"person": "bob", "role": "editor"})

    await bob.refused(f"{private}/members", 403, person="eve")


async def test_the_last_owner_stays(ann: Client, private: str) -> None:
    await ann.refused(f"{private}/members/ann", 409, "DELETE")
    problem = await ann.refused(f"{private}/members/ann", 409, "PATCH", role="viewer")

    assert problem["code"] == "last_owner"


async def test_a_member_is_added_once(ann: Client, private: str) -> None:
    problem = await ann.refused(f"{private}/members", 409, person="ann", role="viewer")

    assert problem["code"] == "member_exists"


async def test_pages_of_a_list_meet_without_gap_or_overlap(ann: Client) -> None:
    for number in range(5):
        await ann.made("/projects", name=f"P{number}")
    names, cursor = [], None
    while True:
        page = (
            await ann.get("/projects", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        names += [project["name"] for project in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert names == ["P4", "P3", "P2", "P1", "P0"]


async def test_a_cursor_of_nobodys_is_refused(ann: Client) -> None:
    answer = await ann.get("/projects", params={"cursor": "%%%"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


async def test_a_member_with_a_name_of_any_script_is_found_where_the_answer_says(
    ann: Client, project: str
) -> None:
    added = await ann.post(f"{project}/members", json={"person": "Zoë ╯", "role": "viewer"})

    assert added.status_code == 201
    found = await ann.get(added.headers["Location"].removeprefix("/api/v1"))
    assert found.json()["person"] == "Zoë ╯"


async def test_a_method_that_an_address_does_not_take_is_refused_with_all_that_it_takes(
    ann: Client, project: str
) -> None:
    refused = await ann.put(project)

    assert refused.status_code == 405
    assert refused.headers["Allow"] == "GET, PATCH, DELETE"
    assert refused.json()["hint"] == "It takes GET, PATCH, DELETE."
