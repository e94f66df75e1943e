"""What runs inside JupyterHub: turns a launch spec into a running session and reports what happens to it."""
