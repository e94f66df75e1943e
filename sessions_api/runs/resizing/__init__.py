"""CPU and memory of a session that runs, changed without a restart where the cluster does that."""
