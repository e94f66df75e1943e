"""The environment variables of a session's container, and the file in which its engine reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from spawner import session_variables
from spawner.launch import Launch
from spawner.local_program import given
from spawner.pod import names
from spawner.spec import RunSecrets

_FILE = "variables"
_PASSED_ON = frozenset(
    {"TZ", *("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY")}
)
"""Of the computer's own variables. Others name what is not there in an image: files, languages, programs."""


def of_session(launch: Launch, secrets: RunSecrets, hub: Mapping[str, str]) -> dict[str, str]:
    """The variables of the program; `hub` is what the hub tells a single-user server.

    Those that no file can hold are left out, and told.
    """
    spec, version = launch.spec, launch.spec.environment
    ours = {"HOME": names.WORK_FOLDER} | {
        name: value for name, value in hub.items() if name in _PASSED_ON and value
    }
    if version.gate is None:
        ours |= {name: value for name, value in hub.items() if name.startswith(session_variables.HUB)}
        ours |= {"JUPYTERHUB_ROOT_DIR": names.WORK_FOLDER, "JUPYTERHUB_DEFAULT_URL": version.default_url}
    else:
        ours |= session_variables.of_program(version, hub.get("JUPYTERHUB_SERVICE_PREFIX"))
    ours |= session_variables.of_session(spec, secrets)
    variables = given(launch, secrets, ours) | ours
    several = sorted(name for name, value in variables.items() if "\n" in value or "\r" in value)
    if several:
        launch.logger("sojourn")(
            f"Variables of several lines are left out: {', '.join(several)}."
            " Secrets are files in $SOJOURN_SECRETS, too."
        )
    return {name: value for name, value in variables.items() if name not in several}


@contextmanager
def written(variables: Mapping[str, str], run_folder: Path) -> Iterator[Path]:
    """A file with the variables, for nobody but its owner, as long as the engine needs it.

    Raises:
        OSError: the disk does not take it.
    """
    path = run_folder / _FILE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", newline="") as file:
            file.writelines(f"{name}={value}\n" for name, value in variables.items())
        yield path
    finally:
        path.unlink(missing_ok=True)
