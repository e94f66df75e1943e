"""What manifests, lists of them and configs are read as, and that nothing crashes on what is none."""

import asyncio
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_api.registry import manifests
from sessions_api.registry.configs import ImageConfig
from sessions_api.registry.documents import UnreadableError
from sessions_api.registry.manifests import Index, Manifest, UnusableError
from sessions_api.registry.platforms import Platform
from sessions_api.registry.reasons import RegistryError
from tests.registry.conftest import AMD64, Open
from tests.registry_images import DOCKER, OCI, Images, descriptor
from tests.registry_server import RegistryServer

BLOB = descriptor(b"content", f"{OCI}layer.v1.tar+gzip")
CONFIG = descriptor(b"{}", f"{OCI}config.v1+json")
IMAGE = {"schemaVersion": 2, "mediaType": f"{OCI}manifest.v1+json", "config": CONFIG, "layers": [BLOB]}
ENTRY = descriptor(b"{}", f"{OCI}manifest.v1+json", platform={"os": "linux", "architecture": "amd64"})
INDEX = {"schemaVersion": 2, "mediaType": f"{OCI}index.v1+json", "manifests": [ENTRY]}
OWN = {
    "os": "linux",
    "architecture": "amd64",
    "config": {"User": "1000", "ExposedPorts": {"80/tcp": {}}, "Env": ["A=b"], "Labels": {"a": "b"}},
    "history": [{"created_by": "RUN pip install numpy", "empty_layer": False}],
}


def _read(document: Any, content_type: str = "") -> Index | Manifest:
    return manifests.read(json.dumps(document).encode(), content_type)


@pytest.mark.parametrize("content_type", ["", f"{OCI}manifest.v1+json; charset=utf-8", "text/plain"])
def test_an_image_is_one_whatever_it_is_sent_as(content_type: str) -> None:
    found = _read(IMAGE, content_type)

    assert isinstance(found, Manifest)
    assert [layer.digest for layer in found.layers] == [BLOB["digest"]]


def test_a_media_type_need_not_stand_in_the_document() -> None:
    assert isinstance(_read({key: IMAGE[key] for key in ("config", "layers")}), Manifest)
    assert isinstance(_read({"manifests": [ENTRY]}, f"{OCI}index.v1+json"), Index)


@pytest.mark.parametrize(
    ("document", "content_type"),
    [
        (IMAGE | INDEX, ""),
        (IMAGE | {"manifests": []}, ""),
        (INDEX | {"mediaType": f"{OCI}manifest.v1+json"}, ""),
        (IMAGE | {"mediaType": f"{OCI}index.v1+json"}, ""),
        (IMAGE, f"{OCI}index.v1+json"),
        (IMAGE, f"{DOCKER}distribution.manifest.v2+json"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(document: dict[str, Any], content_type: str) -> None:
    with pytest.raises(UnreadableError):
        _read(document, content_type)


@pytest.mark.parametrize(
    "document",
    [
        [],
        "x",
        {},
        {"schemaVersion": 2},
        IMAGE | {"config": None},
        IMAGE | {"config": [CONFIG]},
        IMAGE | {"layers": BLOB},
        IMAGE | {"layers": [BLOB | {"digest": "sha256:abc"}]},
        IMAGE | {"layers": [BLOB | {"digest": BLOB["digest"].upper()}]},
        IMAGE | {"layers": [BLOB | {"digest": "md5:" + "0" * 32}]},
        IMAGE | {"layers": [BLOB | {"size": -1}]},
        IMAGE | {"layers": [BLOB | {"size": "7"}]},
        IMAGE | {"layers": [BLOB | {"size": True}]},
        IMAGE | {"layers": [BLOB | {"size": 1.5}]},
        IMAGE | {"layers": [BLOB | {"size": 10**30}]},
        IMAGE | {"layers": [BLOB | {"annotations": {"a": 1}}]},
        IMAGE | {"layers": [BLOB] * 10_001},
        INDEX | {"manifests": [ENTRY] * 10_001},
        INDEX | {"manifests": [ENTRY | {"platform": "linux/amd64"}]},
    ],
)
def test_what_is_used_must_be_as_it_should_be(document: object) -> None:
    with pytest.raises(UnreadableError):
        _read(document)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b"[" * 4_000_000,
        b'{"a":' * 80_000,
        b'{"layers": [' + b"[]," * 1_300_000 + b"[]]}",
        b'{"layers": [' + b"1," * 200_000 + b"1]}",
        b'{"config": {"size": ' + b"9" * 1_000_000 + b"}}",
    ],
    ids=["empty", "cut", "no UTF-8", "deep", "deep objects", "many lists", "many numbers", "a long number"],
)
def test_a_body_made_to_hurt_is_refused_in_bounded_memory(body: bytes) -> None:
    with _at_most(40), pytest.raises(UnreadableError):
        manifests.read(body, "")


@pytest.mark.parametrize(
    "huge",
    [{"config": CONFIG | {"size": 4 * 2**20 + 1}}, {"layers": [BLOB | {"size": 2**52}] * 3}],
    ids=["config", "layers"],
)
def test_an_image_larger_than_any_real_one_is_refused(huge: dict[str, Any]) -> None:
    found = _read(IMAGE | huge)

    assert isinstance(found, Manifest)
    with pytest.raises(UnreadableError):
        found.require_image()


def test_more_is_taken_no_notice_of() -> None:
    found = _read(IMAGE | {"subject": 5, "own": [{}], "layers": [BLOB | {"urls": {}, "data": 1}]})

    assert isinstance(found, Manifest)


def test_nothing_and_null_are_the_same() -> None:
    nulls = {"config": {"Env": None, "Cmd": None, "Entrypoint": None, "ExposedPorts": None, "Labels": None}}
    own = ImageConfig.read(json.dumps({**nulls, "history": None, "os": None}).encode())

    assert own == ImageConfig.read(b"{}")
    assert str(own.platform) == "unknown/unknown"


def test_a_command_may_be_one_text() -> None:
    own = ImageConfig.read(b'{"config": {"Entrypoint": "start.sh", "Cmd": ["a"]}}')

    assert (own.entrypoint, own.command) == (("start.sh",), ("a",))


def test_text_that_no_database_takes_is_mended() -> None:
    own = ImageConfig.read(b'{"config": {"Labels": {"a\\u0000": "\\ud800x"}}}')

    assert own.labels == {"a\ufffd": "\ufffdx"}


def test_steps_tell_which_made_a_layer() -> None:
    history = [
        {"created_by": "COPY . /", "comment": "buildkit.dockerfile.v0"},
        {"created_by": "ENV A=b", "empty_layer": True},
    ]
    own = ImageConfig.read(json.dumps({"history": history}).encode())

    assert [(step.created_by, step.has_layer) for step in own.history] == [
        ("COPY . /", True),
        ("ENV A=b", False),
    ]


@pytest.mark.parametrize("key", ["schemaVersion", "mediaType"])
def test_dockers_first_format_is_told_from_a_broken_one(key: str) -> None:
    marks = {"schemaVersion": 1, "mediaType": f"{DOCKER}distribution.manifest.v1+json"}

    with pytest.raises(UnusableError) as refused:
        _read({key: marks[key], "fsLayers": []})

    assert refused.value.code == "manifest_too_old"


@pytest.mark.parametrize(
    ("image", "machine"),
    [
        (("linux", "amd64"), ("linux", "x86_64")),
        (("linux", "amd64"), ("linux", "amd64", "v3")),
        (("linux", "arm64", "v8"), ("linux", "aarch64")),
        (("linux", "arm", "v6"), ("linux", "arm")),
        (("linux", "arm", "7"), ("linux", "armhf")),
    ],
)
def test_an_image_runs_on_machines_that_can_do_as_much(
    image: tuple[str, ...], machine: tuple[str, ...]
) -> None:
    assert Platform.of(*image).runs_on(Platform.of(*machine))


@pytest.mark.parametrize(
    ("image", "machine"),
    [
        (("linux", "amd64"), ("linux", "arm64")),
        (("windows", "amd64"), ("linux", "amd64")),
        (("linux", "amd64", "v3"), ("linux", "amd64")),
        (("linux", "arm", "v7"), ("linux", "arm", "v6")),
        (("linux", "arm", "v7"), ("linux", "arm64")),
        (("linux", "riscv64", "own"), ("linux", "riscv64")),
        (("", ""), ("linux", "amd64")),
    ],
)
def test_an_image_does_not_run_on_other_machines(image: tuple[str, ...], machine: tuple[str, ...]) -> None:
    assert not Platform.of(*image).runs_on(Platform.of(*machine))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real document in which one place holds something else, or from which bytes are missing."""
    document = json.loads(json.dumps(draw(st.sampled_from([IMAGE, INDEX, OWN]))))
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = draw(st.sampled_from(list(keys)))
        if not place[key] or not isinstance(place[key], dict | list) or draw(st.booleans()):
            break
        place = place[key]
    place[key] = draw(ANY_JSON)
    body = json.dumps(document).encode()
    start = draw(st.integers(0, len(body)))
    return body[:start] + body[draw(st.sampled_from([start, min(start + 1, len(body))])) :]


@settings(deadline=None)
@given(st.binary() | ANY_JSON.map(lambda found: json.dumps(found).encode()) | mutated(), st.text())
def test_whatever_is_sent_is_read_or_refused(body: bytes, content_type: str) -> None:
    readers: list[Callable[[], object]] = [
        lambda: manifests.read(body, content_type),
        lambda: manifests.referrers(body),
        lambda: ImageConfig.read(body),
    ]
    for read in readers:
        with _at_most(20):
            refusal = _refusal(read)
        assert len(refusal) < 500


def _refusal(read: Callable[[], object]) -> str:
    try:
        read()
    except (UnreadableError, UnusableError) as refused:
        return str(refused)
    return ""


@settings(deadline=None)
@given(mutated())
def test_what_is_read_can_be_kept(body: bytes) -> None:
    try:
        own = ImageConfig.read(body)
    except UnreadableError:
        return
    texts = [own.user, own.working_dir, *own.entrypoint, *own.environment.values(), *own.labels]

    assert all("\x00" not in text and text.encode() is not None for text in texts)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=mutated(), as_config=st.booleans())
def test_whatever_a_registry_sends_is_an_image_or_a_sentence(
    server: RegistryServer, registry: Open, *, body: bytes, as_config: bool
) -> None:
    manifest = json.dumps(IMAGE | {"config": server.keep("a/b", body, f"{OCI}config.v1+json")}).encode()
    server.put("a/b", manifest if as_config else body, f"{OCI}manifest.v1+json", tag="1")
    server.keep("a/b", b"{}", f"{OCI}config.v1+json")

    with suppress(RegistryError):
        asyncio.run(registry().resolve([AMD64]))


def test_what_the_server_of_these_tests_pushes_is_an_image() -> None:
    images = Images()
    digest = images.push("a/b", "1")
    body, media_type = images.repository("a/b").manifests[digest]

    found = manifests.read(body, media_type)

    assert isinstance(found, Manifest)
    found.require_image()


@contextmanager
def _at_most(mebibytes: int) -> Iterator[None]:
    """No more is taken at any time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] <= mebibytes * 2**20
    finally:
        tracemalloc.stop()
