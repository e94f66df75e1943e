"""Logins of image registries: a person's own, and a project's."""
