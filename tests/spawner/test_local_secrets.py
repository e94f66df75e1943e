"""What is secret of a session on this computer: through a real JupyterHub, as real processes."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

from pydantic import SecretStr

from spawner import local_secrets
from spawner.git_logins import credential
from spawner.spec import GitLogin, LaunchSpec, RepositorySpec, RunSecrets, SecretSpec
from tests.git_server import GitServer
from tests.spawner.conftest import MakeSpec
from tests.spawner.hub import Hub
from tests.spawner.stand_in_api import StandInApi
from tests.spawner.test_local_sessions import ask_session, launch, run

KEY = "-----BEGIN-----\nvery s3cret\n-----END-----\n"
SECRETS = (SecretSpec(name="deploy-key", variable="DEPLOY_KEY"), SecretSpec(name="file.only", variable=None))


def with_secrets(api: StandInApi, spec: LaunchSpec, git: dict[str, GitLogin] | None = None) -> LaunchSpec:
    values = {"deploy-key": SecretStr(KEY), "file.only": SecretStr("file only s3cret")}
    api.secrets[spec.run] = RunSecrets(values=values if spec.secrets else {}, git=git or {})
    return spec


def private(git: GitServer) -> tuple[RepositorySpec, dict[str, GitLogin]]:
    """A private repository, and what opens it."""
    commit = git.create("bar", {"a.txt": "one"})
    git.make_private("bar", "oauth2", "git s3cret")
    host = f"127.0.0.1:{git.server_port}"
    name = credential(host)
    repository = RepositorySpec(
        url=git.url("bar"), ref="main", commit=commit, branch="main", folder="bar", credential=name
    )
    return repository, {name: GitLogin(host=host, username="oauth2", token=SecretStr("git s3cret"))}


def files_with(folder: Path, words: str) -> list[str]:
    """Files below a folder that hold the words."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and words in path.read_text(errors="replace")
    ]


def test_a_session_finds_its_secrets_as_private_files_and_variables(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = run(hub, api, with_secrets(api, make_spec(secrets=SECRETS)))

    seen = ask_session(hub, spec, "environment").json()

    folder = Path(seen["SOJOURN_SECRETS"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "deploy-key": KEY,
        "file.only": "file only s3cret",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert seen["DEPLOY_KEY"] == KEY
    assert "file only s3cret" not in {**seen, "argv": ""}.values()


def test_secrets_are_in_no_log_report_or_file_but_their_own(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = run(hub, api, with_secrets(api, make_spec(secrets=SECRETS)))

    assert "s3cret" not in hub.log()
    assert not any("s3cret" in event.model_dump_json() for event in api.events(spec.run))
    others = f"runs/run-(?!{spec.run.removeprefix('run-')})"
    assert sorted(path for path in files_with(hub.data, "s3cret") if not re.match(others, path)) == [
        f"runs/{spec.run}/secrets/deploy-key",
        f"runs/{spec.run}/secrets/file.only",
    ]


def test_what_is_secret_is_deleted_when_the_session_ends(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer
) -> None:
    repository, logins = private(git)
    spec = make_spec(secrets=SECRETS, repositories=(repository,))
    run(hub, api, with_secrets(api, spec, logins))
    assert files_with(hub.data / "runs" / spec.run, "s3cret")

    ask_session(hub, spec, "crash")
    api.wait_ended(spec.run)

    assert not files_with(hub.data / "runs" / spec.run, "s3cret")


def test_a_launch_that_fails_leaves_nothing_secret(hub: Hub, api: StandInApi, make_spec: MakeSpec) -> None:
    spec = with_secrets(api, make_spec(secrets=SECRETS, variables={"BEHAVIOUR": "crash"}))

    launch(hub, api, spec)
    api.wait_ended(spec.run)

    assert not files_with(hub.data / "runs" / spec.run, "s3cret")


def test_a_private_repository_is_cloned_and_pushed_to_without_leaving_the_token_anywhere(
    hub: Hub, api: StandInApi, make_spec: MakeSpec, git: GitServer
) -> None:
    repository, logins = private(git)
    spec = run(hub, api, with_secrets(api, make_spec(repositories=(repository,)), logins))
    work = hub.data / "work" / spec.work
    seen = ask_session(hub, spec, "environment").json()

    in_session = {name: value for name, value in seen.items() if name.startswith("GIT_")}
    listed = subprocess.run(
        ["git", "ls-remote", "origin"],
        cwd=work / "bar",
        env={
            "PATH": os.environ["PATH"],
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            **in_session,
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert repository.commit in listed.stdout
    assert (work / "bar" / "a.txt").read_text() == "one"
    assert files_with(work, "s3cret") == []
    assert "s3cret" not in "".join(in_session.values())
    assert "s3cret" not in hub.log()


def test_a_session_without_git_logins_has_gits_own_settings(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = run(hub, api, make_spec())

    seen = ask_session(hub, spec, "environment").json()

    assert not any(name.startswith("GIT_CONFIG") for name in seen)
    assert list(Path(seen["SOJOURN_SECRETS"]).iterdir()) == []


def test_a_secret_that_is_gone_is_left_out_and_the_rest_is_there(tmp_path: Path, make_spec: MakeSpec) -> None:
    spec = make_spec(secrets=SECRETS)
    secrets = RunSecrets(values={"file.only": SecretStr("x")}, git={})

    variables = local_secrets.write(tmp_path, spec, secrets)

    assert [path.name for path in Path(variables["SOJOURN_SECRETS"]).iterdir()] == ["file.only"]
    assert local_secrets.variables(spec, secrets) == {}


def test_secrets_that_are_not_handed_out_fail_the_launch_with_the_apis_sentence(
    hub: Hub, api: StandInApi, make_spec: MakeSpec
) -> None:
    spec = make_spec(secrets=SECRETS)
    api.withheld[spec.run] = "The secret deploy-key cannot be opened."

    launch(hub, api, spec)
    reason = api.wait_ended(spec.run).reason

    assert reason is not None
    assert (reason.code, reason.hint) == ("secrets_refused", "The secret deploy-key cannot be opened.")
