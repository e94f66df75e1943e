"""Timetables: at what times of the week a person's session starts, and pauses, by itself."""
