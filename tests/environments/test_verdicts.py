"""Verdicts on images, from what these tell of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from sessions_api.environments.checks.verdicts import Facts, Verdict, verdict


def judged(**said: Any) -> Verdict:
    facts: dict[str, Any] = {"user": "1000", "ports": (), "program": (), "instructions": (), "labels": {}}
    facts |= {"programs": {}, "is_known": False}
    return verdict(Facts(**facts | said))


@pytest.mark.parametrize(
    "said",
    [
        {"program": ("tini", "--", "jupyterhub-singleuser")},
        {"program": ("sh", "-c", "exec /opt/bin/jupyterhub-singleuser --debug")},
        {"instructions": ("RUN pip install jupyterhub jupyterlab",), "ports": (8888,)},
    ],
)
def test_what_has_the_single_user_server_works_as_it_is(said: dict[str, Any]) -> None:
    found = judged(**said)

    assert found.kind == "as_it_is"
    assert found.run is not None
    assert (found.run.gate, found.run.default_url) == (None, "/lab")


def test_what_was_found_in_it_counts_and_what_is_told_does_not_when_all_was_read() -> None:
    history = ("RUN pip install jupyterhub jupyterlab && pip uninstall jupyterhub",)

    found = judged(instructions=history, programs={"jupyter-lab": "/opt/bin/jupyter-lab"}, is_known=True)

    assert found.kind == "behind_gate"
    assert found.fix == "It has /opt/bin/jupyter-lab."


def test_jupyterlab_alone_works_behind_the_gate_below_the_session_s_path() -> None:
    found = judged(instructions=("RUN pip install jupyterlab",))

    assert found.sentence == "This image works behind the gate on port 8888."
    assert found.run is not None
    assert found.run.gate is not None
    assert found.run.gate.prefix == "keep"
    assert "$SOJOURN_PREFIX" in found.run.command[-1]


def test_code_server_works_behind_the_gate_without_its_own_login() -> None:
    found = judged(program=("dumb-init", "/usr/bin/code-server"), ports=(8080,))

    assert (found.kind, found.run and found.run.front_end) == ("behind_gate", "VS Code")
    assert found.run is not None
    assert "--auth=none" in found.run.command


def test_what_else_an_image_has_can_be_run_in_the_place_of_what_leads() -> None:
    programs = {
        "jupyterhub-singleuser": "/opt/bin/jupyterhub-singleuser",
        "jupyter-lab": "/opt/bin/jupyter-lab",
        "code-server": "/usr/bin/code-server",
        "openvscode-server": "/opt/openvscode/bin/openvscode-server",
    }

    found = judged(programs=programs, is_known=True)

    assert found.run is not None
    assert (found.run.front_end, [each.name for each in found.run.front_ends]) == ("JupyterLab", ["VS Code"])
    assert found.run.front_ends[0].command[0] == "code-server"
    assert found.run.front_ends[0].gate is not None
    assert found.fix == "It has /opt/bin/jupyterhub-singleuser. Sessions can run VS Code in its place."


def test_an_image_with_one_program_that_is_known_has_no_other_front_end() -> None:
    found = judged(programs={"openvscode-server": "/opt/bin/openvscode-server"}, is_known=True)

    assert found.run is not None
    assert (found.run.front_end, found.run.front_ends) == ("VS Code", ())
    assert found.run.gate is not None
    assert found.run.gate.prefix == "keep"
    assert "--server-base-path=${SOJOURN_PREFIX%/}" in found.run.command[-1]


def test_any_web_server_works_behind_the_gate_on_the_port_that_it_says() -> None:
    found = judged(program=("serve",), ports=(80, 8501, 9000))

    assert found.sentence == "This image works behind the gate on port 8501."
    assert found.run is not None
    assert found.run.command == ()


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ({"program": ("bash",)}, "EXPOSE"),
        ({"ports": (8080,)}, "ENTRYPOINT"),
        ({"program": ("nginx",), "ports": (80,)}, "1024 or more"),
    ],
)
def test_what_will_not_work_says_why_and_what_to_do(said: dict[str, Any], fix: str) -> None:
    found = judged(**said)

    assert (found.kind, found.run) == ("will_not_work", None)
    assert found.sentence.startswith("This image will not work because ")
    assert fix in found.fix


@pytest.mark.parametrize(
    ("user", "uid", "gid", "told"),
    [
        ("", 1000, 100, "runs as root by itself"),
        ("root", 1000, 100, "runs as root by itself"),
        ("0:0", 1000, 100, "runs as root by itself"),
        ("jovyan", 1000, 100, "Its user jovyan"),
        ("1001", 1001, 100, ""),
        ("1001:2000", 1001, 2000, ""),
        ("99999999999", 1000, 100, "Its user 99999999999"),
    ],
)
def test_nobody_runs_as_root(user: str, uid: int, gid: int, told: str) -> None:
    found = judged(user=user, program=("serve",), ports=(8080,))

    assert found.run is not None
    assert (found.run.uid, found.run.gid) == (uid, gid)
    assert told in found.fix
