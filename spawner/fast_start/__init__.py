"""The quickest way to start a program of an environment that does not change what it does."""

from __future__ import annotations

from pathlib import Path

from spawner.fast_start import start


def command(venv: Path, argv: tuple[str, ...]) -> list[str]:
    """What to run for `argv` in the virtual environment `venv`.

    The program is looked up in the environment's own `bin`; `jupyterhub-singleuser` is started by `start.py`
    instead, which takes the same arguments and the same environment variables.
    """
    program, *arguments = argv
    if program == start.PROGRAM:
        # -P: the folder of the started file is not where the program looks for modules.
        return [str(venv / "bin" / "python"), "-P", start.__file__, *arguments]
    return [str(venv / "bin" / program), *arguments]
