"""What Jupyter Server in a session is given of ours, whatever its environment: a folder of configuration.

Jupyter reads every folder of `JUPYTER_CONFIG_PATH` (docs.jupyter.org/en/latest/use/jupyter-directories.html):
its Python file makes our extensions importable for the server and nobody else, its JSON file enables them.
The files run with the Python and the packages of the environment; nothing here imports them.
"""

from __future__ import annotations

from pathlib import Path

VARIABLE = "JUPYTER_CONFIG_PATH"
FOLDER = Path(__file__).parent
FILES = (
    "jupyter_server_config.py",
    "jupyter_server_config.d/sojourn.json",
    "sojourn_activity.py",
    "sojourn_unsaved.py",
    "sojourn_visitors.py",
)
"""All of it, below the folder."""
