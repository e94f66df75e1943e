"""What tags meant when their registries were last asked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watched_tags",
        sa.Column("reference", sa.String(length=1100), nullable=False),
        sa.Column("host", sa.String(length=1000), nullable=False),
        sa.Column("digest", sa.String(length=140), nullable=True),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_watched_tags")),
    )
    op.create_index(op.f("ix_watched_tags_host_next_at"), "watched_tags", ["host", "next_at"])
    op.create_index(op.f("ix_watched_tags_next_at"), "watched_tags", ["next_at"])
    op.create_table(
        "watched_registries",
        sa.Column("host", sa.String(length=1000), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_watched_registries")),
    )
