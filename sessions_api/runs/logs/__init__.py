"""A run's log: what each of its containers says and said, for its person."""
