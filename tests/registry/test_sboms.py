"""SBOMs that others attached are read, and what was found is written as one that others can read."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_api.registry.contents import Package
from sessions_api.registry.contents.sboms import SbomError, read_sbom, write_sbom

PACKAGES = (
    Package("apk", "musl", "1.2.4-r2", "/lib/apk/db/installed"),
    Package("conda", "r-base", "4.3.1", "/opt/conda"),
    Package("debian", "libc6", "2.36-9+deb12u4", "/var/lib/dpkg/status"),
    Package("python", "PyYAML", "6.0.2", "/opt/venv/lib/python3.12/site-packages"),
    Package("python", "PyYAML", "6.0.2", "/usr/lib/python3/dist-packages"),
    Package("python", "torch", "2.3.0+cu121", "/usr/lib/python3/dist-packages"),
    Package("r", "data.table", "1.15.4", "/usr/lib/R/site-library"),
)


def _spdx(*packages: dict[str, Any]) -> dict[str, Any]:
    return {"packages": list(packages), "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT"}


def _spdx_package(name: str, version: str, url: str) -> dict[str, Any]:
    return {
        "name": name,
        "SPDXID": f"SPDXRef-{name}",
        "versionInfo": version,
        "externalRefs": [
            {
                "referenceCategory": "SECURITY",
                "referenceType": "cpe23Type",
                "referenceLocator": "cpe:2.3:a:x",
            },
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url},
            {"referenceCategory": "OTHER", "referenceType": "cpe22Type", "referenceLocator": "cpe:/a:x"},
        ],
    }


def _cyclonedx(*components: dict[str, Any]) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": list(components)}


def _read(document: dict[str, Any]) -> tuple[Package, ...]:
    return read_sbom(json.dumps(document).encode())


def test_what_is_written_is_read_back() -> None:
    written = write_sbom(reversed(PACKAGES), name="ghcr.io/a/b", digest="sha256:1f", is_complete=True)

    assert read_sbom(written) == PACKAGES


@pytest.mark.parametrize("is_complete", [True, False])
def test_what_is_written_is_valid_by_the_published_schema(is_complete: bool) -> None:  # noqa: FBT001
    written = write_sbom(PACKAGES, name="b", digest="sha256:1f", is_complete=is_complete)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written.decode()) is None
    (composition,) = json.loads(written)["compositions"]
    assert composition["aggregate"] == ("complete" if is_complete else "incomplete")


def test_packages_are_named_by_their_package_urls() -> None:
    written = json.loads(write_sbom(PACKAGES, name="b", digest="sha256:1f", is_complete=True))

    assert [component["purl"] for component in written["components"]] == [
        "pkg:apk/alpine/musl@1.2.4-r2",
        "pkg:conda/r-base@4.3.1",
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4",
        "pkg:pypi/pyyaml@6.0.2",
        "pkg:pypi/torch@2.3.0%2Bcu121",
        "pkg:cran/data.table@1.15.4",
    ]


def test_the_same_packages_are_written_as_the_same_bytes() -> None:
    one = write_sbom(PACKAGES, name="b", digest="sha256:1f", is_complete=True)

    assert write_sbom(set(PACKAGES), name="b", digest="sha256:1f", is_complete=True) == one


@pytest.mark.parametrize(
    "statement",
    [
        None,
        {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document"},
        {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "x", "digest": {"sha256": "1f"}}]},
    ],
)
def test_spdx_is_read_bare_and_in_a_statement(statement: dict[str, Any] | None) -> None:
    document = _spdx(
        _spdx_package("PyYAML", "6.0.2", "pkg:pypi/pyyaml@6.0.2"),
        _spdx_package("libc6", "2.36-9+deb12u4", "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64"),
        _spdx_package("zoo", "", "pkg:cran/zoo@1.8-12"),
        _spdx_package("left-pad", "1.0.0", "pkg:npm/left-pad@1.0.0"),
        {"name": "no-url", "versionInfo": "1", "SPDXID": "SPDXRef-x"},
    )

    found = _read(document if statement is None else statement | {"predicate": document})

    assert found == (
        Package("debian", "libc6", "2.36-9+deb12u4", ""),
        Package("python", "PyYAML", "6.0.2", ""),
        Package("r", "zoo", "1.8-12", ""),
    )


def test_components_within_components_are_read() -> None:
    inner = {"type": "library", "name": "numpy", "version": "2.0", "purl": "pkg:pypi/numpy@2.0"}
    outer = {"type": "library", "name": "musl", "purl": "pkg:apk/alpine/musl@1.2", "components": [inner]}

    assert _read(_cyclonedx(outer)) == (
        Package("apk", "musl", "1.2", ""),
        Package("python", "numpy", "2.0", ""),
    )


@pytest.mark.parametrize(
    "component",
    [
        {"name": "x", "version": "1", "purl": "no url"},
        {"name": "x", "version": "1", "purl": "pkg:pypi/"},
        {"name": "x", "version": "", "purl": "pkg:pypi/x"},
        {"name": "x", "version": "1", "purl": f"pkg:pypi/{'x' * 3000}"},
        {"name": 7, "version": {"x": ["purl"]}, "purl": None},
        {"properties": [{"name": "x", "version": "1", "purl": "pkg:pypi/x@1"}]},
    ],
)
def test_components_that_are_no_package_are_passed_over(component: dict[str, Any]) -> None:
    assert _read(_cyclonedx(component)) == ()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"{]", "is not JSON"),
        (b'{"spdxVersion": "SPDX-2.3", "x": "\xff"}', "is not JSON"),
        (b"[]", "in no format that is read here"),
        (b'{"spdxVersion": "SPDX-3.0"}', "in no format that is read here"),
        (b'"CycloneDX"', "in no format that is read here"),
        (b'{"x": {"bomFormat": "CycloneDX"}}', "in no format that is read here"),
        (b"[" * 1_000_000, "nested deeper than 64 levels"),
        (b'{"a":' * 1_000_000, "nested deeper than 64 levels"),
        (b" " * (64 * 1024 * 1024 + 1), "The SBOM has 67 MB; 67 MB are the most"),
        (b'{"bomFormat": ' + b"9" * 100_000 + b"}", "SBOM is"),
    ],
    ids=range(12),
)
def test_what_is_no_sbom_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(SbomError, match=sentence):
        read_sbom(data)


def test_more_packages_than_are_read_are_refused() -> None:
    components = ({"name": f"p{n}", "version": "1", "purl": f"pkg:pypi/p{n}@1"} for n in range(50_001))

    with pytest.raises(SbomError, match="more than 50000 packages"):
        _read(_cyclonedx(*components))


@pytest.mark.slow
def test_memory_follows_the_packages_not_the_size() -> None:
    files = ",".join(f'{{"fileName": "/usr/x/{n}", "checksums": [{{"a": "{n}"}}]}}' for n in range(100_000))
    data = json.dumps(_spdx(_spdx_package("x", "1", "pkg:pypi/x@1")))[:-1] + f', "files": [{files}]}}'
    encoded = data.encode()

    tracemalloc.start()
    found = read_sbom(encoded)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found == (Package("python", "x", "1", ""),)
    assert peak < len(encoded) + 8 * 1024 * 1024


@settings(deadline=None)
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.text(max_size=9) | st.sampled_from(["pkg:pypi/a@1", "SPDX-2.3", "CycloneDX", "purl"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "packages",
                        "components",
                        "predicate",
                        "name",
                        "purl",
                        "version",
                        "bomFormat",
                        "externalRefs",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_is_attached_is_read_or_refused(data: bytes) -> None:
    outcome = _outcome(data)

    if isinstance(outcome, SbomError):
        assert str(outcome).endswith(".")
    else:
        assert all(package.name for package in outcome)


def _outcome(data: bytes) -> tuple[Package, ...] | SbomError:
    try:
        return read_sbom(data)
    except SbomError as refused:
        return refused
