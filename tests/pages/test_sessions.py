"""Sessions on pages without a script: added, started, watched, stopped, and what their own address says."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.pages.conftest import Person, Site, ended, log, ready, stage
from tests.served import until

COMMIT = (
    "-c",
    "user.name=Ann",
    "-c",
    "user.email=a@example.org",
    "commit",
    "-q",
    "--allow-empty",
    "-m",
    "One",
)


def test_two_presses_lead_from_an_empty_project_to_a_launch(ann: Person, project: str) -> None:
    assert "Add and start" in ann.get(project).text

    answer = ann.submit(f"{project}/sessions/add", environment="minimal", then="start")

    assert answer.status_code == 303
    shown = ann.get(answer.headers["Location"])
    assert "Cancel launch" in shown.text
    assert '<noscript><meta http-equiv="refresh"' in shown.text


def test_a_second_session_of_a_live_environment_is_neither_added_nor_started(
    ann: Person, project: str
) -> None:
    ann.started(ann.session(project))

    answer = ann.submit(f"{project}/sessions/add", environment="minimal", then="start")

    assert answer.status_code == 409
    assert "Another of your sessions in this project runs the same environment." in answer.text
    assert ann.get(f"{project}/sessions/minimal-2/configure").status_code == 404


def test_starting_what_runs_leads_into_it(ann: Person, site: Site, project: str) -> None:
    session = ann.session(project)
    site.report(ann.started(session), ready("/user/ann/somewhere/lab"))

    assert ann.submit(f"{session}/start").headers["Location"] == "/user/ann/somewhere/lab"
    assert 'href="/user/ann/somewhere/lab"' in ann.get(project).text


@pytest.mark.slow
def test_a_hundred_requests_at_once_are_answered(ann: Person, project: str) -> None:
    async def all_at_once() -> list[int]:
        cookies = {"sojourn-login": ann.cookie}
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=ann.base_url, cookies=cookies, limits=limits, timeout=60, trust_env=False
        ) as client:
            answers = await asyncio.gather(*(client.get(project) for _ in range(100)))
        return [answer.status_code for answer in answers]

    assert asyncio.run(all_at_once()) == [200] * 100


def test_a_stop_is_done_when_the_hub_has_forgotten_the_server(ann: Person, site: Site, project: str) -> None:
    session = ann.session(project)
    run = ann.started(session)
    site.report(run, ready(site.address(run)))
    site.hub.removing = True

    ann.submit(f"{session}/stop")
    until(lambda: site.hub.removed or None, "the hub is asked for the end of all")
    site.report(run, ended())
    assert ann.phase(run) == "paused"

    site.hub.removing = False
    until(lambda: ann.phase(run) == "stopped" or None, "the stop is done")


def test_a_failure_says_what_happened_and_offers_what_helps(ann: Person, site: Site, project: str) -> None:
    session = ann.session(project)
    run = ann.started(session)
    site.report(run, stage("environment", "now"), log("error: no space left"))
    remedy = {"action": "use_ref", "label": "Use branch main", "folder": "maps", "ref": "main"}
    site.report(run, ended("Branch release no longer exists in maps.", **remedy))

    shown = ann.get(f"/runs/{run}").text
    assert "Branch release no longer exists in maps." in shown
    assert "<em>error: no space left</em>" in shown
    assert 'name="folder" value="maps"' in shown
    assert "it_broke" in shown
    assert "Use branch main" in ann.get(project).text
    assert ann.get(f"/runs/{run}/log.txt").text.endswith("build: error: no space left\n")


def test_a_failure_shows_what_a_program_said_and_the_log_does_not(
    ann: Person, site: Site, project: str
) -> None:
    run = ann.started(ann.session(project))
    failure = ended("Minimal was not built.")
    failure["reason"]["detail"] = "error: no solution\ncause: two versions of one package"
    site.report(run, log("error: no solution"), failure)

    shown = ann.get(f"/runs/{run}").text
    assert "cause: two versions of one package</pre>" in shown
    assert shown.count("error: no solution") == 1


def test_the_question_before_a_stop_says_what_is_lost(ann: Person, site: Site, project: str) -> None:
    session = ann.session(project)
    site.report(ann.started(session), ready("/user/ann/somewhere/lab"))

    text = ann.get(f"{session}/stop").text
    assert "Stopping ends it and deletes this session's own /work." in text.replace("&#39;", "'")
    assert "Pause instead" in text
    assert "Keep running" in text


def test_a_session_that_cannot_be_asked_what_is_not_pushed_is_stopped_knowing_that(
    ann: Person, site: Site, project: str, tmp_path: Path
) -> None:
    repository = tmp_path / "tides"
    for arguments in (("init", "-q", str(repository)), ("-C", str(repository), *COMMIT)):
        subprocess.run(["git", *arguments], check=True)
    ann.submit(f"{project}/repositories/add", url=str(repository))
    session = ann.session(project)
    run = ann.started(session)
    site.report(run, ready(f"{site.address(run)}lab"))

    text = ann.get(f"{session}/stop").text

    assert "The session could not be asked what is not pushed yet" in text
    assert "Commits and changes in tides that were not pushed" in text


def test_nothing_can_be_stopped_that_was_never_started(ann: Person, project: str) -> None:
    answer = ann.get(f"{ann.session(project)}/stop")

    assert answer.status_code == 409
    assert "You never started Minimal" in answer.text


def test_the_address_of_a_paused_session_offers_to_resume_it(ann: Person, site: Site, project: str) -> None:
    session = ann.session(project)
    run = ann.started(session)
    address = site.address(run)
    site.report(run, ready(f"{address}lab"))
    ann.paused(session, run)

    shown = ann.get(f"{address}lab/tree/maps")
    assert shown.status_code == 424
    assert "Resume session" in shown.text
    assert address in shown.text.replace("<wbr>", "")

    for method in ("GET", "POST"):
        answer = ann.request(method, f"{address}api/kernels", headers={"Accept": "application/json"})
        assert answer.status_code == 424
        assert answer.json()["code"] == "not_running"


def test_the_address_of_a_paused_session_leads_to_what_a_newer_version_changes(
    ann: Person, site: Site, project: str
) -> None:
    fields = {
        "made_of": "packages",
        "front_end": "JupyterLab",
        "port": "8888",
        "default_url": "/lab",
        "command": "jupyterhub-singleuser",
    }
    made = ann.submit("/environments/add", name="Paused", requirements="numpy==1.26.4\n", **fields)
    path = made.headers["Location"]
    session = ann.session(project, path.rsplit("/", 1)[1])
    run = ann.started(session)
    address = site.address(run)
    site.report(run, ready(f"{address}lab"))
    ann.paused(session, run)
    assert "Resume stays with" not in ann.get(address).text
    ann.submit(f"{path}/versions/add", requirements="numpy==2.3.5\n", **fields)

    text = ann.get(address).text
    assert "Version 2 of Paused is there. Resume stays with version 1." in text
    assert f'href="{path}/versions/1...2"' in text


def test_a_session_that_is_just_ready_is_opened_as_soon_as_its_address_leads_there(
    ann: Person, site: Site, project: str
) -> None:
    run = ann.started(ann.session(project))
    address = site.address(run)
    site.report(run, ready(f"{address}lab"))

    answer = ann.get(f"{address}lab")

    assert answer.status_code == 424
    assert "Opening Minimal" in answer.text
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in answer.text


def test_somebody_elses_session_does_not_exist(ann: Person, bob: Person, site: Site, project: str) -> None:
    run = ann.started(ann.session(project))

    assert bob.get(site.address(run)).status_code == 404
    assert bob.get(f"/runs/{run}").status_code == 404


def test_a_removal_names_who_loses_a_live_session(ann: Person, bob: Person, site: Site, project: str) -> None:
    ann.submit(f"{project}/members/add", person="bob", role="viewer")
    session = ann.session(project)
    site.report(bob.started(session), ready("/user/bob/somewhere/lab"))

    assert "It is live for bob" in ann.get(f"{session}/remove").text
    assert "Stop 1 run and remove" in ann.get(f"{session}/remove").text
    assert "live for bob, is stopped first" in ann.get(f"{project}/delete").text
    assert ann.submit(f"{session}/remove").status_code == 303
    assert "Add the first session" in ann.get(project).text


@pytest.mark.parametrize("query", ["", "?q=minimal", "?q=nothing-like-that"])
def test_environments_can_be_searched(ann: Person, query: str) -> None:
    text = ann.get(f"/environments{query}").text

    assert ("No environment matches" in text) == ("nothing" in query)


def test_what_is_installed_can_be_searched(ann: Person) -> None:
    everything, found = (
        ann.get("/environments/minimal").text,
        ann.get("/environments/minimal?package=JUPYTERLAB").text,
    )

    assert everything.count("<tr>") > found.count("<tr>") > 1
    assert "jupyterlab" in found.replace("<wbr>", "")
