"""Values and names that a template, a shell or Kubernetes itself would read as something else."""

from __future__ import annotations

from base64 import b64decode
from random import Random

import pytest

from sessions_api.sessions.variables import MOST, VALUE_LENGTH
from tests.cluster.installation import Installation
from tests.e2e.projects import Project

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(300)]

PARTS = (
    *("{", "}", "{{", "}}", "{username}", "{{ .Values.url }}", "%s", "%(x)s"),
    *("$", "$$", "$(HOME)", "$(JUPYTERHUB_API_TOKEN)", "$$(HOME)", "${HOME}", "`id`", "$((1+1))"),
    *('"', "'", "\\", "\\n", "\n", "\r\n", "\t", " ", "  ", "#", ";", "&&", "|", "<", ">", "=", "-", "--"),
    *("é", "漢字", "🌊", "\u202e", "\x01", "\x7f", "\ufeff", "true", "null", "0x10", "~", "!!int 1"),
)
NAME = """{username} $(HOME) ${HOME} "quoted" 'too' \\ 漢字 🌊 <b>&amp;"""


def hostile(random: Random) -> str:
    return "".join(random.choices(PARTS, k=random.randint(1, 30)))


def test_a_hundred_hostile_values_arrive_in_the_pod_exactly(installation: Installation) -> None:
    random = Random(2026)  # noqa: S311 - the same values every time
    values = {f"HOSTILE_{number}": hostile(random) for number in range(MOST - 3)}
    values |= {"EMPTY": "", "LONG": "$(HOME)\n" * (VALUE_LENGTH // 8), "SPACES": " \n "}
    project = Project.create(installation, name=f"{NAME} {random.random()}")
    session = project.post("/sessions", {"environment": "minimal", "name": NAME, "variables": values})

    run = project.running(session["slug"])

    (pod,) = installation.pods(sojourn__run=run["id"])
    inside = ("-c", "notebook", "--", "base64", "-w0", "/proc/self/environ")
    encoded = installation.kubectl("exec", pod["metadata"]["name"], *inside)
    lines = b64decode(encoded).decode().split("\0")
    arrived = dict(line.split("=", 1) for line in lines if "=" in line)
    assert {name: arrived.get(name) for name in values} == values
    assert pod["metadata"]["annotations"]["sojourn/session-name"] == NAME
    assert pod["metadata"]["annotations"]["sojourn/project-name"].startswith(NAME)
    project.stop(run["id"], session["slug"])


@pytest.mark.parametrize(
    ("value", "said"),
    [("a\0b", "null character"), ("x" * 65_536, "10000 is the most")],
    ids=["a null character", "64 KiB"],
)
def test_a_value_that_cannot_arrive_is_refused_at_its_name(
    installation: Installation, value: str, said: str
) -> None:
    project = Project.create(installation)

    answer = project.http.post(
        f"{project.path}/sessions", json={"environment": "minimal", "variables": {"TOO_MUCH": value}}
    )

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "variables.TOO_MUCH"
    assert said in error["detail"]
