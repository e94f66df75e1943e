"""Images of environments, kinds of storages, resource classes, secrets and git logins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource_classes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cpus", sa.Double(), nullable=False),
        sa.Column("memory_gib", sa.Double(), nullable=False),
        sa.Column("disk_gib", sa.Double(), nullable=True),
        sa.Column("gpus", sa.Integer(), nullable=False),
        sa.Column("gpu_resource", sa.String(length=200), nullable=True),
        sa.Column("node_selector", JSON, nullable=False),
        sa.Column("tolerations", JSON, nullable=False),
        sa.Column("affinity", JSON, nullable=True),
        sa.Column("priority_class", sa.String(length=253), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_classes")),
        sa.UniqueConstraint("slug", name=op.f("uq_resource_classes_slug")),
    )
    op.create_table(
        "git_logins",
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
        sa.CheckConstraint("(project_id IS NULL) <> (person IS NULL)", name=op.f("ck_git_logins_owner")),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_git_logins_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_git_logins")),
        sa.UniqueConstraint("person", "host", name=op.f("uq_git_logins_person_host")),
        sa.UniqueConstraint("project_id", "host", name=op.f("uq_git_logins_project_id_host")),
    )
    op.create_index(op.f("ix_git_logins_person"), "git_logins", ["person"])
    op.create_index(op.f("ix_git_logins_project_id"), "git_logins", ["project_id"])
    op.create_table(
        "secrets",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("variable", sa.String(length=100), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_secrets_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrets")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_secrets_project_id_name")),
        sa.UniqueConstraint("project_id", "variable", name=op.f("uq_secrets_project_id_variable")),
    )
    op.create_index(op.f("ix_secrets_project_id"), "secrets", ["project_id"])
    _environment_versions()
    with op.batch_alter_table("repositories") as table:
        table.add_column(sa.Column("shallow", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("repositories") as table:
        table.alter_column("shallow", server_default=None)
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("resource_class_id", sa.String(length=26), nullable=True))
        table.add_column(sa.Column("disk_gib", sa.Double(), nullable=True))
        table.create_index(op.f("ix_sessions_resource_class_id"), ["resource_class_id"])
        table.create_foreign_key(
            op.f("fk_sessions_resource_class_id_resource_classes"),
            "resource_classes",
            ["resource_class_id"],
            ["id"],
        )
    _storages()


def _environment_versions() -> None:
    """What was there is a virtual environment of a laptop, run as recipes were then."""
    added = (
        sa.Column("arguments", JSON, nullable=False, server_default="[]"),
        sa.Column("port", sa.Integer(), nullable=False, server_default="8888"),
        sa.Column("uid", sa.Integer(), nullable=False, server_default="1000"),
        sa.Column("gid", sa.Integer(), nullable=False, server_default="100"),
        sa.Column("working_folder", sa.String(length=500), nullable=False, server_default="/work"),
        sa.Column("read_only_root", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with op.batch_alter_table("environment_versions") as table:
        table.add_column(sa.Column("image", sa.String(length=1000), nullable=True))
        table.add_column(sa.Column("gate", JSON, nullable=True))
        for column in added:
            table.add_column(column)
    with op.batch_alter_table("environment_versions") as table:
        for column in added:
            table.alter_column(column.name, server_default=None)


def _storages() -> None:
    """A folder's path becomes one of its details."""
    with op.batch_alter_table("storages") as table:
        table.add_column(sa.Column("details", JSON, nullable=False, server_default="{}"))
        table.add_column(sa.Column("read_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    storages = sa.table("storages", sa.column("id"), sa.column("path"), sa.column("details", JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(storages.c.id, storages.c.path)).all():
        connection.execute(
            sa.update(storages).where(storages.c.id == row.id).values(details={"path": row.path})
        )
    with op.batch_alter_table("storages") as table:
        table.alter_column("details", server_default=None)
        table.alter_column("read_only", server_default=None)
        table.drop_column("path")
