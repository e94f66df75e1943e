"""The `sojourn` command, the Python client, and Sojourn on a laptop."""
