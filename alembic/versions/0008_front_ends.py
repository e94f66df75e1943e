"""Front ends that versions have besides their own, and which one a session runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    with op.batch_alter_table("environment_versions") as table:
        # The default stays: while replicas are replaced, one of before writes versions without the column.
        table.add_column(sa.Column("front_ends", json, nullable=False, server_default=sa.text("'[]'")))
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("front_end", sa.String(length=100), nullable=True))
