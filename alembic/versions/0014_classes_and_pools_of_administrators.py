"""Whose classes and pools are: the installation's file's, or an administrator's."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("resource_pools", "resource_classes"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("origin", sa.String(length=10), nullable=False, server_default="file"))
            table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("resource_classes") as table:
        table.add_column(
            sa.Column("default_in_file", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute("UPDATE resource_classes SET default_in_file = is_default")
