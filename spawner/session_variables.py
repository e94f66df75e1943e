"""Environment variables that Sojourn itself gives a session of an image, and the gate before it, anywhere."""

from __future__ import annotations

from pathlib import Path

from spawner import git_logins, in_session
from spawner.pod import names
from spawner.spec import EnvironmentSpec, GateSpec, LaunchSpec, RunSecrets

HUB = ("JUPYTERHUB_", "JPY_", "SOJOURN_GATE_")
"""What the hub tells a single-user server, or the gate in its place."""
OURS = (*HUB, "SOJOURN_")


def of_session(spec: LaunchSpec, secrets: RunSecrets) -> dict[str, str]:
    """What every session is told."""
    variables = {
        "WORK_DIR": names.WORK_FOLDER,
        "SOJOURN_RUN": spec.run,
        "SOJOURN_SECRETS": names.SECRETS_FOLDER,
        # Connection files with their keys go with the container instead of staying in /work.
        "JUPYTER_RUNTIME_DIR": f"{names.TMP_FOLDER}/jupyter/runtime",
    }
    if spec.environment.gate is None:
        variables[in_session.VARIABLE] = names.JUPYTER_FOLDER
    if spec.resources.cpus is not None:
        variables["CPU_LIMIT"] = str(spec.resources.cpus)
    if spec.resources.memory_gib is not None:
        variables["MEM_LIMIT"] = str(round(spec.resources.memory_gib * 2**30))
    private = (one for one in spec.repositories if one.credential in secrets.git)
    return variables | git_logins.for_session(private, names.GIT_FOLDER)


def of_program(environment: EnvironmentSpec, prefix: str | None) -> dict[str, str]:
    """What a program behind the gate is told beyond that; `prefix` is the session's path."""
    return {"SOJOURN_PREFIX": prefix or "/", "SOJOURN_PORT": str(environment.port)}


def of_gate(gate: GateSpec, *, port: int, program: int | Path) -> dict[str, str]:
    """The gate's own settings, besides what the hub says: where it listens, and the program behind it."""
    place = "SOJOURN_APP_PORT" if isinstance(program, int) else "SOJOURN_APP_SOCKET"
    return {
        "SOJOURN_GATE_PORT": str(port),
        place: str(program),
        "SOJOURN_APP_PREFIX": gate.prefix,
        "SOJOURN_APP_READY": gate.ready_path,
    }
