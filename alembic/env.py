"""Runs migrations on the connection that the service gives, or offline on none."""

from alembic import context
from sqlalchemy import Connection

import sessions_api.audit.tables
import sessions_api.environments.tables
import sessions_api.git_logins.tables
import sessions_api.invitations.tables
import sessions_api.kit.repeats
import sessions_api.people.tables
import sessions_api.projects.tables
import sessions_api.registry_logins.tables
import sessions_api.repositories.tables
import sessions_api.resources.tables
import sessions_api.runs.shares.tables
import sessions_api.runs.tables
import sessions_api.secrets.tables
import sessions_api.sessions.tables
import sessions_api.storages.tables
import sessions_api.timetables.tables  # noqa: F401 - importing the tables is what fills the metadata
from sessions_api.kit.db import Base

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
