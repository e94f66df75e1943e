"""Shares: a member of the project is let into somebody's running session, for some hours."""
