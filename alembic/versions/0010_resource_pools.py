"""Pools of resource classes, and what runs take of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TAKING = sa.text("(phase IN ('queued', 'launching', 'running') OR wish = 'resume')")
WAITING = sa.text("waits_since IS NOT NULL")
TIME = sa.DateTime(timezone=True)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource_pools",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quota", JSON, nullable=False),
        sa.Column("per_person", JSON, nullable=False),
        sa.Column("per_project", JSON, nullable=False),
        sa.Column("groups", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_pools")),
        sa.UniqueConstraint("slug", name=op.f("uq_resource_pools_slug")),
    )
    with op.batch_alter_table("resource_classes") as table:
        table.add_column(sa.Column("pool_id", sa.String(length=26), nullable=True))
        table.create_foreign_key(
            op.f("fk_resource_classes_pool_id_resource_pools"), "resource_pools", ["pool_id"], ["id"]
        )
    _runs()


def _runs() -> None:
    """Runs that were started before pools are taken from none."""
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("resource_class_id", sa.String(length=26), nullable=True))
        table.add_column(sa.Column("pool_id", sa.String(length=26), nullable=True))
        table.add_column(sa.Column("cpus", sa.Double(), nullable=True))
        table.add_column(sa.Column("memory_gib", sa.Double(), nullable=True))
        table.add_column(sa.Column("gpus", sa.Integer(), nullable=True))
        table.add_column(sa.Column("waits_since", TIME, nullable=True))
        table.add_column(sa.Column("position", sa.Integer(), nullable=True))
        table.add_column(sa.Column("expected_at", TIME, nullable=True))
        table.create_foreign_key(
            op.f("fk_runs_resource_class_id_resource_classes"),
            "resource_classes",
            ["resource_class_id"],
            ["id"],
        )
        table.create_foreign_key(
            op.f("fk_runs_pool_id_resource_pools"), "resource_pools", ["pool_id"], ["id"]
        )
        table.create_index(op.f("ix_runs_pool_id_ended_at"), ["pool_id", "ended_at"])
        table.create_index(op.f("ix_runs_taking"), ["pool_id"], sqlite_where=TAKING, postgresql_where=TAKING)
        table.create_index(
            op.f("ix_runs_waiting"), ["pool_id"], sqlite_where=WAITING, postgresql_where=WAITING
        )
