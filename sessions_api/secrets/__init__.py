"""A project's secrets: what its members' sessions may read and nobody may see."""
