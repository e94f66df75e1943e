"""What checks found in images, by digest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "image_contents",
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("packages", JSON, nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_image_contents")),
    )
    op.create_index(op.f("ix_image_contents_read_at"), "image_contents", ["read_at"])
