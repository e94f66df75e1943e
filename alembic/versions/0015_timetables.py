"""Timetables: when sessions start and pause by themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timetables",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_timetables_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_timetables_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetables")),
        sa.UniqueConstraint("person", "session_id", name=op.f("uq_timetables_person_session_id")),
    )
    for column in ("project_id", "session_id"):
        op.create_index(op.f(f"ix_timetables_{column}"), "timetables", [column])
    op.create_table(
        "timetable_entries",
        sa.Column("timetable_id", sa.String(length=26), nullable=False),
        sa.Column("what", sa.String(length=5), nullable=False),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("days", JSON, nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("passed_at", TIME, nullable=True),
        sa.Column("told", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["timetable_id"],
            ["timetables.id"],
            name=op.f("fk_timetable_entries_timetable_id_timetables"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("timetable_id", "what", name=op.f("pk_timetable_entries")),
    )
    for column in ("next_at", "passed_at"):
        op.create_index(op.f(f"ix_timetable_entries_{column}"), "timetable_entries", [column])
    with op.batch_alter_table("run_lives") as table:
        table.add_column(sa.Column("pause_from", TIME, nullable=True))
