"""Groups as members, and who did what: entries that the database itself neither changes nor deletes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SENTENCE = "Entries of the audit log are never changed."
_ON_SQLITE = [
    f"CREATE TRIGGER audit_entries_no_{what.lower()} BEFORE {what} ON audit_entries "
    f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
    for what in ("UPDATE", "DELETE")
]
_FUNCTION = f"""
CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_SENTENCE}'; END $$
"""
_ON_POSTGRESQL = [
    _FUNCTION,
    *(
        f"CREATE TRIGGER audit_entries_no_{name} BEFORE {what} ON audit_entries "
        f"FOR EACH {each} EXECUTE FUNCTION audit_entries_stay()"
        for name, what, each in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT"))
    ),
]


def upgrade() -> None:
    json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit_entries",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=True),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=26), nullable=True),
        sa.Column("project_slug", sa.String(length=80), nullable=True),
        sa.Column("thing_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("details", json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_autoincrement=True,
    )
    for column in ("project_id", "person", "verb"):
        op.create_index(op.f(f"ix_audit_entries_{column}_id"), "audit_entries", [column, "id"])
    op.create_table(
        "project_groups",
        sa.Column("project_id", sa.String(length=26), nullable=False),
        sa.Column("group", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_project_groups_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "group", name=op.f("pk_project_groups")),
    )
    op.create_index(op.f("ix_project_groups_group"), "project_groups", ["group"])
    op.add_column("runs", sa.Column("groups", json, nullable=False, server_default="[]"))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _ON_SQLITE if is_sqlite else _ON_POSTGRESQL:
        op.execute(statement)
