"""Says what is not saved: of the repositories in the session's folder what is neither committed nor pushed.

`GET …/sojourn/unsaved?known=COMMIT,…` answers `{"repositories": [{"folder", "uncommitted", "unpushed"}],
"kernels", "terminals"}`, with how many there are of the latter, which end with the session. Unsaved are
files that differ from the last commit, and commits of local branches that no remote branch has, without those
that were cloned (`known`). Git runs as the session's own user, in the session.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_MOST = 100
_SECONDS = 1.5


class UnsavedHandler(APIHandler):
    """To be asked about it is no use of the session."""

    _track_activity = False

    @web.authenticated
    async def get(self) -> None:
        """What is unsaved of each repository; an error when that takes too long."""
        known = [one for one in self.get_argument("known", "").split(",") if _COMMIT.fullmatch(one)]
        folders = _repositories(self.settings["server_root_dir"])
        asking = asyncio.gather(*(_unsaved(folder, known) for folder in folders))
        terminals = getattr(self.settings.get("terminal_manager"), "terminals", {})
        found = {
            "repositories": await asyncio.wait_for(asking, _SECONDS),
            "kernels": len(self.kernel_manager.list_kernel_ids()),
            "terminals": len(terminals),
        }
        self.finish(json.dumps(found))


def _repositories(root: str) -> list[Path]:
    return sorted(one.parent for one in Path(root).expanduser().glob("*/.git"))[:_MOST]


async def _unsaved(folder: Path, known: list[str]) -> dict[str, Any]:
    changed = await _git(folder, "status", "--porcelain", "--ignore-submodules=none")
    commits = await _git(
        folder,
        *("rev-list", "--count", "--ignore-missing", "--branches", "HEAD", "--not", "--remotes", *known),
    )
    return {
        "folder": folder.name,
        "uncommitted": len(changed.splitlines()),
        "unpushed": int(commits) if commits.strip() else 0,
    }


async def _git(folder: Path, *arguments: str) -> str:
    """What git says; nothing when it cannot say it, as of a repository without a commit."""
    process = await asyncio.create_subprocess_exec(
        *("git", "-C", str(folder), *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # Looking must not get in the way of who works there.
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    return said.decode(errors="replace") if process.returncode == 0 else ""


def _load_jupyter_server_extension(server: Any) -> None:
    path = f"{server.web_app.settings['base_url'].rstrip('/')}/sojourn/unsaved"
    server.web_app.add_handlers(".*$", [(re.escape(path), UnsavedHandler)])
