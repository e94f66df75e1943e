"""Who sees what, and who may do what: the rules of all nouns, in one place."""
