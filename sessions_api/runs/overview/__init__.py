"""Everybody's runs, as platform administrators see them: who, what, where, how much; never the content."""
