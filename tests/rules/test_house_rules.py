"""The house rules find what they are for."""

import ast
from pathlib import Path

from scripts.house_rules import FOR_NO_VIEWER, ROOT, SQL_ROOMS, complaints, open_lists, own_rules

STORE = Path("sessions_api/atlas/store.py")


def found(body: str) -> list[tuple[str, str]]:
    return list(open_lists(ast.parse(body), STORE))


def test_a_list_that_nothing_narrows_is_found() -> None:
    lists = """
async def newest(db, limit):
    return await db.scalars(select(Session).order_by(Session.id.desc()).limit(limit))
"""
    assert found(lists) == [("atlas/store.py:newest", "Session")]


def test_a_list_of_one_column_or_a_count_is_a_list_too() -> None:
    lists = """
async def slugs(db, person):
    return await db.scalars(select(Project.slug))

async def count(db, environment_id):
    return await db.scalar(select(func.count(Run.id)).where(Run.environment_id == environment_id))
"""
    assert found(lists) == [("atlas/store.py:slugs", "Project"), ("atlas/store.py:count", "Run")]


def test_what_is_narrowed_by_the_helper_or_by_what_was_looked_at_is_none() -> None:
    lists = """
async def listing(db, viewer):
    return await db.scalars(select(Environment).where(visible(viewer, Environment)))

async def of_project(db, project_id):
    return await db.scalars(select(Session).where(Session.project_id == project_id))
"""
    assert found(lists) == []


def test_a_parameter_that_is_not_used_narrows_nothing() -> None:
    lists = """
async def of_project(db, project_id):
    return await db.scalars(select(Session))
"""
    assert found(lists) == [("atlas/store.py:of_project", "Session")]


def test_every_list_without_a_viewer_is_one_that_a_reason_is_given_for() -> None:
    stores = [path for path in (ROOT / "sessions_api").rglob("*.py") if path.name in SQL_ROOMS]
    places = {
        place
        for path in stores
        if path.parent.name != "rights"
        for place, _ in open_lists(ast.parse(path.read_text()), path.relative_to(ROOT))
    }
    assert places == FOR_NO_VIEWER.keys()


def test_a_right_that_is_decided_outside_of_the_policy_is_found() -> None:
    module = ast.parse("""
def remove(access):
    access.require(Role.OWNER)
    return access.viewer.admin or access.role >= Role.EDITOR
""")
    found = list(own_rules(module, Path("sessions_api/atlas/service.py")))
    assert [line.split(":")[1] for line in found] == ["3", "4", "4"]
    assert not list(own_rules(module, Path("sessions_api/rights/policy.py")))


def test_the_stores_keep_the_rules() -> None:
    assert not [line for path in (ROOT / "sessions_api").rglob("store.py") for line in complaints(path)]
