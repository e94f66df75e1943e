"""How long it takes from a fact of a launch until whoever watches it is told.

The fact has the time at which the spawner saw it, the arrival that at which a client of the event stream, or
the script of the launch page in a real browser, has it. Both clocks are this computer's.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import httpx
from httpx_sse import connect_sse
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from benchmarks.report import Figure, median, percentile
from sessions_api.kit.clock import now
from sojourn.laptop.login_links import new_login_link
from tests.git_server import GitServer
from tests.served import Served, settled, started

SECONDS = 0.1
"""What people take for immediate; half of it would be what the spawner waits for company of its reports."""

LAUNCHES = 8
REPOSITORIES = 3
KINDS = ("stage", "log")
"""What the spawner reports. A `status` is the API's own fact, and comes with the same delivery."""

CHROMIUM = "/usr/bin/chromium"

# Runs in the page before its own script: says when each event of a stream arrived.
_WATCH = """
const Real = EventSource;
window.EventSource = class extends Real {
  constructor(url) {
    super(url);
    this.addEventListener("open", () => window.opened(Date.now()));
    for (const kind of %s) {
      this.addEventListener(kind, (event) => window.arrived(JSON.parse(event.data).at, Date.now()));
    }
  }
};
"""


def measure(folder: Path) -> list[Figure]:
    """Launches several times, watched by a program, then by a page."""
    repositories = folder / "git"
    repositories.mkdir()
    with GitServer(repositories) as git, Served(folder) as sojourn, sojourn.client() as client:
        _make_project(client, git)
        settled(client, started(client, "bench", "minimal")["id"], "running", seconds=600)
        by_program = [delay for _ in range(LAUNCHES) for delay in _launch_for_a_program(client)]
        by_page, until_open = _launches_for_a_page(sojourn, client)
    opened = Figure("from ready until the page opens the session, median", 1000 * median(until_open), "ms")
    return [*_figures("a program", by_program), *_figures("a page", by_page), opened]


def _make_project(client: httpx.Client, git: GitServer) -> None:
    client.post("/api/v1/projects", json={"name": "Bench"}).raise_for_status()
    for number in range(REPOSITORIES):
        git.create(f"repository-{number}", {"notes.md": "Notes\n"})
        url = git.url(f"repository-{number}")
        client.post("/api/v1/projects/bench/repositories", json={"url": url}).raise_for_status()
    client.post("/api/v1/projects/bench/sessions", json={"environment": "minimal"}).raise_for_status()


def _stop(client: httpx.Client) -> None:
    run = client.post("/api/v1/projects/bench/sessions/minimal/stop").raise_for_status().json()
    settled(client, run["id"], "stopped")


def _launch_for_a_program(client: httpx.Client) -> list[float]:
    _stop(client)
    run = started(client, "bench", "minimal")
    delays = []
    with connect_sse(client, "GET", run["events"]) as stream:
        watching_since = now()
        for event in stream.iter_sse():
            arrived = now()
            at = datetime.fromisoformat(event.json()["at"])
            if event.event in KINDS and at > watching_since:
                delays.append((arrived - at).total_seconds())
            if event.event == "status" and event.json()["phase"] == "running":
                break
    return delays


def _launches_for_a_page(sojourn: Served, client: httpx.Client) -> tuple[list[float], list[float]]:
    until_open = []
    with sync_playwright() as playwright, _chromium(playwright) as browser:
        page = browser.new_page()
        page.goto(new_login_link(sojourn.data))
        watch = _Watch(page)
        for _ in range(LAUNCHES):
            _stop(client)
            page.goto(f"{sojourn.url}/projects/bench")
            with page.expect_request("**/user/**", timeout=120_000):
                page.get_by_role("button", name="Start session").first.click()
            opened = now()
            [run] = client.get("/api/v1/runs?limit=1").raise_for_status().json()["items"]
            until_open.append((opened - datetime.fromisoformat(run["ready_at"])).total_seconds())
    return watch.delays, until_open


def _chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


class _Watch:
    """Collects what the script in the page says."""

    def __init__(self, page: Page) -> None:
        self.delays: list[float] = []
        self._watching_since = 0.0
        page.expose_function("opened", self._opened)
        page.expose_function("arrived", self._arrived)
        page.add_init_script(_WATCH % list(KINDS))

    def _opened(self, milliseconds: float) -> None:
        self._watching_since = milliseconds / 1000

    def _arrived(self, at: str, milliseconds: float) -> None:
        fact = datetime.fromisoformat(at).timestamp()
        if fact > self._watching_since:
            self.delays.append(milliseconds / 1000 - fact)


def _figures(whom: str, delays: list[float]) -> list[Figure]:
    return [
        Figure(f"events that {whom} watched", len(delays), ""),
        Figure(f"until {whom} has it, median", 1000 * median(delays), "ms", 1000 * SECONDS),
        Figure(f"until {whom} has it, 95 %", 1000 * percentile(delays, 95), "ms", 1000 * SECONDS),
    ]
