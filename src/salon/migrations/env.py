"""Runs the revisions on the connection that `salon.migrations` hands over."""

from alembic import context

from salon.platform.db import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
