"""Another size that is wished for a session that runs, and what is kept of one that was stopped."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("resize", JSON, nullable=True))
    op.create_table(
        "kept_works",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("sentence", sa.String(length=1000), nullable=False),
        sa.Column("size_gib", sa.Double(), nullable=True),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"],
                [f"{one}s.id"],
                name=op.f(f"fk_kept_works_{one}_id_{one}s"),
                ondelete="CASCADE",
            )
            for one in ("project", "session", "run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_works")),
        sa.UniqueConstraint("run_id", name=op.f("uq_kept_works_run_id")),
    )
    op.create_index(op.f("ix_kept_works_person"), "kept_works", ["person"])
    op.create_index("ix_kept_works_session_id_person", "kept_works", ["session_id", "person"])
