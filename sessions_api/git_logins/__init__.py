"""Logins of git hosts: a person's own, and a project's."""
