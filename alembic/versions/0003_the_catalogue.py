"""The catalogue of environments: who sees which, favourites, what is installed, words that find them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from sessions_api.environments.packages import installed
from sessions_api.environments.search import terms
from sessions_api.environments.tables import Environment

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)
TERM = sa.String(length=100).with_variant(sa.String(length=100, collation="C"), "postgresql")
PLACE = sa.String(length=81).with_variant(sa.String(length=81, collation="C"), "postgresql")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _environments()
    _versions()
    _new_tables()
    _packages_and_terms()


def _environments() -> None:
    """What was there comes from recipes, and everybody saw it."""
    with op.batch_alter_table("environments") as table:
        table.add_column(sa.Column("recipe", sa.String(length=80), nullable=True))
        table.add_column(
            sa.Column("visibility", sa.String(length=10), nullable=False, server_default="everyone")
        )
        table.add_column(sa.Column("archived_at", TIME, nullable=True))
        table.add_column(sa.Column("successor_id", sa.String(length=26), nullable=True))
    op.execute(sa.text("UPDATE environments SET recipe = slug"))
    with op.batch_alter_table("environments") as table:
        table.alter_column("visibility", server_default=None)
        table.create_unique_constraint(op.f("uq_environments_recipe"), ["recipe"])
        table.create_foreign_key(
            op.f("fk_environments_successor_id_environments"),
            "environments",
            ["successor_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_index(op.f("ix_environments_successor_id"), ["successor_id"])
        table.create_index(op.f("ix_environments_created_by"), ["created_by"])
        table.create_index(op.f("ix_environments_default_slug"), ["default", "slug"])


def _versions() -> None:
    added = (
        sa.Column("platforms", JSON, nullable=False, server_default="[]"),
        sa.Column("layers", JSON, nullable=False, server_default="[]"),
        sa.Column("labels", JSON, nullable=False, server_default="{}"),
        sa.Column("made_from", sa.String(length=200), nullable=False, server_default="recipe"),
    )
    with op.batch_alter_table("environment_versions") as table:
        table.add_column(sa.Column("reference", sa.String(length=1000), nullable=True))
        table.add_column(sa.Column("size", sa.BigInteger(), nullable=True))
        for column in added:
            table.add_column(column)
    with op.batch_alter_table("environment_versions") as table:
        for column in added:
            table.alter_column(column.name, server_default=None)


def _new_tables() -> None:
    op.create_table(
        "environment_projects",
        _reference("environment_projects", "environment_id", "environments"),
        _reference("environment_projects", "project_id", "projects"),
        sa.PrimaryKeyConstraint("environment_id", "project_id", name=op.f("pk_environment_projects")),
    )
    op.create_index(op.f("ix_environment_projects_project_id"), "environment_projects", ["project_id"])
    op.create_table(
        "environment_favourites",
        sa.Column("person", sa.String(length=255), nullable=False),
        _reference("environment_favourites", "environment_id", "environments"),
        sa.PrimaryKeyConstraint("person", "environment_id", name=op.f("pk_environment_favourites")),
    )
    op.create_index(
        op.f("ix_environment_favourites_environment_id"), "environment_favourites", ["environment_id"]
    )
    op.create_table(
        "environment_terms",
        _reference("environment_terms", "environment_id", "environments"),
        sa.Column("term", TERM, nullable=False),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", PLACE, nullable=False),
        sa.PrimaryKeyConstraint("environment_id", "term", "kind", name=op.f("pk_environment_terms")),
    )
    op.create_index(
        op.f("ix_environment_terms_kind_term_place_environment_id"),
        "environment_terms",
        ["kind", "term", "place", "environment_id"],
    )
    op.create_table(
        "environment_packages",
        _reference("environment_packages", "version_id", "environment_versions"),
        sa.Column("ecosystem", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint(
            "version_id", "ecosystem", "name", "version", name=op.f("pk_environment_packages")
        ),
    )


def _reference(table: str, column: str, to: str) -> sa.Column[str]:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.Column(
        column,
        sa.String(length=26),
        sa.ForeignKey(f"{to}.id", name=name, ondelete="CASCADE"),
        nullable=False,
    )


def _packages_and_terms() -> None:
    """What versions pin is what is installed in them; the newest one's finds the environment.

    Words and packages are read by the code of today, which is what will ask for them.
    """
    connection = op.get_bind()
    packages, words = _table("environment_packages"), _table("environment_terms")
    rows = connection.execute(
        sa.text("SELECT id, environment_id, requirements FROM environment_versions ORDER BY number")
    ).all()
    newest = {row.environment_id: row for row in rows}
    for row in rows:
        found = [
            {"version_id": row.id, "ecosystem": one.ecosystem, "name": one.name, "version": one.version}
            for one in installed(row.requirements)
        ]
        if found:
            connection.execute(sa.insert(packages), found)
    columns = {"keywords": JSON, "default": sa.Boolean()}
    names = ("id", "slug", "name", "description", "keywords", "default", "created_by")
    environments = sa.table("environments", *(sa.column(name, columns.get(name)) for name in names))
    for row in connection.execute(sa.select(environments)).mappings().all():
        requirements = newest[row["id"]].requirements if row["id"] in newest else ""
        environment = Environment(**row)
        own = terms.of_environment(environment) | terms.of_packages(installed(requirements))
        connection.execute(sa.insert(words), terms.rows(environment, own))


def _table(name: str) -> sa.TableClause:
    columns = {
        "environment_packages": ("version_id", "ecosystem", "name", "version"),
        "environment_terms": ("environment_id", "term", "kind", "place"),
    }
    return sa.table(name, *(sa.column(column) for column in columns[name]))
