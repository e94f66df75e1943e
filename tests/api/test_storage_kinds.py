from typing import Any

import pytest

from tests.api.conftest import Client

pytestmark = pytest.mark.usefixtures("on_cluster")

NFS = {"kind": "nfs", "name": "Archive", "server": "nfs.example.org", "path": "/exports/archive"}
FOREIGN = NFS | {"server": "nfs.other.org"}
CSI = {"kind": "csi", "name": "Tiles", "driver": "s3.example.org", "attributes": {"bucket": "tiles"}}
FILES = {"kind": "files", "name": "Config", "files": {"a.ini": "  [a]\n"}}


async def test_a_new_volume_has_a_claim_of_its_own(ann: Client, project: str) -> None:
    first = await ann.made(f"{project}/storages", kind="claim", name="Results", size_gib=50)
    second = await ann.made(
        f"{project}/storages",
        kind="claim",
        name="More",
        size_gib=1.5,
        storage_class="fast",
        access="ReadWriteOnce",
        read_only=True,
    )

    assert first["claim"] == f"storage-{first['id'].lower()}"
    assert (first["size_gib"], first["storage_class"], first["access"], first["read_only"]) == (
        50,
        None,
        "ReadWriteMany",
        False,
    )
    assert second["claim"] != first["claim"]
    assert (second["storage_class"], second["access"], second["read_only"]) == ("fast", "ReadWriteOnce", True)


async def test_each_kind_is_read_as_it_was_added(ann: Client, project: str, root: Client) -> None:
    for body in (NFS, CSI, {"kind": "claim", "name": "Shared", "claim": "shared-data"}):
        made = await ann.made(f"{project}/storages", **body)
        assert {name: made[name] for name in body} == body
    made = await root.made(f"{project}/storages", **FILES)

    assert (made["files"], made["read_only"]) == (FILES["files"], True)
    listed = (await ann.get(f"{project}/storages")).json()["items"]
    assert [each["kind"] for each in listed] == ["nfs", "csi", "claim", "files"]


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"kind": "folder", "path": "/data"}, "kind", "Storages of kind folder are not offered here"),
        ({"kind": "nothing"}, "", "A storage's kind is one of folder, claim, nfs, csi, files."),
        ({"kind": "claim"}, "claim", "Name a volume claim that exists, or say the size of a new volume."),
        ({"kind": "claim", "claim": "atlas", "size_gib": 1}, "claim", "Name a volume claim that exists, or"),
        ({"kind": "claim", "claim": "atlas", "storage_class": "x"}, "storage_class", "of new volumes"),
        ({"kind": "claim", "claim": "Atlas"}, "claim", "Use letters"),
        ({"kind": "claim", "size_gib": 0.5}, "size_gib", "0.5 is too little"),
        ({"kind": "claim", "size_gib": 1, "access": "ReadOnlyMany"}, "access", "is not one of"),
        ({"kind": "claim", "claim": "postgres"}, "claim", "choose one of atlas, shared-data, or ask a"),
        (
            {"kind": "claim", "claim": "storage-01jd0000000000000000000000"},
            "claim",
            "is not offered to projects",
        ),
        (FOREIGN, "server", "The NFS server nfs.other.org is not offered to projects; choose one of nfs."),
        (NFS | {"path": "exports"}, "path", "is not a whole path"),
        (NFS | {"path": "/exports/../etc"}, "path", "has .. in it"),
        (NFS | {"server": "nfs.example.org/x"}, "server", "Use letters"),
        (NFS | {"driver": "x"}, "driver", "There is no such field here"),
        (CSI | {"secret": "keys"}, "secret", "named by platform admins; ask one"),
        (CSI | {"attributes": {"csi.storage.k8s.io/pod.name": "x"}}, "attributes", "is set by Kubernetes"),
        (FILES, "kind", "Storages of kind files are added by platform admins; ask one"),
    ],
)
async def test_what_a_project_cannot_have_is_refused_with_what_to_do(
    ann: Client, project: str, body: dict[str, Any], field: str, sentence: str
) -> None:
    problem = await ann.refused(f"{project}/storages", **{"name": "a"} | body)

    assert problem["errors"][0]["field"] == field
    assert sentence in problem["errors"][0]["detail"]
    assert (await ann.get(f"{project}/storages")).json()["items"] == []


async def test_a_platform_admin_may_name_what_editors_may_not(root: Client, project: str) -> None:
    await root.made(f"{project}/storages", **FOREIGN)
    await root.made(f"{project}/storages", **CSI, secret="keys")
    await root.made(f"{project}/storages", kind="claim", name="Old", claim="old-volume")


async def test_not_even_a_platform_admin_takes_a_volume_of_sojourns_own(
    ann: Client, root: Client, project: str
) -> None:
    made = await ann.made(f"{project}/storages", kind="claim", name="Results", size_gib=50)

    problem = await root.refused(f"{project}/storages", kind="claim", name="Theirs", claim=made["claim"])

    assert problem["code"] == "own_claim"


async def test_an_editor_leads_a_storage_of_an_admin_nowhere_else(
    ann: Client, root: Client, project: str
) -> None:
    await root.made(f"{project}/storages", **FOREIGN, read_only=True)
    path = f"{project}/storages/Archive"

    assert (await ann.patch(path, json={"name": "Old archive"})).json()["name"] == "Old archive"
    await ann.refused(path, 422, "PATCH", path="/exports/secret")
    problem = await ann.refused(path, 422, "PATCH", read_only=False)
    assert problem["errors"][0]["field"] == "server"

    assert (await root.patch(path, json={"read_only": False})).json()["read_only"] is False
    assert (await ann.patch(path, json={"read_only": True})).json()["read_only"] is True


async def test_a_change_keeps_to_the_storages_kind(ann: Client, project: str) -> None:
    await ann.made(f"{project}/storages", **NFS)
    await ann.made(f"{project}/storages", kind="claim", name="Results", size_gib=50)

    changed = await ann.patch(f"{project}/storages/Archive", json={"path": "/exports/other"})
    assert (changed.json()["path"], changed.json()["server"]) == ("/exports/other", "nfs.example.org")

    problem = await ann.refused(f"{project}/storages/Archive", 422, "PATCH", driver="x.example.org")
    assert problem["detail"] == "A storage of kind nfs has no driver; leave it out."
    problem = await ann.refused(f"{project}/storages/Results", 422, "PATCH", claim="shared-data")
    assert "has a volume of its own" in problem["detail"]


async def test_files_are_small_texts_with_names_and_stay_read_only(root: Client, project: str) -> None:
    large = {f"{number}.txt": "x" * 1024 for number in range(60)} | {"more": "x" * 200_960}

    problem = await root.refused(f"{project}/storages", **FILES | {"files": large})
    assert "262,400 bytes together; 262,144 is the most" in problem["detail"]
    for files in ({}, {"../a": ""}, {".a": ""}, {"a": "\0"}):
        await root.refused(f"{project}/storages", **FILES | {"files": files})

    await root.made(f"{project}/storages", **FILES)
    await root.refused(f"{project}/storages/Config", 422, "PATCH", read_only=False)


async def test_a_storage_named_like_a_repository_gets_another_folder_proposed(
    ann: Client, project: str
) -> None:
    await ann.made(f"{project}/repositories", url="https://example.org/archive")

    problem = await ann.refused(f"{project}/storages", **NFS)

    assert (problem["code"], problem["errors"][0]["value"]) == ("folder_taken", "archive-2")


@pytest.mark.parametrize("folder", ["/etc", "..", "a/b", ".ssh", "-x", "a\nb"])
async def test_nothing_is_mounted_outside_work(ann: Client, project: str, folder: str) -> None:
    problem = await ann.refused(f"{project}/storages", **NFS, folder=folder)

    assert problem["errors"][0]["field"] == "folder"


async def test_a_session_asks_for_a_storage_read_only(ann: Client, project: str) -> None:
    await ann.made(f"{project}/storages", **NFS)
    await ann.made(f"{project}/storages", **CSI)

    made = await ann.made(
        f"{project}/sessions",
        environment="image",
        storages=["Archive", {"storage": "Tiles", "read_only": True}],
    )

    assert made["storages"] == [
        {"storage": "Archive", "read_only": False},
        {"storage": "Tiles", "read_only": True},
    ]
