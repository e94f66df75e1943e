"""Run in a pod as its session: prints what it finds, as JSON."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WORK = Path("/work")


def can_write(folder: Path) -> bool:
    try:
        (folder / "written").write_text("")
    except OSError:
        return False
    return True


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", WORK / "bar", *arguments], capture_output=True, text=True, check=False, timeout=20
    )
    return done.stdout.strip() if done.returncode == 0 else done.stderr


def replaced() -> list[str]:
    """Puts a folder of its own in the place of each that is there; which it could."""
    done = []
    for folder in [folder for folder in WORK.iterdir() if folder.is_dir()]:
        mine = WORK / "mine"
        mine.mkdir()
        try:
            mine.replace(folder)
            done.append(folder.name)
        except OSError:
            mine.rmdir()
    return sorted(done)


secrets = Path(os.environ["SOJOURN_SECRETS"])
sys.stdout.write(
    json.dumps(
        {
            "user": [os.getuid(), os.getgid()],
            "folder": str(Path.cwd()),
            "home": str(Path.home()),
            "found": sorted(path.name for path in WORK.iterdir()),
            "replaced": replaced(),
            "writable": sorted(path.name for path in WORK.iterdir() if path.is_dir() and can_write(path)),
            "work": can_write(WORK),
            "root": can_write(Path("/")),
            "tmp": can_write(Path(tempfile.gettempdir())),
            "files": {path.name: path.read_text() for path in WORK.glob("rules/[!.]*")},
            "secrets": {path.name: path.read_text() for path in secrets.glob("[!.]*")},
            "in_memory": subprocess.check_output(["stat", "-f", "-c", "%T", secrets], text=True).strip(),
            "variables": {name: os.environ.get(name) for name in ("API_TOKEN", "TEXT")},
            "clone": {
                "owner": (WORK / "bar" / "a.txt").stat().st_uid,
                "branch": git("branch", "--show-current"),
                "fetched": git("fetch", "--quiet", "origin"),
                "config": (WORK / "bar" / ".git" / "config").read_text(),
            },
            "kubernetes": Path("/var/run/secrets/kubernetes.io").exists(),
        }
    )
)
