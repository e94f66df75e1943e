"""Which pictures are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from scripts.pictures.camera import Shot
from scripts.pictures.sample import COLLEAGUE, NEWCOMER, PERSON, VISITOR, Sample

TERRAIN = "/projects/terrain-correction"
HARBOUR = "/projects/harbour-sensors"


def before() -> Iterator[Shot]:
    """Pictures of a Sojourn in which there is nothing yet."""
    yield Shot("projects-none", "/projects", NEWCOMER)


def while_launching(run: str) -> Iterator[Shot]:
    """Pictures of a launch that is under way; it goes on for half a minute."""
    yield Shot("project", TERRAIN, PERSON)
    yield Shot("launch", f"/runs/{run}", PERSON)
    yield Shot("projects", "/projects", PERSON)
    yield Shot("project-menu", TERRAIN, PERSON, _press("More for Exploration"), whole=False)
    yield Shot("project-start", TERRAIN, PERSON, _press("Choose another session"), whole=False)


def afterwards(sample: Sample) -> Iterator[Shot]:
    """All other pictures."""
    yield from _projects()
    yield from _sessions(sample)
    yield from _runs(sample)
    yield from _own()
    yield Shot("environments", "/environments", PERSON)
    yield Shot("environments-nothing", "/environments?q=spreadsheet", PERSON)
    yield Shot("environment", "/environments/geodesy", PERSON)
    yield Shot("environment-version", "/environments/geodesy/versions/2", PERSON)
    yield Shot("environment-changes", "/environments/geodesy/versions/1...3", PERSON)
    yield Shot("environment-check", "/environments/add", PERSON, _check(sample.image))
    yield Shot("forbidden", "/admin", PERSON)
    yield Shot("not-found", "/projects/no-such-project", PERSON)
    yield Shot("logged-out", "/logged-out", None)
    yield Shot("login", "/hub/login", None)
    yield Shot("login-used", "/hub/link?key=used", None)


def _projects() -> Iterator[Shot]:
    yield Shot("projects-empty", "/projects?q=glacier", PERSON)
    yield Shot("projects-newcomer", "/projects", NEWCOMER)
    yield Shot("project-new", "/projects/new", PERSON)
    yield Shot(
        "project-new-refused", "/projects/new", PERSON, _refused({"name": "Tides", "repository": _SECRET})
    )
    yield Shot("project-empty", "/projects/reading-group", PERSON)
    yield Shot("project-empty-viewer", "/projects/reading-group", NEWCOMER)
    yield Shot("project-viewer", TERRAIN, VISITOR)
    yield Shot("project-editor", TERRAIN, COLLEAGUE)
    yield Shot("project-failed", HARBOUR, PERSON)
    yield Shot("project-long", "/projects", PERSON, _follow("Seasonal drought"))
    yield Shot("project-settings", f"{TERRAIN}/settings", PERSON)
    yield Shot("project-delete", f"{TERRAIN}/delete", PERSON)
    yield Shot("repository-add", f"{TERRAIN}/repositories/add", PERSON)
    twice = {"url": "http://git.example.org/old/site-survey-notes.git"}
    yield Shot("repository-refused", f"{TERRAIN}/repositories/add", PERSON, _refused(twice))
    yield Shot("storage-add", f"{TERRAIN}/storages/add", PERSON)
    nowhere = {"name": "Scans", "path": "/mnt/scans"}
    yield Shot("storage-refused", f"{TERRAIN}/storages/add", PERSON, _refused(nowhere))
    yield Shot("member-add", f"{TERRAIN}/members/add", PERSON)
    yield Shot("history", f"{TERRAIN}/history", PERSON)
    yield Shot("project-activity", f"{TERRAIN}/activity", PERSON)
    yield Shot("invitation-add", f"{TERRAIN}/invitations/add", PERSON)
    yield Shot("secret-add", f"{TERRAIN}/secrets/add", PERSON)


def _sessions(sample: Sample) -> Iterator[Shot]:
    session = f"{TERRAIN}/sessions/exploration"
    yield Shot("session-add", f"{TERRAIN}/sessions/add", PERSON)
    yield Shot("configure", f"{session}/configure", PERSON)
    wrong = {"name": "Quick notes", "cpus": "many", "memory_gib": "0"}
    yield Shot("configure-refused", f"{session}/configure", PERSON, _refused(wrong, "Save"))
    yield Shot("session-stop", TERRAIN, PERSON, _ask("More for Exploration", "Stop…"), whole=False)
    yield Shot("session-stop-page", f"{session}/stop", PERSON)
    yield Shot("session-pause", f"{session}/pause", PERSON)
    yield Shot("session-times", f"{session}/times", PERSON)
    yield Shot("session-copy", f"{session}/copy", PERSON)
    yield Shot("session-start-link", f"{TERRAIN}/sessions/mosaic-preview/start", PERSON)
    yield Shot("session-remove", f"{session}/remove", PERSON)
    yield Shot("resume", sample.url_of("quick-notes"), PERSON)
    yield Shot("resume-stranger", sample.url_of("quick-notes"), COLLEAGUE)


def _runs(sample: Sample) -> Iterator[Shot]:
    running = sample.run_of("terrain-correction", "exploration")
    yield Shot("launch-done", f"/runs/{running}", PERSON)
    yield Shot("shares-off", f"/runs/{running}/shares", PERSON)
    yield Shot("log", f"/runs/{running}/log", PERSON)
    for name, project, session in (
        ("build", "terrain-correction", "classifier"),
        ("stalled", "terrain-correction", "mosaic-preview"),
        ("ref", "harbour-sensors", "old-release"),
        ("unreachable", "harbour-sensors", "formats"),
        ("crashed", "harbour-sensors", "live-figures"),
    ):
        yield Shot(f"launch-failed-{name}", f"/runs/{sample.run_of(project, session)}", PERSON)


_SECRET = "http://mira:secret@git.example.org/tides.git"  # noqa: S105 - what nobody should type there


def _own() -> Iterator[Shot]:
    yield Shot("tokens", "/me/tokens", PERSON)
    yield Shot("token-add", "/me/tokens/add", PERSON)
    yield Shot("git-login-add", "/me/git-logins/add", PERSON)


def _press(label: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=label).first.click()


def _follow(label: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("link", name=label).first.click()


def _ask(menu: str, entry: str) -> Callable[[Page], None]:
    def ask(page: Page) -> None:
        page.get_by_role("button", name=menu).first.click()
        page.get_by_role("link", name=entry).first.click()
        page.locator("dialog[open]").wait_for()

    return ask


def _check(image: str) -> Callable[[Page], None]:
    """Has the image of a new environment checked."""

    def check(page: Page) -> None:
        page.get_by_role("radio", name="An image").check()
        page.get_by_role("textbox", name="Image").fill(image)
        page.get_by_role("button", name="Check the image").click()
        page.locator("#checked").wait_for()

    return check


def _refused(values: dict[str, str], button: str = "") -> Callable[[Page], None]:
    """Fills a form in and sends it."""

    def send(page: Page) -> None:
        form = page.locator("main form[method=post]").first
        for name, value in values.items():
            form.locator(f"[name={name}]").first.fill(value)
        form.locator("button.primary").filter(has_text=button).first.click()
        page.locator("[aria-invalid=true]").first.wait_for()

    return send
