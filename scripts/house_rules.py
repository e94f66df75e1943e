"""Rules of this house that no linter knows: short modules, no catch-all names, SQL in its room."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("sojourn", "sessions_api", "spawner", "tests", "benchmarks", "scripts")
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
CATCH_ALL = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
SQL = {"select", "insert", "update", "delete"}
SQL_ROOMS = {"store.py", "db.py", "repeats.py"}


def complaints(path: Path) -> list[str]:
    """What is wrong with one module."""
    text = path.read_text()
    found = []
    name = path.relative_to(ROOT)
    if (lines := text.count("\n")) > MOST_LINES:
        found.append(f"{name}: {lines} lines; at most {MOST_LINES}")
    if path.stem in CATCH_ALL:
        found.append(f"{name}: say what it is for; {path.stem} is no name")
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # Without the signature: a command's options are its interface, one a line.
            length = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
            if length > MOST_FUNCTION_LINES and name.parts[0] in PACKAGES[:3]:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines; a screen is enough")
        if (
            isinstance(node, ast.ImportFrom)
            and name.parts[0] == "sessions_api"
            and node.module == "sqlalchemy"
            and path.name not in SQL_ROOMS
            and (names := SQL & {alias.name for alias in node.names})
        ):
            found.append(f"{name}:{node.lineno}: {', '.join(sorted(names))} belong in a store")
    return found


def main() -> int:
    """Prints every complaint; the exit code says whether there was one."""
    found = [
        complaint
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for complaint in complaints(path)
    ]
    print("\n".join(found) or "house rules: kept")
    return 1 if found else 0


sys.exit(main())
