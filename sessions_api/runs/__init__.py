"""Runs: every launch by everyone, what became of it, and the driver that makes them happen."""
