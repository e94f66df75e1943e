"""Files that list packages, read so that environments can be made of them."""
