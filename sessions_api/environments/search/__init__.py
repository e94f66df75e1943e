"""How environments are found: the words that are kept of each, and the statement that ranks them."""
