"""When sessions pause by themselves, and what is known of their activity."""

import sqlalchemy as sa
from alembic import op

TIME = sa.DateTime(timezone=True)

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("idle_minutes", sa.Double(), nullable=True))
        table.add_column(sa.Column("life_hours", sa.Double(), nullable=True))
    op.create_table(
        "run_lives",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("active_at", TIME, nullable=False),
        sa.Column("learned_at", TIME, nullable=False),
        sa.Column("keep_until", TIME, nullable=True),
        sa.Column("pauses_at", TIME, nullable=True),
        sa.Column("cause", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_run_lives_run_id_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "attempt", name=op.f("pk_run_lives")),
    )
