"""Programs that Sojourn knows how to run as a session, when an image has them and does not say how itself."""

from __future__ import annotations

from dataclasses import dataclass

from spawner.recipes import FrontEndPart, GatePart


@dataclass(frozen=True)
class Known:
    """A program, and how it is run.

    Attributes:
        program: the file that an image has it by.
        front_end: its command stands below the session's path, which is in `$SOJOURN_PREFIX`.
    """

    program: str
    front_end: FrontEndPart


def _shell(line: str) -> tuple[str, ...]:
    return ("sh", "-c", f"exec {line}")


SINGLE_USER = Known(
    "jupyterhub-singleuser",
    FrontEndPart(name="JupyterLab", command=("jupyterhub-singleuser",), port=8888, default_url="/lab"),
)

KNOWN = (
    SINGLE_USER,
    Known(
        "jupyter-lab",
        FrontEndPart(
            name="JupyterLab",
            command=_shell(
                "jupyter lab --no-browser --ip=127.0.0.1 --port=$SOJOURN_PORT"
                " --ServerApp.base_url=$SOJOURN_PREFIX --IdentityProvider.token="
                " --ServerApp.allow_remote_access=True --ServerApp.root_dir=/work"
            ),
            port=8888,
            default_url="/lab",
            gate=GatePart(prefix="keep", ready_path="/api"),
        ),
    ),
    Known(
        "code-server",
        FrontEndPart(
            name="VS Code",
            command=(
                "code-server",
                "--auth=none",
                "--bind-addr=127.0.0.1:8080",
                "--disable-telemetry",
                "/work",
            ),
            port=8080,
            default_url="/",
            gate=GatePart(prefix="strip", ready_path="/healthz"),
        ),
    ),
    Known(
        "openvscode-server",
        FrontEndPart(
            name="VS Code",
            command=_shell(
                "openvscode-server --host=127.0.0.1 --port=$SOJOURN_PORT --without-connection-token"
                " --server-base-path=${SOJOURN_PREFIX%/} --telemetry-level=off --default-folder=/work"
            ),
            port=3000,
            default_url="/",
            gate=GatePart(prefix="keep", ready_path="/version"),
        ),
    ),
)
"""The first that an image has is taken, and of those that are called alike.

Options: `jupyter lab --help-all`, `code-server --help`, `openvscode-server --help`.
"""
