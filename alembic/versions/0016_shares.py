"""Shares of running sessions."""

import sqlalchemy as sa
from alembic import op

OPEN = sa.text("ended_at IS NULL")
TIME = sa.DateTime(timezone=True)

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_shares",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("granted_at", TIME, nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_run_shares_run_id_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_shares")),
    )
    for column in ("run_id", "person", "withdrawn_at"):
        op.create_index(op.f(f"ix_run_shares_{column}"), "run_shares", [column])
    op.create_index(
        "uq_run_shares_open",
        "run_shares",
        ["run_id", "attempt", "person"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
