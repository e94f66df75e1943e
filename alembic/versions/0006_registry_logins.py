"""Logins of image registries."""

import sqlalchemy as sa
from alembic import op

TIME = sa.DateTime(timezone=True)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registry_logins",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=True),
        sa.Column("person", sa.String(length=255), nullable=True),
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("(project_id IS NULL) <> (person IS NULL)", name=op.f("ck_registry_logins_owner")),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_registry_logins_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_logins")),
        sa.UniqueConstraint("person", "host", name=op.f("uq_registry_logins_person_host")),
        sa.UniqueConstraint("project_id", "host", name=op.f("uq_registry_logins_project_id_host")),
    )
    op.create_index(op.f("ix_registry_logins_person"), "registry_logins", ["person"])
    op.create_index(op.f("ix_registry_logins_project_id"), "registry_logins", ["project_id"])
