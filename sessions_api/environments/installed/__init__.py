"""What is installed in versions."""
