"""Who did what when: entries that are written with the deed, and never changed."""
