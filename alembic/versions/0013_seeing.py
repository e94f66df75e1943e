"""Why runs failed and where they are, and what they use."""

import sqlalchemy as sa
from alembic import op

FAILED = sa.text("failed_at IS NOT NULL")
TIME = sa.DateTime(timezone=True)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("failed_at", TIME, nullable=True))
        table.add_column(sa.Column("failed_code", sa.String(length=60), nullable=True))
        table.add_column(sa.Column("node", sa.String(length=253), nullable=True))
        table.add_column(sa.Column("peak_cpus", sa.Double(), nullable=True))
        table.add_column(sa.Column("peak_memory", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("peak_disk", sa.BigInteger(), nullable=True))
        table.create_index(
            op.f("ix_runs_failed_at"), ["failed_at"], sqlite_where=FAILED, postgresql_where=FAILED
        )
    _failures()
    op.create_table(
        "run_samples",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("cpus", sa.Double(), nullable=True),
        sa.Column("memory_bytes", sa.BigInteger(), nullable=True),
        sa.Column("disk_bytes", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_run_samples_run_id_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "slot", name=op.f("pk_run_samples")),
    )


def _failures() -> None:
    """Runs that failed before this are counted too."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    code = "json_extract(reason, '$.code')" if sqlite else "reason ->> 'code'"
    op.execute(
        f"UPDATE runs SET failed_at = ended_at, failed_code = substr({code}, 1, 60)"  # noqa: S608 - one of two words of ours
        " WHERE phase = 'failed' AND reason IS NOT NULL"
    )
