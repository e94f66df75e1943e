"""The client and a Sojourn that is up."""

from __future__ import annotations

from pathlib import Path

import pytest

from sojourn import AsyncClient, Client, Conflict, NotRunning
from sojourn.client import LogEvent, StageEvent
from tests.stack import Stack


def test_a_data_folder_without_sojourn_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match=str(tmp_path)):
        Client.from_data(tmp_path)


def test_everything_of_a_project_is_at_hand(sojourn: Stack) -> None:
    with Client.from_data(sojourn.data.root) as client:
        assert client.me().name == sojourn.owner
        project = client.projects.create("Typed client", visibility="public")
        changed = client.projects.change(project.slug, if_match=project.etag, description="about it")
        assert (changed.description, changed.visibility) == ("about it", "public")
        client.members(project.slug).add("bob")
        assert client.members(project.slug).change("bob", role="editor").role == "editor"
        secrets, logins = client.secrets(project.slug), client.git_logins(project.slug)
        secret = secrets.add("key", "one line\n", variable="KEY")
        assert secrets.change("key", if_match=secret.etag, value="other", variable=None).variable is None
        assert logins.add("git.example.org", "token").username == "oauth2"
        assert logins.change("git.example.org", username="ann").username == "ann"
        assert [each.name for each in secrets.list()] + [each.host for each in logins.list()] == [
            "key",
            "git.example.org",
        ]
        secrets.remove("key")
        logins.remove("git.example.org")
        assert client.git_logins().get(client.git_logins().add("git.example.org", "token").id).host
        client.git_logins().remove("git.example.org")
        environment = client.environments.get("minimal")
        version = client.environments.version("minimal", environment.latest.number)
        assert "jupyterlab" in {package.name for package in version.packages}
        session = client.sessions(project.slug).add("minimal", name="One", cpus=1.5)
        copy = client.sessions(project.slug).duplicate(session.slug)
        assert (session.default, copy.default, copy.cpus) == (True, False, 1.5)
        client.sessions(project.slug).remove(copy.slug)
        assert [each.slug for each in client.sessions(project.slug).list()] == ["one"]
        with pytest.raises(Conflict):
            client.sessions(project.slug).pause("one")
        client.projects.delete(project.slug)


@pytest.mark.slow
async def test_a_run_is_watched_from_its_start_to_its_stop(sojourn: Stack) -> None:
    async with AsyncClient.from_data(sojourn.data.root) as client:
        project = await client.projects.create("Watched")
        session = await client.sessions(project.slug).add("minimal")
        run = await client.start(project.slug)
        assert run.under_way
        run = await client.runs.wait(run)
        assert run.phase == "running", run.reason
        assert (await client.runs.log(run.id, tail=5)).lines
        await client.sessions(project.slug).stop(session.slug)
        events = [event async for event in client.runs.events(run)]
        assert {"queued", "ready"} <= {event.key for event in events if isinstance(event, StageEvent)}
        assert any(isinstance(event, LogEvent) for event in events)
        stopped = await client.runs.wait(run)
        assert (stopped.phase, stopped.under_way) == ("stopped", False)
        assert [each.id async for each in client.runs.list(project=project.slug)] == [run.id]
        await client.projects.delete(project.slug)
