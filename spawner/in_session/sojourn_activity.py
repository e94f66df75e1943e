"""Counts what is at work as activity, also when it says nothing for hours.

Jupyter Server takes the last message of a kernel and the last output of a terminal for the last activity
(`MappingKernelManager.start_watching_activity`, `TerminalManager.pre_pty_read_hook`): a cell that computes in
silence would be idle. Every setting whose name ends in `_last_activity` counts too
(`ServerWebApplication.last_activity`), so one of ours says that a kernel is busy, or that a program is in the
foreground of a terminal. What the server so knows, the single-user server tells JupyterHub.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from tornado.ioloop import PeriodicCallback

KEY = "sojourn_last_activity"
_INTERVAL = "JUPYTERHUB_ACTIVITY_INTERVAL"
_MOST_SECONDS = 15.0


def is_busy(settings: dict[str, Any]) -> bool:
    """Whether a kernel or a terminal of the server is at work."""
    kernels = settings["kernel_manager"]
    states = (getattr(kernels.get_kernel(one), "execution_state", "") for one in kernels.list_kernel_ids())
    terminals = getattr(settings.get("terminal_manager"), "terminals", {})
    return "busy" in states or any(_has_program(one.ptyproc) for one in terminals.values())


def _has_program(terminal: Any) -> bool:
    """Whether something else than its shell is in the foreground; of a `ptyprocess.PtyProcess`."""
    try:
        return os.tcgetpgrp(terminal.fd) != int(terminal.pid)
    except OSError:  # it ended this moment
        return False


def _load_jupyter_server_extension(server: Any) -> None:
    settings = server.web_app.settings

    def look() -> None:
        if is_busy(settings):
            settings[KEY] = datetime.now(timezone.utc)  # noqa: UP017 - also for Python 3.9

    often = float(os.environ.get(_INTERVAL) or 300) / 10
    PeriodicCallback(look, 1000 * min(often, _MOST_SECONDS)).start()
