"""Trial launches: a version of an environment is started for real, and what comes of it is kept with it."""
