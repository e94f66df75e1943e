"""What is secret of a session on this computer: files of its run's folder, there as long as it runs.

RUN/secrets/NAME   a secret's value; `$SOJOURN_SECRETS` names the folder
RUN/git/HOST       a git login, as the credential helper of git in the session reads it
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from spawner import git_logins
from spawner.spec import LaunchSpec, RunSecrets

_SECRETS, _GIT = "secrets", "git"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def write(run_folder: Path, spec: LaunchSpec, secrets: RunSecrets) -> dict[str, str]:
    """Writes the files, for nobody but their owner; returns the variables that name them.

    Raises:
        OSError: they cannot be written.
    """
    remove(run_folder)
    values = {name: value.get_secret_value() for name, value in secrets.values.items()}
    _write(run_folder / _SECRETS, values)
    _write(run_folder / _GIT, {name: git_logins.as_file(login) for name, login in secrets.git.items()})
    private = (one for one in spec.repositories if one.credential in secrets.git)
    return {
        "SOJOURN_SECRETS": str(run_folder / _SECRETS),
        **git_logins.for_session(private, str(run_folder / _GIT)),
    }


def variables(spec: LaunchSpec, secrets: RunSecrets) -> dict[str, str]:
    """The variables that hold the value of a secret."""
    return {
        one.variable: secrets.values[one.name].get_secret_value()
        for one in spec.secrets
        if one.variable is not None and one.name in secrets.values
    }


def folders(run_folder: Path) -> dict[str, Path]:
    """The folders that `write` made, by what is in them: `secrets` and `git`."""
    return {name: run_folder / name for name in (_SECRETS, _GIT)}


def remove(run_folder: Path) -> None:
    """Deletes the files; harmless if there are none."""
    for folder in (_SECRETS, _GIT):
        shutil.rmtree(run_folder / folder, ignore_errors=True)


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(mode=_PRIVATE_FOLDER)
    for name, text in files.items():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(folder / name, flags, _PRIVATE_FILE), "w", newline="") as file:
            file.write(text)
