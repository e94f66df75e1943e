"""Tokens of the hub's that people make for programs: with a note, an end, and what they may do."""
