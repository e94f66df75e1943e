"""Sessions of images on this computer: containers of podman or docker, spoken to by their command only."""
