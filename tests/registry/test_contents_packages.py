"""What is installed is read from what package managers leave in an image."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sessions_api.registry.contents import Package
from tests.registry.layers import (
    Files,
    Link,
    Program,
    dpkg_status,
    installed,
    locations,
    metadata,
    read,
)

SITE = "usr/lib/python3.12/site-packages"


@pytest.mark.parametrize(
    ("path", "content", "package"),
    [
        (
            f"{SITE}/PyYAML-6.0.2.dist-info/METADATA",
            metadata("PyYAML", "6.0.2"),
            Package("python", "PyYAML", "6.0.2", f"/{SITE}"),
        ),
        (
            "./opt/venv/lib/python3.12/site-packages/a.dist-info/METADATA",
            metadata("a.b", "1!2+local"),
            Package("python", "a.b", "1!2+local", "/opt/venv/lib/python3.12/site-packages"),
        ),
        (
            "/usr/lib/python3/dist-packages/six-1.16.egg-info/PKG-INFO",
            "Metadata-Version: 1.2\r\nName: six\r\nVersion: 1.16\r\n\r\n",
            Package("python", "six", "1.16", "/usr/lib/python3/dist-packages"),
        ),
        (
            "usr/lib/python3/dist-packages/old-1.egg-info",
            "Name: old\nVersion: 1",
            Package("python", "old", "1", "/usr/lib/python3/dist-packages"),
        ),
        (
            f"{SITE}/x-1-py3.12.egg/EGG-INFO/PKG-INFO",
            "Name: x\nVersion: 1\n",
            Package("python", "x", "1", f"/{SITE}"),
        ),
        (
            "opt/conda/conda-meta/r-base-4.3.1-h1_0.json",
            "{ no JSON at all",
            Package("conda", "r-base", "4.3.1", "/opt/conda"),
        ),
        (
            "usr/local/lib/R/site-library/dplyr/DESCRIPTION",
            "Type: Package\nPackage: dplyr\nTitle: x\nVersion: 1.1.4\nBuilt: R 4.3.1\n",
            Package("r", "dplyr", "1.1.4", "/usr/local/lib/R/site-library"),
        ),
        (
            "home/ann/R/x86_64-pc-linux-gnu-library/4.3/zoo/DESCRIPTION",
            "Package: zoo\nVersion: 1.8-12\n",
            Package("r", "zoo", "1.8-12", "/home/ann/R/x86_64-pc-linux-gnu-library/4.3"),
        ),
        (
            "work/renv/library/linux-debian/R-4.3/x86_64-pc-linux-gnu/zoo/DESCRIPTION",
            "Package: zoo\nVersion: 1.8-12\n",
            Package("r", "zoo", "1.8-12", "/work/renv/library/linux-debian/R-4.3/x86_64-pc-linux-gnu"),
        ),
        (
            "var/lib/dpkg/status",
            dpkg_status("libc6 2.36-9+deb12u4"),
            Package("debian", "libc6", "2.36-9+deb12u4", "/var/lib/dpkg/status"),
        ),
        (
            "var/lib/dpkg/status.d/tzdata",
            "Package: tzdata\nVersion: 2024a-0\nArchitecture: all",
            Package("debian", "tzdata", "2024a-0", "/var/lib/dpkg/status.d/tzdata"),
        ),
        (
            "lib/apk/db/installed",
            "C:Q1x\nP:musl\nV:1.2.4-r2\nA:x86_64\n\n",
            Package("apk", "musl", "1.2.4-r2", "/lib/apk/db/installed"),
        ),
        (
            "usr/lib/apk/db/installed",
            "P:musl\nV:1.2.5-r9\n",
            Package("apk", "musl", "1.2.5-r9", "/usr/lib/apk/db/installed"),
        ),
    ],
)
async def test_a_package_is_found(path: str, content: str, package: Package) -> None:
    found = await read({path: content})

    assert found.packages == (package,)
    assert found.is_complete
    assert not found.left_out


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"{SITE}/setuptools/_vendor/x-1.dist-info/METADATA", metadata("x", "1")),
        ("root/.cache/uv/archive-v0/1f/x-1.dist-info/METADATA", metadata("x", "1")),
        ("opt/conda/pkgs/x-1-py_0/site-packages/x-1.dist-info/METADATA", metadata("x", "1")),
        ("opt/conda/pkgs/r-x-1/lib/R/library/x/DESCRIPTION", "Package: x\nVersion: 1\n"),
        ("opt/conda/conda-meta/history", "x"),
        ("opt/conda/conda-meta/x.json", "{}"),
        ("home/ann/mine/DESCRIPTION", "Package: mine\nVersion: 1\n"),
        ("home/ann/library/mine/DESCRIPTION", "Package: mine\nVersion: 1\n"),
        ("usr/lib/R/library/x/inst/DESCRIPTION", "Package: x\nVersion: 1\n"),
        ("srv/var/lib/dpkg/status", dpkg_status("x 1")),
        ("var/lib/dpkg/status-old", dpkg_status("x 1")),
        ("var/lib/dpkg/status.d/x.md5sums", "Package: x\nVersion: 1\n"),
        ("var/lib/dpkg/status", dpkg_status("x 1", state="deinstall ok config-files")),
        ("var/lib/dpkg/status", dpkg_status("x 1", state="install reinstreq half-installed")),
        (f"{SITE}/x-1.dist-info/METADATA", "Name: x\n\nVersion: 1\n"),
        (f"{SITE}/x-1.dist-info/METADATA", f"Name: {'x' * 201}\nVersion: 1\n"),
        (f"{SITE}/x-1.dist-info/METADATA", "Name: x\x1b[31m\nVersion: 1\n"),
        (f"{SITE}/x-1.dist-info/METADATA", "Name: x\nVersion: ünö\n"),
        (f"{SITE}/x-1.dist-info/METADATA", Link("/etc/passwd")),
        (f"{SITE}/x-1.dist-info/RECORD", "x"),
    ],
)
async def test_what_is_not_installed_is_not_found(path: str, content: str | Link) -> None:
    found = await read({path: content})

    assert found.packages == ()
    assert found.is_complete


async def test_packages_are_found_that_uv_linked_from_its_cache() -> None:
    """A layer has the data of files with several names once: where its order comes to them first."""
    cached = "root/.cache/uv/archive-v0/1f/scikit_learn-1.5.0.dist-info/METADATA"
    found = await read(
        {
            cached: metadata("scikit-learn", "1.5.0"),
            f"{SITE}/scikit_learn-1.5.0.dist-info/METADATA": Link(cached, hard=True),
        }
    )

    assert found.packages == (Package("python", "scikit-learn", "1.5.0", f"/{SITE}"),)


async def test_packages_are_found_that_two_conda_environments_share() -> None:
    first, second = (f"opt/conda/envs/{name}/lib/R/library/zoo/DESCRIPTION" for name in "ab")

    found = await read({first: "Package: zoo\nVersion: 1.8\n", second: Link(f"/{first}", hard=True)})

    assert locations(found) == {"/opt/conda/envs/a/lib/R/library", "/opt/conda/envs/b/lib/R/library"}
    assert installed(found) == ["r zoo 1.8", "r zoo 1.8"]


async def test_packages_come_sorted_and_once() -> None:
    python = {f"{SITE}/{name}.dist-info/METADATA": metadata(name, "1") for name in ("b", "a")}
    twice = {f"{SITE}/again.dist-info/METADATA": metadata("a", "1")}

    found = await read({"var/lib/dpkg/status": dpkg_status("z 1, y 2")}, python | twice)

    assert installed(found) == ["debian y 2", "debian z 1", "python a 1", "python b 1"]


@pytest.mark.parametrize(
    ("files", "programs"),
    [
        (
            {"bin/sh": Link("/bin/busybox"), "usr/bin/git": Program()},
            {"git": "/usr/bin/git", "sh": "/bin/sh"},
        ),
        ({"opt/conda/bin/jupyter-lab": Program()}, {"jupyter-lab": "/opt/conda/bin/jupyter-lab"}),
        (
            {"opt/conda/bin/python3": Link("python3.12"), "usr/bin/python3": Link("x", hard=True)},
            {"python3": "/usr/bin/python3"},
        ),
        ({"usr/bin/R": Program(), "work/bin/R": Program(), "bin/R": Program()}, {"R": "/usr/bin/R"}),
        ({"opt/a/b/bin/R": Program(), "opt/c/bin/R": Program()}, {"R": "/opt/c/bin/R"}),
        (
            {"usr/lib/rstudio-server/bin/rserver": Program()},
            {"rserver": "/usr/lib/rstudio-server/bin/rserver"},
        ),
        ({"usr/bin/git": "not to be run", "srv/git": Program(), "git": Program()}, {}),
        ({"usr/bin/git/x": Program(), "opt/conda/pkgs/git-2/bin/git": Program()}, {}),
    ],
)
async def test_programs_are_found(files: Files, programs: dict[str, str]) -> None:
    found = await read(files)

    assert found.programs == programs


async def test_the_packages_of_this_virtual_environment_are_found() -> None:
    """A layer of the `.venv` that runs this test, without its data, to be quick."""
    folders, files = _this_environment()

    found = await read(files)

    expected = {
        (each.metadata["Name"], each.version)
        for folder in folders
        for each in importlib.metadata.distributions(path=[folder])
    }
    assert {(package.name, package.version) for package in found.packages} == expected
    assert len(expected) > 50


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg-query says what should be found")
async def test_the_packages_of_this_computer_are_found() -> None:
    status, said = _this_computer()

    found = await read({"var/lib/dpkg/status": status})

    assert {f"installed {package.name} {package.version}" for package in found.packages} == said


def _this_environment() -> tuple[list[str], Files]:
    folders = [path for path in sys.path if path.endswith("site-packages")]
    files = {
        str(path): path.read_bytes()
        for folder in folders
        for path in (*Path(folder).glob("*.dist-info/METADATA"), *Path(folder).glob("*.egg-info/PKG-INFO"))
    }
    return folders, files


def _this_computer() -> tuple[bytes, set[str]]:
    said = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    installed_ones = {line for line in said.stdout.splitlines() if line.startswith("installed ")}
    return Path("/var/lib/dpkg/status").read_bytes(), installed_ones
