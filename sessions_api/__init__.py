"""The service that owns projects, environments, session configurations, runs and their status."""
