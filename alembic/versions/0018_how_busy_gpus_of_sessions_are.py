"""How busy GPUs of sessions are."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run_samples") as table:
        table.add_column(sa.Column("gpus", sa.Double(), nullable=True))
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("peak_gpus", sa.Double(), nullable=True))
