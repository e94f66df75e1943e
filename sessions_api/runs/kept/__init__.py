"""What was in /work when a session was stopped, kept for some days as a snapshot of its volume."""
