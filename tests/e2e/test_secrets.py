"""Secrets and git logins on the whole way: into a session, and nowhere else."""

from __future__ import annotations

import json

from tests.e2e.kernels import output_of
from tests.e2e.projects import API, Project
from tests.e2e.streams import events
from tests.git_server import GitServer
from tests.stack import Stack

LOOK = """
import json, os, pathlib, subprocess
folder = pathlib.Path(os.environ["SOJOURN_SECRETS"])
pulled = subprocess.run(["git", "pull"], cwd="locked", capture_output=True, text=True)
print(json.dumps({
    "files": {path.name: path.read_text() for path in folder.iterdir()},
    "variable": os.environ["DEPLOY_KEY"],
    "pulled": pulled.returncode,
    "config": pathlib.Path("locked/.git/config").read_text(),
}))
"""


def test_secrets_reach_the_session_and_a_private_repository_and_lie_nowhere_else(
    sojourn: Stack, git_server: GitServer
) -> None:
    git_server.create("locked", {"a.txt": "one"})
    git_server.make_private("locked", "oauth2", "s3cret-of-git")
    project = Project.with_session(sojourn, git_server.url("locked"))
    project.post("/git-logins", {"host": git_server.url("locked"), "token": "s3cret-of-git"})
    project.post("/secrets", {"name": "deploy-key", "value": "s3cret-value\n", "variable": "DEPLOY_KEY"})

    accepted = project.start()
    seen = events(sojourn, accepted["events"], enough=lambda event: '"running"' in event.data)
    run = project.run(accepted["id"])
    assert run["phase"] == "running", run["reason"]
    found = json.loads(output_of(sojourn, run, LOOK))

    assert found["files"] == {"deploy-key": "s3cret-value\n"}
    assert found["variable"] == "s3cret-value\n"
    assert found["pulled"] == 0
    assert "s3cret" not in found["config"]
    assert not any("s3cret" in event.data for event in seen)
    assert "s3cret" not in json.dumps(run) + project.http.get(f"{API}/runs/{run['id']}/log").text

    of_run = f"runs/{run['id']}/"
    private = {f"{of_run}secrets/deploy-key", f"{of_run}git/127.0.0.1_{git_server.server_port}"}
    assert lying_around(sojourn) == private
    project.stop(run["id"])
    assert lying_around(sojourn) == set()


def lying_around(stack: Stack) -> set[str]:
    """Files of the data folder that hold something of the secrets: database, logs, records, work."""
    root = stack.data.root
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and b"s3cret" in path.read_bytes()
    }
