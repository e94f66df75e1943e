"""Sessions on a real cluster, against JupyterHub with KubeSpawner as they come, and against a bare pod."""
