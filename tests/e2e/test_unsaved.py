"""What is said before a stop of work that is nowhere else, asked from a real session."""

from __future__ import annotations

import pytest

from tests.e2e.kernels import output_of
from tests.e2e.projects import Project
from tests.git_server import GitServer
from tests.stack import Stack

WORK = """
import subprocess
def git(folder, *arguments):
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)
open("unsaved/hello.txt", "w").write("changed")
open("unsaved/new.txt", "w").write("new")
git("unsaved", "commit", "-am", "One")
open("unsaved/hello.txt", "w").write("changed again")
"""


@pytest.mark.slow
def test_a_stop_and_a_pause_name_what_is_neither_committed_nor_pushed(
    sojourn: Stack, git_server: GitServer
) -> None:
    for name in ("unsaved", "pushed"):
        git_server.create(name, {"hello.txt": "from the repository"})
    project = Project.with_session(sojourn, git_server.url("unsaved"), git_server.url("pushed"))
    run = project.until(project.start()["id"], "running", "failed")
    output_of(sojourn, run, WORK)

    with sojourn.browser() as browser:
        page = browser.get(f"/projects/{project.slug}/sessions/minimal/stop").text
        pausing = browser.get(f"/projects/{project.slug}/sessions/minimal/pause").text

    assert "unsaved: 2 uncommitted files and 1 unpushed commit" in pausing.replace("\N{NO-BREAK SPACE}", " ")
    assert "1 kernel, with what they hold in memory" in pausing
    assert "unsaved: 2 uncommitted files and 1 unpushed commit" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "pushed:" not in page
    assert "could not be asked" not in page
    project.stop(run["id"])
