"""What becomes of an image on a computer without a container engine; with one see `tests/containers`."""

from __future__ import annotations

from tests.e2e.projects import API, Project
from tests.stack import Stack


def test_an_image_is_refused_before_it_is_started_where_no_engine_is(sojourn: Stack) -> None:
    assert "Images do not run here: $SOJOURN_ENGINE says none." in sojourn.text()
    version = {
        "image": f"registry.example.org/team/app@sha256:{'1' * 64}",
        "front_end": "App",
        "command": [],
        "default_url": "/",
        "port": 8501,
        "gate": {"prefix": "strip", "ready_path": "/"},
    }
    body = {"name": "App without engine", "version": version}
    environment = sojourn.http().post(f"{API}/environments", json=body).raise_for_status().json()["slug"]
    project = Project.create(sojourn)

    refused = project.post("/sessions", {"environment": environment}, status=422)

    assert refused["code"] == "environment_unsupported"
    assert "neither podman nor docker that works. Install podman or docker" in refused["detail"]
