"""What we ask of JupyterHub: who somebody is, start this server, stop that one, which run."""
