"""Takes pictures of every page and state, on sample data of its own."""
