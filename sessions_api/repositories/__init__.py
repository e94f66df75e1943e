"""A project's git repositories, and the one place that asks their hosts anything."""
