"""Where environments are used."""
