"""What Alembic runs to migrate: on the connection, and in the transaction, that the store hands it."""

from alembic import context

from driftboard.data.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
