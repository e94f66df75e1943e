"""Sessions of projects: an environment in a project, with its configuration."""
