"""Searches in the catalogue: what finds an environment, in which order, and what lists are narrowed to."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from tests.api.catalogue import made, packages, slugs
from tests.api.conftest import Client

EMPTY = packages("wheel==1.0")


@pytest.mark.parametrize(
    "search",
    [
        "snow-depth",
        "snow depth",
        "SNOW",
        "dep",
        "Ma\u0308chtig",
        "“mächtig”",
        "v2",
        "avalanche",
        "alps",
        "scikit-lea",
        "SCIKIT_LEARN",
        "ann",
        "alps snow scikit-learn ann",
    ],
)
async def test_every_word_of_an_environment_finds_it(ann: Client, bob: Client, search: str) -> None:
    await made(
        ann,
        "Snow Depth (v2)",
        description="Mächtig tools\nof an avalanche service.",
        keywords=["alps"],
        visibility="everyone",
        version=packages("scikit-learn==1.7"),
    )

    assert await slugs(bob, search=search) == ["snow-depth-v2"]


@pytest.mark.parametrize("search", ["now", "snow tides", "numpy", "%", "_", "\\", "sn\0q", "'", "a" * 100])
async def test_what_an_environment_does_not_have_finds_nothing(ann: Client, search: str) -> None:
    await made(ann, "Snow", version=EMPTY)

    assert await slugs(ann, search=search, mine=True) == []


async def test_the_better_find_comes_first(app: FastAPI, ann: Client) -> None:
    async with Client(app, "tides") as creator:
        await made(creator, "F", visibility="everyone", version=EMPTY)
    await made(ann, "E", version=packages("tides-tools==1.0"))
    await made(ann, "D", description="About tides.", version=EMPTY)
    await made(ann, "C", keywords=["tides"], version=EMPTY)
    await made(ann, "Tides of Britain", version=EMPTY)
    await made(ann, "Tides", version=EMPTY)

    assert await slugs(ann, search="tides") == ["tides", "tides-of-britain", "c", "d", "e", "f"]


async def test_a_name_of_several_words_is_found_first_by_them(ann: Client) -> None:
    await made(ann, "Science data", keywords=["data", "science"], version=EMPTY)
    await made(ann, "Data science", version=EMPTY)
    await made(ann, "Data science and more", keywords=["science"], version=EMPTY)

    assert await slugs(ann, search="data science") == [
        "data-science",
        "data-science-and-more",
        "science-data",
    ]


async def test_equals_come_default_first_then_favourites_then_the_most_used(
    app: FastAPI, ann: Client, project: str
) -> None:
    for name in ("Tides A", "Tides B", "Tides C", "Tides D"):
        await made(ann, name, version=EMPTY)
    async with Client(app, "root") as admin:
        await admin.patch("/environments/tides-d", json={"default": True})
    await ann.put("/environments/tides-c/favourite")
    await ann.made(f"{project}/sessions", environment="tides-b")

    assert await slugs(ann, search="tides") == ["tides-d", "tides-c", "tides-b", "tides-a"]


async def test_what_a_search_found_comes_in_pages(ann: Client, project: str) -> None:
    for number in range(7):
        await made(ann, f"Tides {number}", keywords=["even"] if number % 2 == 0 else [], version=EMPTY)
    await ann.put("/environments/tides-6/favourite")
    await ann.made(f"{project}/sessions", environment="tides-4")

    for search in ("tides", "tides ann"):
        whole = await slugs(ann, search=search)
        pages: list[str] = []
        cursor: dict[str, str] = {}
        for _ in range(4):
            page = (await ann.get("/environments", params={"search": search, "limit": 2, **cursor})).json()
            pages += [item["slug"] for item in page["items"]]
            cursor = {"cursor": page["next"]}
        assert pages == whole
        assert len(set(pages)) == 7
        assert page["next"] is None


async def test_a_cursor_of_another_list_is_refused(ann: Client) -> None:
    listed = (await ann.get("/environments", params={"limit": 1})).json()["next"]
    found = (await ann.get("/environments", params={"limit": 1, "search": "numpy"})).json()["next"]

    for query in (
        f"search=numpy&cursor={listed}",
        f"cursor={found}",
        "cursor=",
        "cursor=eA",
        "search=numpy&cursor=WzEsMl0",
    ):
        problem = await ann.refused(f"/environments?{query}", 422, "GET")
        assert problem["errors"][0]["field"] == "cursor", query


async def test_changed_words_find_it_anew(ann: Client) -> None:
    await made(ann, "Tides", keywords=["sea"], version=EMPTY)
    await ann.patch("/environments/tides", json={"name": "Snow", "keywords": ["alps"]})

    assert await slugs(ann, search="sea") == []
    assert await slugs(ann, search="snow alps") == ["tides"]
    assert await slugs(ann, search="tides") == ["tides"]  # its slug, which stays


async def test_a_list_is_narrowed(ann: Client, bob: Client) -> None:
    await made(ann, "Tides", keywords=["sea", "tables"], visibility="everyone")
    await made(bob, "Waves", keywords=["sea"], visibility="everyone")
    await ann.put("/environments/waves/favourite")

    assert await slugs(ann, keyword="sea") == ["tides", "waves"]
    assert await slugs(ann, keyword="Tables") == ["tides"]
    assert await slugs(ann, keyword="tab") == []
    assert await slugs(ann, mine=True) == ["tides"]
    assert await slugs(ann, mine=False) == ["minimal", "python", "waves"]
    assert await slugs(ann, favourite=True, keyword="sea") == ["waves"]
    assert await slugs(ann, default=True) == ["minimal", "python"]
    assert await slugs(ann, default=False) == ["tides", "waves"]
    assert await slugs(ann, search="numpy", keyword="sea", mine=False) == ["waves"]
    assert await slugs(ann, archived=True) == []


async def test_what_others_keep_to_themselves_does_not_crowd_out_what_one_sees(
    ann: Client, bob: Client
) -> None:
    for number in range(3):
        await made(bob, f"Tides {number}", version=EMPTY)
    await made(ann, "Tides at sea", version=EMPTY)

    found = (await ann.get("/environments", params={"search": "tides", "limit": 1})).json()

    assert [item["slug"] for item in found["items"]] == ["tides-at-sea"]
    assert found["next"] is None
