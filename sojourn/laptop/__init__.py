"""Sojourn on one computer: what `sojourn up` runs."""
