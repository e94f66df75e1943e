"""Invitations: links that make whoever follows them a member of a project, when they agree."""
