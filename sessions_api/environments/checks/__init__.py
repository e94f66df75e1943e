"""Checks of images: what one is, and whether it can be a session here, before anybody adds or starts it."""
