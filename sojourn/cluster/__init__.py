"""What runs in a cluster beside the API: the hub's configuration, and what looks after an installation."""
