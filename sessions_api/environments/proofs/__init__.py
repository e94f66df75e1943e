"""What launches proved of versions."""
