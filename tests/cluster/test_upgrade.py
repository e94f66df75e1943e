"""An upgrade under running sessions, and what an uninstall leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.conftest import free_node_port
from tests.cluster.installation import Installation, trial_values
from tests.e2e.kernels import output_of
from tests.e2e.projects import Project
from tests.kube import fresh_namespace
from tests.stack import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(900)]


def test_sessions_outlive_an_upgrade_and_uninstalling_leaves_what_it_says(
    kubernetes: str, tmp_path: Path
) -> None:
    with fresh_namespace(prefix="sojourn") as kubectl:
        with Installation(kubectl, tmp_path, trial_values(free_node_port())) as installation:
            secret = kubectl.get("secret", "sojourn")
            project = Project.with_session(installation)
            run = project.running()
            [before] = installation.pods()
            output_of(installation, run, "open('/work/mark', 'w').write('here')")
            parts = {part: installation.pods_of(part) for part in ("api", "hub", "proxy")}

            installation.install(
                **{part: {"podAnnotations": {"example.org/reason": "an upgrade"}} for part in parts}
            )

            for part, names in parts.items():
                eventually(lambda p=part, n=names: not set(n) & set(installation.pods_of(p)), f"new {part}")
            [after] = installation.pods()
            assert after["metadata"]["uid"] == before["metadata"]["uid"]
            assert project.run(run["id"])["phase"] == "running"
            assert eventually(
                lambda: installation.http().get(f"{run['url']}api/status").status_code == 200, "the session"
            )
            assert output_of(installation, run, "print(open('/work/mark').read())").strip() == "here"
            assert (kubectl.get("secret", "sojourn") or {})["data"] == (secret or {})["data"]
            project.ask("pause")
            project.until(run["id"], "paused")
        kinds = (
            "deployment,statefulset,service,configmap,serviceaccount,role,rolebinding,networkpolicy,pdb,job"
        )
        left = kubectl("get", kinds, "-o", "name", "-l", "app.kubernetes.io/instance=sojourn").split()
        assert left == []
        eventually(lambda: not kubectl.list("pod"), "the end of all pods")
        claims = {claim["metadata"]["name"] for claim in kubectl.list("pvc")}
        assert len(claims) == 2, "the /work of the paused session and the database's volume"
        assert kubectl.get("secret", "sojourn") is not None
