"""What sessions can be made of where this service runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sessions_api.environments.front_ends import FrontEnd


@dataclass(frozen=True)
class Kinds:
    """The kinds of environments that sessions can run in here.

    Attributes:
        images: those that are an image: on a cluster, and on a computer that has podman or docker.
        packages: those that are made of packages: on a computer.
        computer: front ends that all sessions of packages have here besides those of their environment.
    """

    images: bool
    packages: bool
    computer: Sequence[FrontEnd] = ()

    @property
    def filter(self) -> bool | None:
        """What lists are filtered by: true is images, false packages, None both."""
        return None if self.images and self.packages else self.images

    def run(self, image: str | None) -> bool:
        """Whether sessions can run in a version with this image, None: without one."""
        return self.packages if image is None else self.images
