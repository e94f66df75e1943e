"""A project's storages: data that sessions share."""
