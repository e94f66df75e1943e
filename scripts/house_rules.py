"""Rules of this house that no linter knows: short modules, no catch-all names, SQL and rights in theirs."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("sojourn", "sessions_api", "spawner", "tests", "benchmarks", "scripts")
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
CATCH_ALL = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
SQL = {"select", "insert", "update", "delete"}
SQL_ROOMS = {"store.py", "db.py", "repeats.py"}

HELPER = {"visible", "narrowed"}
"""What makes a list one of what its viewer sees: `rights.store.visible`, and what is made of it."""
BOUNDS = {
    "Project": {"project_id", "project_ids"},
    "Session": {"project_id", "project_ids", "session_id", "session_ids", "ids"},
    "Environment": {"environment_id", "environment_ids", "ids"},
    "Run": {"person", "run_id", "run_ids"},
}
"""Tables of what people may not see, and the parameters that narrow a list to what was looked at before."""
FOR_NO_VIEWER = {
    "environments/store.py:of_recipe": "recipes are brought up to date when Sojourn starts",
    "environments/store.py:slugs_like": "a slug must be free, whoever sees what has it",
    "environments/search/store.py:_finds": "part of a statement; `search` narrows it",
    "environments/search/store.py:_uses": "how many projects use it, without names",
    "environments/store.py:leading": "sorts by what a project uses, which the viewer was found to see",
    "environments/uses/store.py:history": "`_split` shows what the viewer sees of it, and counts the others",
    "environments/uses/store.py:projects": "`_split` shows what the viewer sees of it, and counts the others",
    "invitations/store.py:of_key": "who has a link is told what it leads into",
    "projects/store.py:present": "administrators know what was done in every project",
    "projects/store.py:slugs_like": "a slug must be free, whoever sees what has it",
    "runs/life/store.py:running": "whether each may pause by itself",
    "runs/overview/store.py:_sums": "for administrators: how much is taken",
    "runs/overview/store.py:count_live": "for administrators: how many run",
    "runs/overview/store.py:failed": "for administrators: what failed, without the content",
    "runs/overview/store.py:failures": "for administrators: why runs fail",
    "runs/overview/store.py:live": "for administrators: who runs what, without the content",
    "runs/overview/store.py:queue": "for administrators: who waits",
    "runs/resizing/store.py:under_way": "whatever is to have another size is given it",
    "runs/places/store.py:begun": "when places become free, without whose they are",
    "runs/places/store.py:lengths": "how long runs had their places, without whose they were",
    "runs/places/store.py:pools_with_waiting": "whom to let in next is looked at pool by pool",
    "runs/places/store.py:shares": "whom to let in next depends on what everybody has",
    "runs/places/store.py:taken": "how full a pool is, without whose runs fill it",
    "runs/places/store.py:waiting_of_class": "starts that wait take what their class says",
    "runs/places/store.py:waiting": "whom to let in next depends on everybody who waits",
    "runs/store.py:begun_before": "the run of the same person before one that is held",
    "runs/shares/store.py:unsettled": "what JupyterHub is compared with",
    "runs/shares/store.py:with_viewer": "what others share with the viewer, a member",
    "runs/store.py:by_slot": "a slot names person, project and environment",
    "runs/store.py:count_by_phase": "a metric, without names",
    "runs/store.py:live": "what runs is compared with what JupyterHub knows",
    "runs/store.py:newest": "who removes a session or project is told how many runs that ends",
    "runs/store.py:recent_successes": "how long launches take, without names",
    "runs/store.py:unsettled": "what the driver has to do",
    "sessions/store.py:forget_unused": "what a deleted environment leaves",
    "sessions/store.py:largest_work": "the size below which a disk cannot be, without whose it is",
}
"""Statements that nobody is shown, and why; `noun/store.py:function`."""
RIGHTS_ROOMS = {"rights", "people", "hub"}


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
    if name.parts[0] == "sessions_api":
        found += own_rules(tree, name)
        if path.name in SQL_ROOMS and name.parts[1] != "rights":
            found += [
                f"{place} lists of {table} what its viewer may not see; narrow it by rights.store.visible"
                for place, table in open_lists(tree, name)
                if place not in FOR_NO_VIEWER
            ]
    return found


def own_rules(tree: ast.Module, name: Path) -> Iterator[str]:
    """Where a module decides by itself what `rights.policy` says."""
    if name.parts[1] in RIGHTS_ROOMS:
        return
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="Role"), attr="VIEWER" | "EDITOR" | "OWNER"):
                yield f"{name}:{node.lineno}: say by rights.policy which role something needs"
            case ast.Attribute(value=ast.Name(id="viewer") | ast.Attribute(attr="viewer"), attr="admin"):
                yield f"{name}:{node.lineno}: ask rights.policy.administers"


def open_lists(tree: ast.Module, name: Path) -> Iterator[tuple[str, str]]:
    """Functions of a store that read what a viewer may not see: `noun/store.py:function`, and of what."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        if HELPER & {ast.unparse(call.func) for call in calls}:
            continue
        selected = {
            node.id
            for call in calls
            if ast.unparse(call.func) == "select"
            for argument in call.args
            for node in ast.walk(argument)
            if isinstance(node, ast.Name)
        }
        parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
        used = parameters & {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        for table in sorted(selected & BOUNDS.keys()):
            if not used & BOUNDS[table]:
                yield "/".join(name.parts[1:]) + f":{function.name}", table


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


if __name__ == "__main__":
    sys.exit(main())
