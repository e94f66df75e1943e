"""Sample data: projects and sessions in every state there is. All names are made up."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from scripts.pictures import images, past, recipes
from sessions_api.environments import seeding
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from tests.git_server import GitServer
from tests.registry_server import RegistryServer
from tests.served import Served, settled

PERSON, COLLEAGUE, VISITOR, NEWCOMER = "mira", "jonas", "tolu", "noor"
PEOPLE = (PERSON, COLLEAGUE, VISITOR, NEWCOMER)
HOST = "http://git.example.org"
"""git reaches it through the sample's git server, which is its proxy."""

LONG = "Seasonal drought indices in four river basins, compared by three methods over forty years"
_FILES = {
    "first-look.ipynb": '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}',
}


class SampleError(Exception):
    """The data did not become what it should."""


class Sample:
    """Makes the data, person by person, through the HTTP API."""

    def __init__(self, sojourn: Served, git: GitServer, registry: RegistryServer, home: Path) -> None:
        self._sojourn = sojourn
        self._git = git
        self._home = home
        self.image = images.push(registry)
        self._clients = {person: sojourn.client(person) for person in PEOPLE}
        self._urls: dict[str, str] = {}
        self.mira = self._clients[PERSON]
        self.invitation = ""

    def close(self) -> None:
        """Lets go of all connections."""
        for client in self._clients.values():
            client.close()

    def make(self) -> None:
        """Everything but the launch that is under way."""
        # In a thread, because Playwright's synchronous calls hold the loop of this one.
        in_thread = ThreadPoolExecutor(max_workers=1)
        in_thread.submit(asyncio.run, self._make_environments()).result()
        self._make_repositories()
        self._make_projects()
        self._make_own()
        in_thread.submit(asyncio.run, self._make_past()).result()
        self._launch()

    def launch_slowly(self) -> str:
        """Starts the session whose repository's host stops answering; returns the run's id."""
        self._git.break_with("reference-tiles", "stall")
        return str(self._start("terrain-correction", "mosaic-preview")["id"])

    def try_out(self, environment: str) -> None:
        """Has mira try an environment out; late, because the project Trials is among hers from then on."""
        run = self._post(f"/environments/{environment}/versions/1/trial", {})
        settled(self.mira, run["id"], "running", "failed", seconds=900)

    def run_of(self, project: str, session: str) -> str:
        """The id of mira's run of a session."""
        return str(self._get(f"/projects/{project}/sessions/{session}")["run"])

    def url_of(self, session: str) -> str:
        """The path at which a session of mira's answered when it was started."""
        return self._urls[session]

    async def _make_environments(self) -> None:
        database = Database(self._sojourn.data.database_url, Bus())
        try:
            for generation in recipes.generations():
                async with database.write() as db:
                    await seeding.seed(db, generation)
        finally:
            await database.close()

    async def _make_past(self) -> None:
        database = Database(self._sojourn.data.database_url, Bus())
        launches = (
            past.Past(
                "terrain-correction", "exploration", (3.1, 4.3, 5.2, 9.4, 12.2), (0.4, 1.9, 1.6), _CLONED
            ),
            past.Past(
                "terrain-correction", "mosaic-preview", (1.4, 2.2, 6.3, 8.1, 20.2), (0.2, 24, 1.4), _TILES
            ),
            past.Past("terrain-correction", "weekly-report", (4.6, 11.6, 18.6), (0.2, 1.4, 1.5), _CLONED),
            past.Past("harbour-sensors", "tide-tables", (2.3, 9.2), (0.2, 3, 1.5), ("tide-tables",)),
            past.Past("coastal-birds", "counting", (30.4,), (0.2, 3, 1.5), ()),
        )
        try:
            async with database.write() as db:
                for one in launches:
                    await past.write(db, PERSON, one)
        finally:
            await database.close()

    def _make_repositories(self) -> None:
        for name in (*_CLONED, *_TILES, "tide-tables", "sensor-formats", "counting-sheets", _LONG_REPOSITORY):
            self._git.create(name, {**_FILES, "README.md": f"# {name}\n"})
        self._git.commit(
            "terrain-correction-toolkit", _FILES | {"LICENCE": "Free\n"}, branch="release/2026-q3"
        )

    def _make_projects(self) -> None:
        self._make_harbour()
        self._make_long()
        self._project(COLLEAGUE, "Coastal birds", "Counts of waders on twelve beaches since 2011.", "public")
        self._repository("coastal-birds", "counting-sheets", person=COLLEAGUE)
        self._session("coastal-birds", "minimal", "Counting", person=COLLEAGUE)
        self._project(PERSON, "Reading group", "What the group reads on Thursdays.", "public")
        self._make_terrain()

    def _make_own(self) -> None:
        """What people have of their own, and what only owners of projects see."""
        for note, scope, days in (("Nightly report", "sessions", 90), ("Dashboard of the group", "read", 30)):
            self._post("/me/tokens", {"note": note, "scope": scope, "days": days})
        self._post("/me/git-logins", {"host": "git.example.org", "token": "not-a-real-one"})
        login = {"host": "registry.example.org", "username": "mira", "password": "not-a-real-one"}
        self._post("/me/registry-logins", login)
        slug = "terrain-correction"
        _answer(self.mira.put(f"/api/v1/projects/{slug}/groups/map-makers", json={"role": "viewer"}))
        made = self._post(f"/projects/{slug}/invitations", {"role": "viewer", "note": "Course of 2026"})
        self.invitation = "/join?" + str(made["link"]).partition("?")[2]
        run = {
            "command": ["jupyterhub-singleuser"],
            "front_end": "JupyterLab",
            "default_url": "/lab",
            "port": 8888,
        }
        version = {"requirements": recipes.MINIMAL.requirements, **run}
        own = {"name": "Tides", "description": "What harmonic analysis needs.", "keywords": ["harmonic"]}
        self._post("/environments", {**own, "version": version})

    def _make_terrain(self) -> None:
        slug = "terrain-correction"
        self._project(
            PERSON, "Terrain correction", "Orthorectified scenes for the northern test sites.", "private"
        )
        for person, role in ((COLLEAGUE, "editor"), (VISITOR, "viewer")):
            self._post(f"/projects/{slug}/members", {"person": person, "role": role})
        for name in (*_CLONED, *_TILES):
            self._repository(slug, name)
        for name in ("scenes", "results"):
            (self._home / name).mkdir()
            self._post(f"/projects/{slug}/storages", {"name": name, "path": str(self._home / name)})
        chosen: dict[str, Any] = {"repositories": [{"repository": name} for name in _CLONED]}
        self._session(slug, "python", "Exploration", cpus=4, memory_gib=8, **chosen)
        self._session(
            slug, "geodesy", "Mosaic preview", repositories=[{"repository": name} for name in _TILES]
        )
        self._session(slug, "minimal", "Quick notes", **chosen)
        self._session(slug, "training", "Classifier", cpus=8, memory_gib=16, **chosen)
        self._session(slug, "reports", "Weekly report", version=1, **chosen)

        self._post(f"/projects/{slug}/secrets", {"name": "catalogue-key", "value": "not-a-real-one"})
        days = ["mon", "tue", "wed", "thu", "fri"]
        times = {"zone": "Europe/Berlin", "start": {"at": "08:30", "days": days}}
        _answer(self.mira.put(f"/api/v1/projects/{slug}/sessions/exploration/timetable", json=times))

    def _make_harbour(self) -> None:
        slug = "harbour-sensors"
        self._project(
            PERSON, "Harbour sensors", "Water level, salinity and traffic in three harbours.", "private"
        )
        for name in ("tide-tables", "sensor-formats"):
            self._repository(slug, name)
        only: dict[str, Any] = {"repositories": [{"repository": "tide-tables"}]}
        self._session(slug, "minimal", "Tide tables", **only)
        gone: dict[str, Any] = {"repositories": [{"repository": "tide-tables", "ref": "release/2026-q3"}]}
        self._session(slug, "minimal", "Old release", **gone)
        self._session(slug, "minimal", "Formats", repositories=[{"repository": "sensor-formats"}])
        self._session(slug, "dashboard", "Live figures", **only)

    def _make_long(self) -> None:
        self._project(
            PERSON, LONG, f"{LONG}, with everything that is needed to do it once more. " * 3, "private"
        )
        slug = str(self._get("/projects?search=Seasonal")["items"][0]["slug"])
        self._repository(slug, _LONG_REPOSITORY)
        self._session(slug, "geodesy", "Standardised precipitation and evapotranspiration index, all basins")
        self._session(
            slug, "minimal", "standardized_precipitation_evapotranspiration_index_for_all_four_basins"
        )

    def _launch(self) -> None:
        """Real launches: one that runs, one that is paused, and those that fail, each in its own way."""
        self._settle("terrain-correction", "exploration", "running")
        self._settle("terrain-correction", "quick-notes", "running")
        self._post("/projects/terrain-correction/sessions/quick-notes/pause", {})
        settled(self.mira, self.run_of("terrain-correction", "quick-notes"), "paused")
        self._settle("terrain-correction", "classifier", "failed")
        self._settle("harbour-sensors", "old-release", "failed")
        self._git.break_with("sensor-formats", "unavailable")
        self._settle("harbour-sensors", "formats", "failed")
        self._settle("harbour-sensors", "live-figures", "failed")

    def _settle(self, project: str, session: str, phase: str) -> None:
        run = settled(self.mira, self._start(project, session)["id"], "running", "failed", seconds=900)
        if run["phase"] != phase:
            raise SampleError(f"{session} of {project} should be {phase} and is {run}")
        self._urls[session] = run["url"]

    def _start(self, project: str, session: str) -> Any:
        return self._post(f"/projects/{project}/sessions/{session}/start", {})

    def _project(self, person: str, name: str, description: str, visibility: str) -> None:
        body = {"name": name, "description": description.strip(), "visibility": visibility}
        self._post("/projects", body, person=person)

    def _repository(self, project: str, name: str, *, person: str = PERSON) -> None:
        self._post(f"/projects/{project}/repositories", {"url": f"{HOST}/{name}.git"}, person=person)

    def _session(
        self, project: str, environment: str, name: str, *, person: str = PERSON, **configuration: Any
    ) -> None:
        body = {"environment": environment, "name": name, **configuration}
        self._post(f"/projects/{project}/sessions", body, person=person)

    def _post(self, path: str, body: dict[str, Any], *, person: str = PERSON) -> Any:
        return _answer(self._clients[person].post(f"/api/v1{path}", json=body))

    def _get(self, path: str) -> Any:
        return _answer(self.mira.get(f"/api/v1{path}"))


_CLONED = ("terrain-correction-toolkit", "site-survey-notes")
_TILES = ("reference-tiles",)
_LONG_REPOSITORY = "drought_indices_and_their_uncertainties_for_four_river_basins_2026"


def _answer(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise SampleError(f"{answer.request.url}: {answer.text}")
    return answer.json()
