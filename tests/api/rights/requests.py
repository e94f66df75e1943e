"""What each route is sent so that nothing but a missing right stands in its way."""

from __future__ import annotations

from typing import Any

from tests.api.rights.world import LAB, OPEN, World

FORM = {
    "name": "Another",
    "visibility": "private",
    "made_of": "packages",
    "requirements": "jupyterlab==4.5.0\n",
    "front_end": "JupyterLab",
    "default_url": "/doc",
    "port": "8888",
    "command": "jupyterhub-singleuser",
}
TIMES = {"zone": "Europe/Berlin", "start": {"at": "08:30", "days": ["mon"]}}
BODIES: dict[str, Any] = {
    "POST /api/v1/projects": {"name": "Another"},
    "PATCH /api/v1/projects/{slug}": {"description": "Ice and rock."},
    "POST /api/v1/projects/{slug}/members": {"person": "newcomer"},
    "PATCH /api/v1/projects/{slug}/members/{person}": {"role": "viewer"},
    "PUT /api/v1/projects/{slug}/groups/{group}": {"role": "editor"},
    "POST /projects/{slug}/groups/add": {"group": "glaciers", "role": "viewer"},
    "POST /projects/{slug}/groups/{group}/edit": {"role": "owner"},
    "POST /api/v1/projects/{slug}/invitations": {"role": "editor", "people": 3},
    "POST /projects/{slug}/invitations/add": {"role": "viewer", "days": "2"},
    "POST /api/v1/projects/{slug}/repositories": {"url": "https://git.example.org/more.git"},
    "PATCH /api/v1/projects/{slug}/repositories/{repository}": {"shallow": True},
    "PATCH /api/v1/projects/{slug}/storages/{storage}": {"name": "Renamed"},
    "POST /api/v1/projects/{slug}/secrets": {"name": "second", "value": "v"},
    "PATCH /api/v1/projects/{slug}/secrets/{secret}": {"value": "w"},
    "POST /api/v1/projects/{slug}/git-logins": {"host": "other.example.org", "token": "t"},
    "PATCH /api/v1/projects/{slug}/git-logins/{login}": {"token": "u"},
    "POST /api/v1/projects/{slug}/registry-logins": {"host": "ghcr.io", "username": "u", "password": "p"},
    "PATCH /api/v1/projects/{slug}/registry-logins/{login}": {"password": "q"},
    "POST /api/v1/me/tokens": {"note": "Report", "scope": "sessions"},
    "POST /me/tokens/add": {"note": "Report", "scope": "everything", "days": "3"},
    "POST /api/v1/me/git-logins": {"host": "other.example.org", "token": "t"},
    "PATCH /api/v1/me/git-logins/{login}": {"token": "u"},
    "POST /api/v1/me/registry-logins": {"host": "ghcr.io", "username": "u", "password": "p"},
    "PATCH /api/v1/me/registry-logins/{login}": {"password": "q"},
    "POST /api/v1/projects/{slug}/sessions": {"environment": "minimal"},
    "PATCH /api/v1/projects/{slug}/sessions/{session}": {"description": "For maps."},
    "POST /api/v1/projects/{slug}/sessions/{session}/copy": {"project": OPEN},
    "POST /projects/{slug}/sessions/{session}/copy": {"project": OPEN},
    "POST /api/v1/projects/{slug}/sessions/{session}/update": {"version": 1},
    "PUT /api/v1/projects/{slug}/sessions/{session}/timetable": TIMES,
    "POST /projects/{slug}/sessions/{session}/times": {
        "zone": "UTC",
        "start_at": "06:15",
        "start_days": ["sat"],
    },
    "POST /api/v1/environments/check": {"image": "127.0.0.1:1/nothing:1"},
    "POST /api/v1/environments/read": {"name": "requirements.txt", "text": "numpy==2.3.5\n"},
    "POST /api/v1/environments": {"name": "Another", "version": LAB},
    "PATCH /api/v1/environments/{environment}": {"description": "For ice."},
    "POST /api/v1/environments/{environment}/versions": {**LAB, "default_url": "/doc"},
    "POST /api/v1/runs/{run_id}/shares": {"person": "edda"},
    "POST /runs/{run_id}/shares": {"person": "edda", "hours": "4"},
    "POST /internal/runs/live": {"runs": []},
    "POST /internal/runs/{run_id}/usage": {"attempt": 1, "cpus": 0.5, "memory_bytes": 1, "disk_bytes": 1},
    "POST /internal/runs/{run_id}/reports": {"attempt": 1, "reporter": "tests", "seq": 1, "events": []},
    "POST /api/v1/admin/resource-classes": {"name": "Wide", "cpus": 1, "memory_gib": 1},
    "PATCH /api/v1/admin/resource-classes/{name}": {"cpus": 3},
    "POST /api/v1/admin/resource-pools": {"name": "Rooms", "classes": ["other"]},
    "PATCH /api/v1/admin/resource-pools/{name}": {"quota": {"sessions": 3}},
    "POST /admin/{kinds}/add": {"name": "Wide", "cpus": "1", "memory_gib": "1"},
    "POST /admin/{kinds}/{name}/edit": {"name": "Halls", "cpus": "3", "memory_gib": "1"},
    "POST /admin/{kinds}/{name}/move": {"to": "2"},
    "POST /projects/new": {"name": "Another"},
    "POST /projects/{slug}/settings": {"name": "Renamed", "description": ""},
    "POST /projects/{slug}/members/add": {"person": "newcomer", "role": "viewer"},
    "POST /projects/{slug}/members/{person}/edit": {"role": "viewer"},
    "POST /projects/{slug}/repositories/add": {"url": "https://git.example.org/more.git"},
    "POST /projects/{slug}/repositories/{folder}/edit": {"url": "https://git.example.org/x.git"},
    "POST /projects/{slug}/secrets/add": {"name": "second", "value": "v"},
    "POST /projects/{slug}/secrets/{secret}/edit": {"name": "key", "value": "w"},
    "POST /projects/{slug}/git-logins/add": {"host": "other.example.org", "token": "t"},
    "POST /projects/{slug}/git-logins/{login}/edit": {"username": "u"},
    "POST /projects/{slug}/registry-logins/add": {"host": "ghcr.io", "username": "u", "password": "p"},
    "POST /projects/{slug}/registry-logins/{login}/edit": {"username": "v"},
    "POST /me/git-logins/add": {"host": "other.example.org", "token": "t"},
    "POST /me/git-logins/{login}/edit": {"username": "u"},
    "POST /me/registry-logins/add": {"host": "ghcr.io", "username": "u", "password": "p"},
    "POST /me/registry-logins/{login}/edit": {"username": "v"},
    "POST /projects/{slug}/sessions/add": {"environment": "minimal", "then": "stay"},
    "POST /projects/{slug}/sessions/{session}/configure": {"name": "Spare", "version": "1"},
    "POST /projects/{slug}/sessions/{session}/version": {"version": "1"},
    "POST /environments/add": FORM,
    "POST /environments/add/read": FORM,
    "POST /environments/{environment}/versions/add": FORM,
    "POST /environments/{environment}/versions/add/read": FORM,
    "POST /environments/{environment}/edit": {"name": "Renamed", "visibility": "private"},
    "POST /environments/{environment}/default": {"default": "on"},
    "POST /environments/{environment}/favourite": {"favourite": "on"},
}
QUERIES = {
    "GET /api/v1/projects/{slug}/sessions/{session}/copy": f"?project={OPEN}",
    "DELETE /api/v1/projects/{slug}": "?force=true",
    "GET /internal/runs/{run_id}/wish": "?wait=0",
    "GET /environments/{environment}/compare": "?before=1&after=2",
}
_SESSION = "chart"
"""Everybody's run is of this one; the other has none in the way of its removal."""
_WITHOUT_RUNS = ("DELETE", "/remove", "/configure", "/duplicate", "/update", "/version", "/default", "PATCH")


def _without_run(route: str) -> bool:
    return not route.endswith("/timetable") and any(word in route for word in _WITHOUT_RUNS)


def parts(route: str, world: World) -> dict[str, str]:
    """What stands in a path besides whose it is."""
    return {
        "person": "edda",
        "group": "mappers",
        "token": world.hub.made_token("vera", note="hush", scopes=["inherit"], expires_in=60)["id"],
        "invitation": world.ids["invitation"],
        "repository": "notes",
        "storage": "data",
        "folder": "data" if "/storages/" in route else "notes",
        "secret": "key",
        "login": "quay.io" if "registry" in route else "git.example.org",
        "session": "spare" if _without_run(route) else _SESSION,
        "number": "1",
        "before": "1",
        "after": "2",
        "run_id": world.ids["vera"],
        "kept_id": world.ids["kept"],
        "server": world.ids["server"],
        "rest": "lab",
        "wanted": "stop",
        "kinds": "resource-classes",
        "name": "halls",
        "share_id": "none",
    }


def body(route: str, world: World) -> Any:
    """What is sent along."""
    folder = str(world.folder / "home" / "data")
    if route == "POST /api/v1/projects/{slug}/storages":
        return {"kind": "folder", "name": "More", "path": folder}
    if route == "POST /projects/{slug}/storages/add":
        return {"way": "folder", "name": "More", "path": folder}
    if route == "POST /projects/{slug}/storages/{folder}/edit":
        return {"name": "Renamed", "path": folder, "folder": "data"}
    if route in {"POST /join", "POST /api/v1/join"}:
        return {"invitation": world.ids["link"]}
    return BODIES.get(route)


def query(route: str, world: World) -> str:
    """What is asked along."""
    return f"?{world.ids['link'].partition('?')[2]}" if route == "GET /join" else QUERIES.get(route, "")
