"""`scripts/screenshots [NAME…]`: takes the pictures whose names begin so, or all."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scripts.pictures import images, sharing, shots, shots_platform, shots_sharing
from scripts.pictures.camera import CHROMIUM, Camera, Shot
from scripts.pictures.cluster import cluster_site
from scripts.pictures.places import Laptop, Place, Platform
from scripts.pictures.platform import PlatformSample
from scripts.pictures.sample import PEOPLE, Sample
from scripts.pictures.sharing import SharedSample
from tests.git_server import GitServer
from tests.registry_server import RegistryServer
from tests.served import REPOSITORY, Served, settled

FOLDER = REPOSITORY / "docs" / "pictures"
MOST_BYTES = 9_000_000
REGISTRY_PORT = 5000
"""Always the same, because pictures show it."""
LAUNCHING_SECONDS = 6
"""How long the launch has been under way in its pictures: long enough to have a log, and a bar to look at."""


@dataclass(frozen=True)
class Taking:
    """Takes those pictures that were asked for.

    Attributes:
        names: what their names begin with; none: all.
        taken: names of those that were.
    """

    browser: Browser
    home: Path
    registry: RegistryServer
    names: Sequence[str]
    taken: list[str] = field(default_factory=list)

    def wants(self, prefixes: tuple[str, ...]) -> bool:
        """Whether pictures whose names begin with one of the prefixes are asked for."""
        return not self.names or any(
            name.startswith(prefixes) or any(prefix.startswith(name) for prefix in prefixes)
            for name in self.names
        )

    def wants_others(self, prefixes: tuple[str, ...]) -> bool:
        """Whether pictures whose names begin with none of the prefixes are."""
        return not self.names or any(not name.startswith(prefixes) for name in self.names)

    def camera(self, place: Place) -> Camera:
        """A camera for what is there."""
        return Camera(self.browser, place, FOLDER)

    def take(self, camera: Camera, wanted: Iterable[Shot]) -> None:
        """Takes them."""
        for shot in wanted:
            if not self.names or shot.name.startswith(tuple(self.names)):
                print(shot.name, flush=True)
                camera.take(shot)
                self.taken.extend(shot.files)


def main() -> int:
    """Makes the sample data and takes the pictures; 1 when they became too large for a repository."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="mira-") as temporary,
        RegistryServer(REGISTRY_PORT) as registry,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        taking = Taking(browser, Path(temporary), registry, sys.argv[1:])
        if taking.wants(shots_platform.PREFIXES):
            _of_a_cluster(taking)
        if taking.wants(shots_sharing.PREFIXES):
            _of_shares(taking)
        if taking.wants_others((*shots_platform.PREFIXES, *shots_sharing.PREFIXES)):
            _of_a_laptop(taking)
        browser.close()
    for picture in FOLDER.glob("*.png") if not taking.names else ():
        if picture.name not in taking.taken:
            picture.unlink()
    pictures = list(FOLDER.glob("*.png"))
    size = sum(picture.stat().st_size for picture in pictures)
    print(f"{len(pictures)} pictures, {size / 1e6:.1f} MB")
    return int(size > MOST_BYTES)


def _of_a_laptop(taking: Taking) -> None:
    home, registry = taking.home, taking.registry
    (home / "git").mkdir()
    with GitServer(home / "git") as git:
        proxy = {"http_proxy": f"http://127.0.0.1:{git.server_port}"}
        with (
            Served(home, people=PEOPLE, variables=proxy) as sojourn,
            closing(Sample(sojourn, git, registry, home)) as sample,
        ):
            camera = taking.camera(Laptop(sojourn))
            taking.take(camera, shots.before())
            sample.make()
            run = sample.launch_slowly()
            time.sleep(LAUNCHING_SECONDS)
            taking.take(camera, shots.while_launching(run))
            settled(sample.mira, run, "failed")
            taking.take(camera, shots.afterwards(sample))


def _of_a_cluster(taking: Taking) -> None:
    image = images.push(taking.registry)
    (taking.home / "cluster").mkdir()
    with (
        cluster_site(taking.home / "cluster", taking.registry.host) as site,
        closing(PlatformSample(site)) as sample,
    ):
        sample.make()
        taking.take(taking.camera(Platform(site)), shots_platform.everything(sample, image))


def _of_shares(taking: Taking) -> None:
    (taking.home / "shared").mkdir()
    with (
        Served(taking.home / "shared", people=sharing.PEOPLE, own_hosts=sharing.HOST) as sojourn,
        closing(SharedSample(sojourn)) as sample,
    ):
        sample.make()
        taking.take(taking.camera(Laptop(sojourn)), shots_sharing.everything(sample))


sys.exit(main())
