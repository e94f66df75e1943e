"""What Sojourn costs a whole organisation: people, their sessions, those that run, and who watches."""
