"""Which pictures are taken."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.pictures.camera import TWO, Shot
from scripts.pictures.doing import ask, ask_at_once, check, filled, follow, press, read, refused
from scripts.pictures.sample import COLLEAGUE, NEWCOMER, PERSON, VISITOR, Sample

TERRAIN = "/projects/terrain-correction"
HARBOUR = "/projects/harbour-sensors"


def before() -> Iterator[Shot]:
    """Pictures of a Sojourn in which there is nothing yet."""
    yield Shot("projects-none", "/projects", NEWCOMER, looks=TWO)


def while_launching(run: str) -> Iterator[Shot]:
    """Pictures of a launch that is under way; it goes on for half a minute."""
    yield Shot("project", TERRAIN, PERSON)
    yield Shot("launch", f"/runs/{run}", PERSON)
    yield Shot("projects", "/projects", PERSON)
    yield Shot("project-menu", TERRAIN, PERSON, press("More for Exploration"), whole=False)
    yield Shot("project-start", TERRAIN, PERSON, press("Choose another session"), whole=False)


def afterwards(sample: Sample) -> Iterator[Shot]:
    """All other pictures."""
    yield from _projects()
    yield from _sessions(sample)
    yield from _runs(sample)
    yield from _members(sample)
    yield from _own()
    yield from _environments(sample)
    yield Shot("forbidden", "/admin", PERSON, looks=TWO)
    yield Shot("not-found", "/projects/no-such-project", PERSON, looks=TWO)
    yield Shot("logged-out", "/logged-out", None, looks=TWO)
    yield Shot("login", "/hub/login", None)
    yield Shot("login-used", "/hub/link?key=used", None, looks=TWO)


def _projects() -> Iterator[Shot]:
    yield Shot("projects-empty", "/projects?q=glacier", PERSON, looks=TWO)
    yield Shot("projects-newcomer", "/projects", NEWCOMER, looks=TWO)
    yield Shot("project-new", "/projects/new", PERSON, looks=TWO)
    secret = refused({"name": "Tides", "repository": _SECRET})
    yield Shot("project-new-refused", "/projects/new", PERSON, secret, looks=TWO)
    yield Shot("project-empty", "/projects/reading-group", PERSON)
    yield Shot("project-empty-viewer", "/projects/reading-group", NEWCOMER, looks=TWO)
    yield Shot("project-viewer", TERRAIN, VISITOR, looks=TWO)
    yield Shot("project-editor", TERRAIN, COLLEAGUE, looks=TWO)
    yield Shot("project-failed", HARBOUR, PERSON)
    yield Shot("project-long", "/projects", PERSON, follow("Seasonal drought"))
    yield Shot("project-settings", f"{TERRAIN}/settings", PERSON)
    yield Shot("project-delete", f"{TERRAIN}/delete", PERSON, looks=TWO)
    yield Shot("repository-add", f"{TERRAIN}/repositories/add", PERSON, looks=TWO)
    twice = {"url": "http://git.example.org/old/site-survey-notes.git"}
    yield Shot("repository-refused", f"{TERRAIN}/repositories/add", PERSON, refused(twice), looks=TWO)
    yield Shot("repository-edit", f"{TERRAIN}/repositories/reference-tiles/edit", PERSON, looks=TWO)
    yield Shot("repository-remove", f"{TERRAIN}/repositories/site-survey-notes/remove", PERSON, looks=TWO)
    yield Shot("storage-add", f"{TERRAIN}/storages/add", PERSON, looks=TWO)
    nowhere = {"name": "Scans", "path": "/mnt/scans"}
    yield Shot("storage-refused", f"{TERRAIN}/storages/add", PERSON, refused(nowhere), looks=TWO)
    yield Shot("storage-edit", f"{TERRAIN}/storages/scenes/edit", PERSON, looks=TWO)
    yield Shot("storage-remove", f"{TERRAIN}/storages/scenes/remove", PERSON, looks=TWO)
    yield Shot("member-add", f"{TERRAIN}/members/add", PERSON, looks=TWO)
    yield Shot("history", f"{TERRAIN}/history", PERSON)
    yield Shot("project-activity", f"{TERRAIN}/activity", PERSON)
    yield Shot("invitation-add", f"{TERRAIN}/invitations/add", PERSON, looks=TWO)
    yield Shot("secret-add", f"{TERRAIN}/secrets/add", PERSON, looks=TWO)
    yield Shot("secret-edit", f"{TERRAIN}/secrets/catalogue-key/edit", PERSON, looks=TWO)
    yield Shot("secret-remove", f"{TERRAIN}/secrets/catalogue-key/remove", PERSON, looks=TWO)


def _sessions(sample: Sample) -> Iterator[Shot]:
    session = f"{TERRAIN}/sessions/exploration"
    yield Shot("session-add", f"{TERRAIN}/sessions/add", PERSON)
    yield Shot("configure", f"{session}/configure", PERSON)
    wrong = {"name": "Quick notes", "cpus": "many", "memory_gib": "0"}
    yield Shot("configure-refused", f"{session}/configure", PERSON, refused(wrong, "Save"), looks=TWO)
    yield Shot("session-stop", TERRAIN, PERSON, ask("More for Exploration", "Stop…"), whole=False)
    yield Shot("session-stop-page", f"{session}/stop", PERSON, looks=TWO)
    yield Shot("session-pause", f"{session}/pause", PERSON, looks=TWO)
    yield Shot("session-times", f"{session}/times", PERSON)
    yield Shot("session-restart", f"{session}/restart", PERSON, looks=TWO)
    yield Shot("session-copy", f"{session}/copy", PERSON, looks=TWO)
    yield Shot("session-start-link", f"{TERRAIN}/sessions/mosaic-preview/start", PERSON, looks=TWO)
    yield Shot("session-remove", f"{session}/remove", PERSON, looks=TWO)
    yield Shot("resume", sample.url_of("quick-notes"), PERSON)
    yield Shot("resume-stranger", sample.url_of("quick-notes"), COLLEAGUE, looks=TWO)


def _runs(sample: Sample) -> Iterator[Shot]:
    running = sample.run_of("terrain-correction", "exploration")
    yield Shot("launch-done", f"/runs/{running}", PERSON)
    yield Shot("shares-off", f"/runs/{running}/shares", PERSON, looks=TWO)
    yield Shot("log", f"/runs/{running}/log", PERSON, looks=TWO)
    for name, project, session in (
        ("build", "terrain-correction", "classifier"),
        ("stalled", "terrain-correction", "mosaic-preview"),
        ("ref", "harbour-sensors", "old-release"),
        ("unreachable", "harbour-sensors", "formats"),
        ("crashed", "harbour-sensors", "live-figures"),
    ):
        yield Shot(f"launch-failed-{name}", f"/runs/{sample.run_of(project, session)}", PERSON, looks=TWO)


_SECRET = "http://mira:secret@git.example.org/tides.git"  # noqa: S105 - what nobody should type there


def _own() -> Iterator[Shot]:
    yield Shot("tokens", "/me/tokens", PERSON, looks=TWO)
    yield Shot("token-add", "/me/tokens/add", PERSON, looks=TWO)
    yield Shot("git-login-add", "/me/git-logins/add", PERSON, looks=TWO)
    revoke = ask_at_once("Revoke")
    yield Shot("token-revoke", "/me/tokens", PERSON, revoke, whole=False, looks=TWO)
    yield Shot("token-made", "/me/tokens/add", PERSON, filled({"note": "Course"}, then="#token"), looks=TWO)
    yield Shot("git-logins", "/me/git-logins", PERSON, looks=TWO)
    yield Shot("git-login-edit", "/me/git-logins", PERSON, follow("git.example.org"), looks=TWO)
    yield Shot("registry-logins", "/me/registry-logins", PERSON, looks=TWO)
    yield Shot("registry-logins-none", "/me/registry-logins", NEWCOMER, looks=TWO)
    yield Shot("registry-login-add", "/me/registry-logins/add", PERSON, looks=TWO)


def _members(sample: Sample) -> Iterator[Shot]:
    yield Shot("member-edit", f"{TERRAIN}/members/{COLLEAGUE}/edit", PERSON, looks=TWO)
    yield Shot("member-remove", f"{TERRAIN}/members/{COLLEAGUE}/remove", PERSON, looks=TWO)
    yield Shot("group-add", f"{TERRAIN}/groups/add", PERSON, looks=TWO)
    yield Shot("group-edit", f"{TERRAIN}/groups/map-makers/edit", PERSON, looks=TWO)
    yield Shot("group-remove", f"{TERRAIN}/groups/map-makers/remove", PERSON, looks=TWO)
    yield Shot("join", sample.invitation, NEWCOMER, looks=TWO)
    made = filled({}, then="#link")
    yield Shot("invitation-made", f"{HARBOUR}/invitations/add", PERSON, made, looks=TWO)


def _environments(sample: Sample) -> Iterator[Shot]:
    yield Shot("environments", "/environments", PERSON)
    yield Shot("environments-nothing", "/environments?q=spreadsheet", PERSON, looks=TWO)
    yield Shot("environment", "/environments/geodesy", PERSON)
    yield Shot("environment-version", "/environments/geodesy/versions/2", PERSON, looks=TWO)
    yield Shot("environment-changes", "/environments/geodesy/versions/1...3", PERSON)
    yield Shot("environment-check", "/environments/add", PERSON, check(sample.image), looks=TWO)
    yield Shot("environment-add", "/environments/add", PERSON, looks=TWO)
    yield Shot("environment-file", "/environments/add", PERSON, read(_FILE), looks=TWO)
    yield Shot("environment-file-refused", "/environments/add", PERSON, read("numpy>=2\n-e ."), looks=TWO)
    sample.try_out("tides")
    yield Shot("environment-own", "/environments/tides", PERSON, looks=TWO)
    yield Shot("environment-edit", "/environments/tides/edit", PERSON, looks=TWO)
    yield Shot("environment-version-add", "/environments/tides/versions/add", PERSON, looks=TWO)
    yield Shot("environment-delete", "/environments/tides/delete", PERSON, looks=TWO)


_FILE = "jupyterhub==5.4.0\njupyterlab==4.4.9\nnumpy==2.3.4\n"
"""A file of requirements that needs no index."""
