"""What the client says of images in a registry that works, and of one that does not."""

import json

import pytest

from sessions_api.registry.client import Platform, Registry, RegistryError
from sessions_api.registry.fetch import Fetcher
from sessions_api.registry.references import parse
from tests.registry.conftest import AMD64, Open
from tests.registry_images import DOCKER, OCI, Fault, descriptor, digest_of
from tests.registry_server import RegistryServer

ARM64 = Platform("linux", "arm64")


async def _refused(registry: Registry) -> RegistryError:
    with pytest.raises(RegistryError) as refused:
        await registry.resolve([AMD64])
    return refused.value


async def test_an_image_has_digest_layers_and_settings(server: RegistryServer, registry: Open) -> None:
    config = {
        "User": "1000:100",
        "ExposedPorts": {"8888/tcp": {}, "53/udp": {}, "80": {}},
        "Env": ["PATH=/opt/bin:/bin", "EMPTY="],
        "Entrypoint": ["tini", "--"],
        "Cmd": ["start.sh"],
        "WorkingDir": "/home/ann",
        "Labels": {"org.opencontainers.image.version": "1.2"},
    }
    digest = server.push(
        "a/b", "1", layers=[b"lower", b"upper!"], config=config, annotations={"made.by": "tests"}
    )

    image = await registry().resolve([AMD64])

    assert (image.digest, image.manifest) == (digest, digest)
    assert (image.platform, image.platforms) == (AMD64, (AMD64,))
    assert [(layer.digest, layer.size) for layer in image.layers] == [
        (digest_of(b"lower"), 5),
        (digest_of(b"upper!"), 6),
    ]
    assert image.annotations == {"made.by": "tests"}
    assert (image.config.user, image.config.ports) == ("1000:100", (80, 8888))
    assert (image.config.entrypoint, image.config.command) == (("tini", "--"), ("start.sh",))
    assert image.config.environment == {"PATH": "/opt/bin:/bin", "EMPTY": ""}
    assert image.config.working_dir == "/home/ann"
    assert image.config.labels == {"org.opencontainers.image.version": "1.2"}


async def test_an_image_of_dockers_kind_is_one_as_well(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b", "1", kind="docker")
    server.push_index("a/b", "2", [(digest, "linux/amd64")], kind="docker")

    assert (await registry("1").resolve([AMD64])).digest == digest
    assert (await registry("2").resolve([AMD64])).manifest == digest


async def test_a_layer_that_comes_twice_is_downloaded_once(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1", layers=[b"x" * 1000, b"y", b"x" * 1000])

    image = await registry().resolve([AMD64])

    config = next(len(blob) for blob in server.repository("a/b").blobs.values() if blob.startswith(b"{"))
    assert image.size == 1000 + 1 + config
    assert len(image.layers) == 3


async def test_of_a_list_the_image_for_the_first_wanted_platform_is_taken(
    server: RegistryServer, registry: Open
) -> None:
    amd64 = server.push("a/b", layers=[b"for amd64"])
    arm64 = server.push("a/b", layers=[b"for arm64"], platform="linux/arm64")
    index = server.push_index("a/b", "1", [(amd64, "linux/amd64"), (arm64, "linux/arm64/v8")])

    first = await registry().resolve([ARM64, AMD64])
    second = await registry().resolve([Platform("linux", "riscv64"), AMD64])

    assert (first.digest, first.manifest, first.platform) == (index, arm64, ARM64)
    assert first.platforms == (AMD64, ARM64)
    assert (second.digest, second.manifest) == (index, amd64)


async def test_an_image_of_another_size_than_its_list_says_is_refused(
    server: RegistryServer, registry: Open
) -> None:
    digest = server.push("a/b")
    entry = server.entry("a/b", digest, "linux/amd64")
    server.push_index("a/b", "1", [], more=[entry | {"size": entry["size"] + 1}])

    refused = await _refused(registry())

    assert refused.reason.code == "manifest_broken"
    assert "not as large as is said of it" in refused.reason.sentence


async def test_what_is_no_image_in_a_list_is_passed_over(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b")
    attestation = descriptor(
        b"statement",
        f"{OCI}manifest.v1+json",
        platform={"os": "unknown", "architecture": "unknown"},
        annotations={
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": digest,
        },
    )
    server.push_index("a/b", "1", [(digest, "linux/amd64")], more=[attestation])

    image = await registry().resolve([AMD64])

    assert image.platforms == (AMD64,)
    assert [attached.digest for attached in image.attached] == [digest_of(b"statement")]


async def test_a_list_that_names_no_platforms_is_looked_into(server: RegistryServer, registry: Open) -> None:
    arm64 = server.push("a/b", platform="linux/arm64")
    amd64 = server.push("a/b", layers=[b"for amd64"])
    server.push_index("a/b", "1", [(arm64, None), (amd64, None)])

    image = await registry().resolve([AMD64])

    assert (image.manifest, image.platforms) == (amd64, (ARM64, AMD64))


@pytest.mark.parametrize("listed", [True, False])
async def test_an_image_for_other_processors_says_for_which_it_is(
    server: RegistryServer, registry: Open, *, listed: bool
) -> None:
    digest = server.push("a/b", "1", platform="linux/arm64")
    if listed:
        server.push_index("a/b", "1", [(digest, "linux/arm64")])

    refused = await _refused(registry())

    assert refused.reason.code == "image_wrong_platform"
    assert refused.reason.sentence == "a/b:1 is built for linux/arm64, not for linux/amd64."


async def test_a_moved_tag_is_seen_by_asking_for_its_head(server: RegistryServer, registry: Open) -> None:
    old = server.push("a/b", "1")
    before = await registry().head()
    new = server.push("a/b", "1", layers=[b"newer"])

    after = await registry().head()

    assert (before.digest, after.digest) == (old, new)
    assert (before.etag, after.etag) == (f'"{old}"', f'"{new}"')
    assert (server.count("GET"), server.count("HEAD")) == (0, 2)


@pytest.mark.parametrize("fault", ["no_head", "bare_head"])
async def test_a_registry_that_answers_head_badly_is_asked_in_full(
    server: RegistryServer, registry: Open, fault: Fault
) -> None:
    digest = server.push("a/b", "1")
    server.break_with("a/b", fault)

    assert (await registry().head()).digest == digest


async def test_an_image_by_digest_stays_when_its_tag_is_gone(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b", "1")
    server.delete_tag("a/b", "1")

    assert (await registry(digest).resolve([AMD64])).digest == digest
    assert (await registry(digest).head()).digest == digest


async def test_an_image_may_be_named_by_a_longer_digest(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1")
    [(body, media_type)] = server.repository("a/b").manifests.values()
    digest = server.put("a/b", body, media_type, algorithm="sha512")

    assert (await registry(digest).resolve([AMD64])).digest == digest


async def test_a_digest_decides_whatever_the_tag_beside_it_is(
    server: RegistryServer, fetcher: Fetcher
) -> None:
    digest = server.push("a/b", "1")
    server.push("a/b", "1", layers=[b"newer"])
    reference = parse(f"{server.host}/a/b:1@{digest}")

    assert (await Registry(fetcher, reference).head()).digest == digest


async def test_a_missing_repository_is_named(server: RegistryServer, registry: Open) -> None:
    refused = await _refused(registry(repository="a/c"))

    assert refused.reason.code == "image_not_found"
    assert refused.reason.sentence == f"The registry {server.host} has no repository a/c."


async def test_a_missing_tag_is_named(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1")

    refused = await _refused(registry("2"))

    assert refused.reason.code == "image_not_found"
    assert refused.reason.sentence == f"The repository a/b of the registry {server.host} has no tag 2."


async def test_a_deleted_image_is_named_by_its_digest(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b", "1")
    server.delete("a/b", digest)

    refused = await _refused(registry(digest))

    assert refused.reason.code == "image_not_found"
    assert f"has no image {digest[:19]}…" in refused.reason.sentence


async def test_an_image_that_lost_its_config_says_so(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1")
    server.repository("a/b").blobs.clear()

    refused = await _refused(registry())

    assert refused.reason.code == "image_not_found"
    assert "has lost a part of a/b:1" in refused.reason.sentence


async def test_a_list_whose_image_was_deleted_says_so(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b")
    server.push_index("a/b", "1", [(digest, "linux/amd64")])
    server.delete("a/b", digest)

    refused = await _refused(registry())

    assert refused.reason.code == "image_not_found"
    assert "has lost a part of a/b:1" in refused.reason.sentence


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("stall", "registry_too_slow", "did not send its whole answer within 0.5 s"),
        ("hang", "registry_unreachable", "cannot be reached from here"),
        ("cut", "registry_broken", "breaks off"),
        ("broken_json", "manifest_broken", "it is not JSON"),
        ("wrong_bytes", "manifest_broken", "it is not what its digest says"),
        ("schema_1", "manifest_too_old", "a/b:1 is in Docker's first image format (schema 1)"),
        ("too_many", "registry_rate_limited", "answers again in 30 s"),
        ("trouble", "registry_broken", "it answered with status 500"),
        ("web_page", "registry_broken", "does not answer as registries do"),
    ],
)
async def test_a_registry_that_fails_is_a_sentence(
    server: RegistryServer, registry: Open, fault: Fault, code: str, words: str
) -> None:
    server.push("a/b", "1")
    server.break_with("a/b", fault)

    refused = await _refused(registry(seconds=0.5 if fault in {"stall", "hang"} else 60.0))

    assert refused.reason.code == code
    assert words in refused.reason.sentence


async def test_a_slow_registry_is_waited_for(server: RegistryServer, registry: Open) -> None:
    digest = server.push("a/b", "1", layers=[b"x" * 4096])
    server.break_with("a/b", "slow")

    assert (await registry().resolve([AMD64])).digest == digest


async def test_a_rate_limit_says_how_long_it_lasts(server: RegistryServer, registry: Open) -> None:
    server.push("a/b", "1")
    server.break_with("a/b", "too_many")

    with pytest.raises(RegistryError) as refused:
        await registry().head()

    assert refused.value.retry_after == 30
    assert len(server.asked) == 1


async def test_nobody_there_and_not_allowed_there_are_told_alike(fetcher: Fetcher) -> None:
    with RegistryServer() as gone:
        pass
    closed = await _refused(Registry(fetcher, parse(gone.reference("a/b", "1"))))
    forbidden = await _refused(Registry(fetcher, parse("10.0.0.1:5000/a/b:1")))

    assert closed.reason.code == forbidden.reason.code == "registry_unreachable"
    assert closed.reason.sentence.replace(gone.host, "") == forbidden.reason.sentence.replace(
        "10.0.0.1:5000", ""
    )
    assert closed.reason.hint == forbidden.reason.hint


async def test_a_manifest_larger_than_registries_take_is_not_read(
    server: RegistryServer, registry: Open
) -> None:
    server.put("a/b", b" " * (5 * 1024 * 1024), f"{OCI}manifest.v1+json", tag="1")

    refused = await _refused(registry())

    assert refused.reason.code == "manifest_broken"
    assert "larger than it may be" in refused.reason.sentence


@pytest.mark.parametrize(
    ("manifest", "media_type", "code"),
    [
        ({"config": {"mediaType": "application/vnd.cncf.helm.config.v1+json"}}, None, "not_an_image"),
        ({"layers": [{"mediaType": f"{DOCKER}image.rootfs.foreign.diff.tar.gzip"}]}, None, "image_elsewhere"),
        ({"layers": [{"mediaType": f"{OCI}layer.v1.tar+gzip+encrypted"}]}, None, "image_elsewhere"),
        ({"layers": [{"mediaType": "application/vnd.in-toto+json"}]}, None, "not_an_image"),
        ({}, "application/vnd.oci.artifact.manifest.v1+json", "not_an_image"),
    ],
)
async def test_what_cannot_be_run_is_refused_in_words(
    server: RegistryServer, registry: Open, manifest: dict[str, object], media_type: str | None, code: str
) -> None:
    server.push("a/b", "1")
    [(body, usual)] = server.repository("a/b").manifests.values()
    own = json.loads(body)
    for key, value in manifest.items():
        own[key] = own[key] | value if isinstance(value, dict) else [own[key][0] | value[0]]  # type: ignore[index]
    own["mediaType"] = media_type or usual
    server.put("a/b", own, media_type or usual, tag="1")

    refused = await _refused(registry())

    assert refused.reason.code == code
    assert refused.reason.sentence.startswith("a/b:1 ")


async def test_a_list_without_images_is_refused(server: RegistryServer, registry: Open) -> None:
    server.push_index("a/b", "1", [])

    refused = await _refused(registry())

    assert refused.reason.code == "not_an_image"
    assert refused.reason.sentence == "a/b:1 is a list without an image."


async def test_a_web_site_is_told_from_a_registry(server: RegistryServer, registry: Open) -> None:
    server.put("a/b", b"<html>Welcome</html>", "text/html; charset=utf-8", tag="1")

    refused = await _refused(registry())

    assert refused.reason.code == "registry_broken"
    assert refused.reason.sentence == f"{server.host} does not answer as registries do."
