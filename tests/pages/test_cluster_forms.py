"""Forms of an installation on a cluster: storages of every kind, resource classes, environments of images."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from tests.pages.conftest import Person, Site
from tests.pages.hub import StandInHub


@pytest.fixture
def own(cleo: Person, request: pytest.FixtureRequest) -> str:
    """A project of Cleo's."""
    return cleo.project(request.node.name[:60])


def _read(person: Person, path: str) -> Any:
    return person.get(f"/api/v1{path}").json()


def _shown(page: str) -> str:
    return html.unescape(page.replace("<wbr>", ""))


def test_an_environment_says_which_image_it_is_and_how_it_runs(cleo: Person) -> None:
    text = _shown(cleo.get("/environments/code").text)

    assert f"registry.test/code@sha256:{'c' * 64}" in text
    for value in (
        "The image's own program --auth none",
        "8443",
        "1001, group 100",
        "is up when /healthz answers",
    ):
        assert value in text
    assert "Search packages" not in text


def test_a_session_is_added_in_a_class_and_says_so_on_its_card(cleo: Person, own: str) -> None:
    text = cleo.get(f"{own}/sessions/add").text
    assert '<option value="small" selected>Small: 2 CPU, 8 GiB</option>' in text

    answer = cleo.submit(f"{own}/sessions/add", environment="code", resource_class="gpu", then="stay")

    assert answer.status_code == 303
    assert "GPU: 8 CPU, 64 GiB, 1 GPU" in cleo.get(own).text


def test_a_configuration_is_of_a_class_or_has_numbers_of_its_own(cleo: Person, own: str) -> None:
    session = cleo.session(own, "code")
    fields = {"name": "VS Code", "version": "1", "disk_gib": "20", "cpus": "4", "memory_gib": "16"}
    assert 'value="small" checked' in cleo.get(f"{session}/configure").text

    assert cleo.submit(f"{session}/configure", resource_class="gpu", **fields).status_code == 303
    read = _read(cleo, session)
    assert [read[name] for name in ("resource_class", "cpus", "disk_gib")] == ["gpu", None, 20]
    assert "fields: disk gib and resource class<" in cleo.get(f"{own}/activity").text

    assert cleo.submit(f"{session}/configure", resource_class="", **fields).status_code == 303
    read = _read(cleo, session)
    assert [read[name] for name in ("resource_class", "cpus", "memory_gib")] == [None, 4, 16]

    refused = cleo.submit(f"{session}/configure", resource_class="", **fields | {"disk_gib": "0.5"})
    assert '<a href="#disk_gib">Disk</a>: 0.5 is too little; 1 is the least.' in refused.text


def test_only_kinds_that_one_may_add_are_offered(cleo: Person, root: Person, own: str) -> None:
    cleo.submit(f"{own}/members/add", person="root", role="editor")

    offered = [
        re.findall(r'name="way" value="(\w+)"', who.get(f"{own}/storages/add").text) for who in (cleo, root)
    ]

    assert offered == [["volume", "nfs", "csi"], ["volume", "claim", "nfs", "csi", "files"]]
    assert "Offered: nfs.example.org" in cleo.get(f"{own}/storages/add").text


def test_each_kind_is_added_and_shown_in_the_form_that_changes_it(
    cleo: Person, root: Person, own: str
) -> None:
    cleo.submit(f"{own}/members/add", person="root", role="editor")
    kinds: dict[str, dict[str, str]] = {
        "volume": {"size_gib": "1,5", "access": "ReadWriteOnce", "storage_class": "fast", "name": "Results"},
        "nfs": {"server": "nfs.example.org", "export": "/exports/archive", "read_only": "on"},
        "csi": {"driver": "s3.example.org", "attributes": "bucket=tiles\nregion = eu", "name": "Tiles"},
        "files": {
            "file-1-name": "a.ini",
            "file-1-text": "[a]\n",
            "file-2-name": "b",
            "file-2-text": "",
            "name": "Config",
        },
    }
    for way, fields in kinds.items():
        answer = root.submit(f"{own}/storages/add", way=way, **fields)
        assert answer.status_code == 303, answer.text

    stored = {each["folder"]: each for each in _read(cleo, f"{own}/storages")["items"]}
    assert (stored["Results"]["size_gib"], stored["Results"]["storage_class"]) == (1.5, "fast")
    assert (stored["archive"]["path"], stored["archive"]["read_only"]) == ("/exports/archive", True)
    assert stored["Tiles"]["attributes"] == {"bucket": "tiles", "region": "eu"}
    assert stored["Config"]["files"] == {"a.ini": "[a]\n", "b": ""}

    text = _shown(cleo.get(own).text)
    for place in (
        "read-only",
        "Volume of 1.5 GiB",
        "nfs.example.org:/exports/archive",
        "Volume of s3.example.org",
        "a.ini, b",
    ):
        assert place in text
    for folder, value in {
        "archive": 'value="/exports/archive"',
        "Tiles": "bucket=tiles",
        "Config": "[a]",
    }.items():
        assert value in cleo.get(f"{own}/storages/{folder}/edit").text
    changed = cleo.submit(
        f"{own}/storages/archive/edit", server="nfs.example.org", export="/exports/other", name="Archive"
    )
    assert changed.status_code == 303
    assert _read(cleo, f"{own}/storages/archive")["path"] == "/exports/other"
    renamed = cleo.submit(f"{own}/storages/Results/edit", name="Old results")
    assert renamed.status_code == 303


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"way": "volume"}, '<a href="#size_gib">Size, GiB</a>: This is not a number'),
        (
            {"way": "nfs", "server": "nfs.other.org", "export": "/x"},
            '<a href="#server">NFS server</a>: The NFS server nfs.other.org is not offered to projects;',
        ),
        (
            {"way": "nfs", "server": "nfs.example.org", "export": "x"},
            "<a href=\"#export\">Directory</a>: 'x' is not a whole path;",
        ),
        (
            {"way": "csi", "driver": "s3.example.org", "attributes": "a=1\nbucket"},
            '<a href="#attributes">Attributes</a>: Line 2 is not NAME=VALUE;',
        ),
        (
            {"way": "nfs", "server": "nfs.example.org", "export": "/x", "folder": "../x"},
            "<a href=\"#folder\">Folder in /work</a>: A folder cannot be called '../x'",
        ),
    ],
)
def test_what_is_wrong_with_a_storage_stands_at_its_field(
    cleo: Person, own: str, fields: dict[str, str], complaint: str
) -> None:
    answer = cleo.submit(f"{own}/storages/add", **fields)

    assert answer.status_code == 422
    assert complaint in html.unescape(answer.text)
    assert f'value="{fields["way"]}" checked' in answer.text


def test_a_form_comes_back_when_the_cluster_cannot_be_asked(cleo: Person, root: Person, own: str) -> None:
    cleo.submit(f"{own}/members/add", person="root", role="editor")

    answer = root.submit(f"{own}/storages/add", way="claim", claim="old-volume")

    assert answer.status_code == 503
    assert "Whether there is a claim old-volume is not known" in answer.text
    assert 'value="old-volume"' in answer.text


def test_files_are_added_and_dropped_before_anything_is_saved(cleo: Person, root: Person, own: str) -> None:
    cleo.submit(f"{own}/members/add", person="root", role="editor")
    row = {"way": "files", "file-1-name": "a.ini", "file-1-text": "[a]"}

    more = root.submit(f"{own}/storages/add", add="file", **row)
    assert more.status_code == 200
    assert 'name="file-2-name"' in more.text
    assert 'value="a.ini"' in more.text

    assert "a.ini" not in root.submit(f"{own}/storages/add", drop="1", **row).text
    assert _read(cleo, f"{own}/storages")["items"] == []


def test_a_removal_says_what_stays(cleo: Person, own: str) -> None:
    cleo.submit(f"{own}/storages/add", way="volume", size_gib="5", name="Results")
    claim = _read(cleo, f"{own}/storages/Results")["claim"]

    text = _shown(cleo.get(f"{own}/storages/Results/remove").text)

    assert f"The volume claim {claim} of 5 GiB with what is in it" in text
    assert cleo.submit(f"{own}/storages/Results/remove").status_code == 303


def test_a_session_asks_for_a_storage_read_only(cleo: Person, own: str) -> None:
    session = cleo.session(own, "code")
    cleo.submit(f"{own}/storages/add", way="volume", size_gib="5", name="Results")
    storage = _read(cleo, f"{own}/storages/Results")["id"]
    fields = {
        "name": "VS Code",
        "version": "1",
        "storages": "chosen",
        "storage": storage,
        "read-only": storage,
    }

    assert cleo.submit(f"{session}/configure", **fields).status_code == 303

    assert _read(cleo, session)["storages"] == [{"storage": "Results", "read_only": True}]
    assert f'name="read-only" value="{storage}" checked' in cleo.get(f"{session}/configure").text


def test_the_smallest_class_that_has_enough_is_chosen_said_and_saved_only_then(cleo: Person) -> None:
    project = cleo.project("Smallest class")
    session = cleo.session(project, "code")
    fields = {"name": "Code", "version": "1", "resource_class": "small"}

    found = cleo.submit(f"{session}/configure", **fields, least_memory_gib="16", find="class")
    none = cleo.submit(f"{session}/configure", **fields, least_cpus="900", find="class")
    wrong = cleo.submit(f"{session}/configure", **fields, least_gpus="many", find="class")

    assert "GPU (8 CPU, 64 GiB, 1 GPU) is the smallest class with at least 16 GiB of memory." in found.text
    assert 'name="resource_class" value="gpu" checked' in found.text
    assert cleo.get(f"/api/v1{session}").json()["resource_class"] == "small"
    assert (none.status_code, 'id="least_cpus-error"' in none.text) == (422, True)
    assert (wrong.status_code, 'id="least_gpus-error"' in wrong.text) == (422, True)
    saved = cleo.submit(f"{session}/configure", **{**fields, "resource_class": "gpu"})
    assert saved.status_code == 303
    assert cleo.get(f"/api/v1{session}").json()["resource_class"] == "gpu"


def test_where_no_class_is_the_default_a_session_is_of_none_unless_one_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "classes.yaml").write_text("- {slug: half, name: Half, cpus: 2, memoryGib: 8}\n")
    settings = {"RESOURCE_CLASSES_FILE": str(tmp_path / "classes.yaml")}
    with StandInHub() as hub, Site(tmp_path, hub, **settings) as site, site.person("ann") as ann:
        project = ann.project("Laptop")
        form = ann.get(f"{project}/sessions/add").text
        none = ann.submit(f"{project}/sessions/add", environment="minimal", then="stay", resource_class="")
        half = ann.submit(
            f"{project}/sessions/add", environment="minimal", then="stay", resource_class="half"
        )
        classes = [each["resource_class"] for each in ann.get(f"/api/v1{project}/sessions").json()["items"]]
    assert '<option value="" selected>Of no class: no limits</option>' in form
    assert (none.status_code, half.status_code) == (303, 303)
    assert classes == [None, "half"]
