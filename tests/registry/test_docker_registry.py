"""The client and a registry that many run: Debian's docker-registry, which is CNCF Distribution 2.8."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from urllib.parse import urljoin

import httpx
import pytest
from pydantic import SecretStr

from sessions_api.registry.client import Platform, Registry, RegistryError, RegistryLogin
from sessions_api.registry.fetch import Fetcher
from sessions_api.registry.references import parse
from tests.registry.conftest import AMD64
from tests.registry_images import Images, digest_of

PROGRAM = "docker-registry"
ARM64 = Platform("linux", "arm64")
LAYER = bytes(range(256)) * 1000
ANN = ("ann", "t0ken")
HTPASSWD = "ann:$2b$05$aNMhCFZf/omzi4iDABusc.lrKp85QWqfQOPExjLGZ45wc5HnaQA7W\n"

pytestmark = pytest.mark.skipif(
    shutil.which(PROGRAM) is None,
    reason="docker-registry is not on this computer (Debian: apt install docker-registry)",
)


class Real:
    """A running docker-registry, and what is pushed to it."""

    def __init__(self, port: int, login: tuple[str, str] | None) -> None:
        self.host = f"127.0.0.1:{port}"
        self.http = httpx.Client(base_url=f"http://{self.host}", auth=login, trust_env=False)

    def push(self, images: Images, name: str) -> None:
        """Pushes a whole repository."""
        repository = images.repository(name)
        for digest, content in repository.blobs.items():
            begun = self.http.post(f"/v2/{name}/blobs/uploads/").headers["location"]
            where = httpx.URL(urljoin(str(self.http.base_url), begun)).copy_add_param("digest", digest)
            self.http.put(where, content=content).raise_for_status()
        for digest, (body, media_type) in repository.manifests.items():
            tags = [tag for tag, meant in repository.tags.items() if meant == digest]
            for version in (digest, *tags):
                put = self.http.put(
                    f"/v2/{name}/manifests/{version}", content=body, headers={"Content-Type": media_type}
                )
                put.raise_for_status()


@contextmanager
def _running(folder: Path, login: tuple[str, str] | None = None) -> Iterator[Real]:
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "htpasswd").write_text(HTPASSWD)
    settings = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"inmemory": {}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if login:
        settings["auth"] = {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}
    config = folder / "config.yml"
    config.write_text(json.dumps(settings))
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([PROGRAM, "serve", str(config)], stdout=log, stderr=log) as program,
    ):
        real = Real(port, login)
        try:
            while program.poll() is None:
                try:
                    real.http.get("/v2/")
                except httpx.ConnectError:
                    continue
                break
            yield real
        finally:
            real.http.close()
            program.terminate()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    with _running(tmp_path_factory.mktemp("registry")) as real:
        yield real


@pytest.fixture
def images(request: pytest.FixtureRequest) -> Images:
    return Images()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A repository of the test's own."""
    return str(request.node.name).lower()


@pytest.fixture
def registry(real: Real, fetcher: Fetcher, name: str) -> Callable[[str], Registry]:
    def open_it(version: str) -> Registry:
        return Registry(fetcher, parse(f"{real.host}/{name}{'@' if ':' in version else ':'}{version}"))

    return open_it


Open = Callable[[str], Registry]


async def test_images_of_both_kinds_and_lists_of_them_are_read(
    real: Real, registry: Open, images: Images, name: str
) -> None:
    config = {"User": "1000", "ExposedPorts": {"8888/tcp": {}}}
    oci = images.push(name, "oci", layers=[LAYER], config=config)
    docker = images.push(name, "docker", layers=[LAYER], config=config, kind="docker")
    arm64 = images.push(name, layers=[b"for arm64"], platform="linux/arm64")
    index = images.push_index(name, "index", [(oci, "linux/amd64"), (arm64, "linux/arm64")])
    listed = images.push_index(name, "list", [(docker, "linux/amd64")], kind="docker")
    real.push(images, name)

    for tag, digest, manifest in (
        ("oci", oci, oci),
        ("docker", docker, docker),
        ("index", index, oci),
        ("list", listed, docker),
    ):
        image = await registry(tag).resolve([AMD64])
        assert (image.digest, image.manifest) == (digest, manifest)
        assert (image.config.user, image.config.ports) == ("1000", (8888,))
        assert (await registry(tag).head()).digest == digest
    assert (await registry("index").resolve([ARM64])).manifest == arm64


async def test_layers_come_whole_and_in_parts(real: Real, registry: Open, images: Images, name: str) -> None:
    images.push(name, "1", layers=[LAYER])
    real.push(images, name)
    opened = registry("1")

    async with opened.blob(digest_of(LAYER), len(LAYER)) as pieces:
        whole = b"".join([piece async for piece in pieces])
    async with opened.blob(digest_of(LAYER), len(LAYER), start=1000, end=2000) as pieces:
        part = b"".join([piece async for piece in pieces])

    assert (whole, part) == (LAYER, LAYER[1000:2000])


async def test_an_sbom_is_found_under_the_tag_of_its_image(
    real: Real, registry: Open, images: Images, name: str
) -> None:
    images.has_referrers = False
    digest = images.push(name, "1")
    images.attach(name, digest, "application/spdx+json", b"{}")
    real.push(images, name)

    [found] = await registry("1").referrers(digest)

    assert found.artifact_type == "application/spdx+json"
    assert (await registry("1").artifact(found)).layers[0].size == 2


async def test_a_moved_tag_and_a_deleted_image_are_seen(
    real: Real, registry: Open, images: Images, name: str
) -> None:
    old = images.push(name, "1")
    real.push(images, name)
    new = images.push(name, "1", layers=[b"newer"])
    real.push(images, name)
    real.http.delete(f"/v2/{name}/manifests/{old}").raise_for_status()

    assert (await registry("1").head()).digest == new
    with pytest.raises(RegistryError) as refused:
        await registry(old).resolve([AMD64])
    assert refused.value.reason.code == "image_not_found"
    assert "has no image sha256:" in refused.value.reason.sentence


async def test_a_missing_tag_is_told_from_a_missing_repository(
    real: Real, registry: Open, images: Images, name: str
) -> None:
    with pytest.raises(RegistryError) as no_repository:
        await registry("1").resolve([AMD64])
    images.push(name, "1")
    real.push(images, name)
    with pytest.raises(RegistryError) as no_tag:
        await registry("2").resolve([AMD64])

    assert "has no repository" in no_repository.value.reason.sentence
    assert "has no tag 2" in no_tag.value.reason.sentence


@pytest.mark.parametrize(
    ("login", "code"),
    [(None, "image_login_required"), (("ann", "wr0ng"), "image_login_refused"), (ANN, None)],
)
async def test_a_private_registry_lets_in_who_may(
    tmp_path: Path, fetcher: Fetcher, images: Images, login: tuple[str, str] | None, code: str | None
) -> None:
    digest = images.push("a/b", "1")
    with _running(tmp_path, ANN) as private:
        private.push(images, "a/b")
        given = RegistryLogin(login[0], SecretStr(login[1])) if login else None
        opened = Registry(fetcher, parse(f"{private.host}/a/b:1"), given)
        told = await _told(opened)

    assert told == (code or digest)


async def _told(registry: Registry) -> str:
    try:
        return (await registry.resolve([AMD64])).digest
    except RegistryError as refused:
        return refused.reason.code
