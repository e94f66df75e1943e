"""`scripts/screenshots [NAME…]`: takes the pictures whose names begin so, or all."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.pictures import shots
from scripts.pictures.camera import CHROMIUM, Camera, Shot
from scripts.pictures.sample import PEOPLE, Sample
from tests.git_server import GitServer
from tests.registry_server import RegistryServer
from tests.served import REPOSITORY, Served, settled

FOLDER = REPOSITORY / "docs" / "pictures"
MOST_BYTES = 9_000_000
REGISTRY_PORT = 5000
"""Always the same, because pictures show it."""
LAUNCHING_SECONDS = 6
"""How long the launch has been under way in its pictures: long enough to have a log, and a bar to look at."""


def main() -> int:
    """Makes the sample data and takes the pictures; 1 when they became too large for a repository."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mira-") as temporary:
        home = Path(temporary)
        (home / "git").mkdir()
        with GitServer(home / "git") as git, RegistryServer(REGISTRY_PORT) as registry:
            proxy = {"http_proxy": f"http://127.0.0.1:{git.server_port}"}
            with Served(home, people=PEOPLE, variables=proxy) as sojourn:
                _take(sojourn, Sample(sojourn, git, registry, home), sys.argv[1:])
    pictures = list(FOLDER.glob("*.png"))
    size = sum(picture.stat().st_size for picture in pictures)
    print(f"{len(pictures)} pictures, {size / 1e6:.1f} MB")
    return int(size > MOST_BYTES)


def _take(sojourn: Served, sample: Sample, names: Sequence[str]) -> None:
    with sync_playwright() as playwright, closing(sample):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        camera = Camera(browser, sojourn, FOLDER)
        _take_all(camera, shots.before(), names)
        sample.make()
        run = sample.launch_slowly()
        time.sleep(LAUNCHING_SECONDS)
        _take_all(camera, shots.while_launching(run), names)
        settled(sample.mira, run, "failed")
        _take_all(camera, shots.afterwards(sample), names)
        browser.close()


def _take_all(camera: Camera, wanted: Iterable[Shot], names: Sequence[str]) -> None:
    for shot in wanted:
        if not names or shot.name.startswith(tuple(names)):
            print(shot.name)
            camera.take(shot)


sys.exit(main())
