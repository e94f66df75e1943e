"""Environment variables: the session's, the gate's, and which of them are secret.

An administrator's win over Sojourn's defaults, the hub's and Sojourn's own over those of the session's
configuration. A text of a person is never expanded, neither by KubeSpawner (`{username}`), which has done so
before, nor by Kubernetes (`$(NAME)`).

HOME is /work. An image's own home is not there for every uid, is not always writable and never outlives a
pause; what programs keep in a home (settings of JupyterLab, extensions of VS Code, shell history) is what
people expect to find again. A leading dot hides it, with which no repository's or storage's folder begins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kubernetes_asyncio.client.models import V1EnvVar, V1EnvVarSource, V1SecretKeySelector

from spawner import session_variables
from spawner.pod import names
from spawner.pod.frame import as_model
from spawner.session_variables import HUB, OURS
from spawner.spec import EnvironmentSpec, LaunchSpec, RunSecrets

_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY")
_LOGIN_IN_URL = re.compile(r"://[^/@\s]+:[^/@\s]+@")
_REFERENCE = re.compile(r"\$\([^)]+\)")
_GATE_PORTS = 8888, 8889
_NETWORK = re.compile(r"(?i)(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|GIT_SSL_CAINFO")
"""What cloning needs of an administrator's variables to reach a git server (`spawner.git` passes them on)."""

Variables = dict[str, V1EnvVar]


@dataclass(frozen=True)
class Environment:
    """All variables of a pod.

    Attributes:
        left_out: names that the session's configuration or a secret wants and that are taken.
        secret: values of variables that refer to the pod's Secret, by key.
    """

    session: list[V1EnvVar]
    gate: list[V1EnvVar]
    clone: list[V1EnvVar]
    left_out: tuple[str, ...]
    secret: dict[str, str]


def environment(spec: LaunchSpec, secrets: RunSecrets, frame: Iterable[Any], secret: str) -> Environment:
    """The variables of a pod; `frame` are those of its frame, `secret` is the name of its Secret."""
    given, hidden = _with_references((as_model(V1EnvVar, entry) for entry in frame), secret)
    hub = {name: variable for name, variable in given.items() if name.startswith(HUB)}
    version, gate = spec.environment, spec.environment.gate
    port = version.port if gate is None else gate_port(version)
    if "JUPYTERHUB_SERVICE_URL" in hub:
        hub["JUPYTERHUB_SERVICE_URL"] = _at_port(hub["JUPYTERHUB_SERVICE_URL"], port)
    hub |= _texts({"JUPYTERHUB_DEFAULT_URL": version.default_url})
    if gate is None:
        base = given | hub | _texts({"JUPYTERHUB_ROOT_DIR": names.WORK_FOLDER})
    else:
        prefix = hub.get("JUPYTERHUB_SERVICE_PREFIX")
        base = {name: variable for name, variable in given.items() if name not in hub}
        base |= _texts(session_variables.of_program(version, prefix.value if prefix else None))
    ours = _texts({"HOME": names.WORK_FOLDER}) | base | _texts(_ours(spec, secrets, base))
    persons, left_out = _persons(spec, secrets, taken=ours, secret=secret)
    return Environment(
        session=list((ours | persons).values()),
        gate=[]
        if gate is None
        else list((hub | _texts(session_variables.of_gate(gate, port=port, program=version.port))).values()),
        clone=[
            V1EnvVar(name="HOME", value=names.TMP_FOLDER),
            *(variable for name, variable in given.items() if _NETWORK.fullmatch(name)),
        ],
        left_out=left_out,
        secret=hidden,
    )


def gate_port(environment: EnvironmentSpec) -> int:
    """Where the gate listens: the two share one network, so not where its program does."""
    return next(port for port in _GATE_PORTS if port != environment.port)


def _ours(spec: LaunchSpec, secrets: RunSecrets, base: Collection[str]) -> dict[str, str]:
    """What every session is told."""
    image = spec.environment.image or ""
    told = {name: image for name in ("JUPYTER_IMAGE", "JUPYTER_IMAGE_SPEC") if name in base}
    return session_variables.of_session(spec, secrets) | told


def _persons(
    spec: LaunchSpec, secrets: RunSecrets, *, taken: Collection[str], secret: str
) -> tuple[Variables, tuple[str, ...]]:
    """Variables of the configuration and of secrets, and the names of those that are not free."""
    variables = _texts(spec.variables) | {
        one.variable: _reference(one.variable, secret, secret_key(one.name))
        for one in spec.secrets
        if one.variable is not None and one.name in secrets.values
    }
    left_out = sorted(name for name in variables if name in taken or name.startswith(OURS))
    return {name: value for name, value in variables.items() if name not in left_out}, tuple(left_out)


def secret_key(name: str) -> str:
    """The key of a project's secret in the pod's Secret."""
    return f"secret.{name}"


def _with_references(frame: Iterable[V1EnvVar], secret: str) -> tuple[Variables, dict[str, str]]:
    """The frame's variables, with references to the pod's Secret in place of what no pod may show."""
    variables: Variables = {}
    hidden: dict[str, str] = {}
    for variable in frame:
        value = variable.value
        if value and _is_secret(variable.name, value):
            key = f"env.{variable.name}"
            hidden[key] = value
            variables[variable.name] = _reference(variable.name, secret, key)
        else:
            variables[variable.name] = variable
    return variables, hidden


def _is_secret(name: str, value: str) -> bool:
    """Whether a variable's name or value looks like it; one that refers to others says nothing itself."""
    looks = _SECRET.search(name) or _LOGIN_IN_URL.search(value)
    return bool(looks) and not _REFERENCE.search(value)


def _reference(name: str, secret: str, key: str) -> V1EnvVar:
    selector = V1SecretKeySelector(name=secret, key=key)
    return V1EnvVar(name=name, value_from=V1EnvVarSource(secret_key_ref=selector))


def _texts(values: Mapping[str, str]) -> Variables:
    """Variables with exactly these values: Kubernetes reads `$$` as `$`, and expands nothing then."""
    return {name: V1EnvVar(name=name, value=value.replace("$", "$$")) for name, value in values.items()}


def _at_port(variable: V1EnvVar, port: int) -> V1EnvVar:
    """The hub's URL of where to listen, at another port: KubeSpawner's own setting is one for all images."""
    parts = urlsplit(variable.value or "")
    address = parts.netloc.rpartition(":")[0]
    return V1EnvVar(name=variable.name, value=parts._replace(netloc=f"{address}:{port}").geturl())
