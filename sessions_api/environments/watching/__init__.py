"""What the tags mean now that newest versions of environments were typed with, asked from time to time."""
