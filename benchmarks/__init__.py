"""Measures the three promises about speed, each against something measured in the same run."""
