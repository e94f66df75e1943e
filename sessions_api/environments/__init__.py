"""The catalogue: environments and their immutable versions."""
