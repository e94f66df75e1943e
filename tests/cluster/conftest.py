from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cluster.installation import Installation, trial_values
from tests.git_server import GitServer
from tests.kube import fresh_namespace, host, kubernetes
from tests.pages.conftest import chromium

__all__ = ["chromium", "kubernetes"]

expect.set_options(timeout=60_000)


def free_node_port() -> int:
    """A port of the node that nobody has, very likely."""
    return random.randint(30_100, 32_700)  # noqa: S311 - it hides nothing


@pytest.fixture(scope="session")
def installation(kubernetes: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The chart, installed once for all tests that break nothing of it for good."""
    folder = tmp_path_factory.mktemp("installation")
    with (
        fresh_namespace(prefix="sojourn") as kubectl,
        Installation(kubectl, folder, trial_values(free_node_port())) as made,
    ):
        yield made


@pytest.fixture(scope="session")
def pod_git_server(kubernetes: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """Real repositories over HTTP at an address that pods reach."""
    with GitServer(tmp_path_factory.mktemp("git"), address=host()) as server:
        yield server


@pytest.fixture
def page(chromium: Browser, installation: Installation) -> Iterator[Page]:
    """The browser of the first person, who has logged in with the trial's password."""
    context = chromium.new_context(
        base_url=installation.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto("/")
    opened.get_by_label("Username").fill("ann")
    opened.get_by_label("Password").fill(installation.secret("trial-password"))
    opened.get_by_role("button", name="Sign in").click()
    opened.wait_for_url("**/projects**")
    yield opened
    context.close()
