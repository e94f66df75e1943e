"""What a list of environments is narrowed to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Filters:
    """Which environments are listed, of those that the viewer sees.

    Attributes:
        keyword: one that they must have.
        favourite, mine, default: true: only the viewer's favourites, what the viewer made, the default ones;
            false: only others; None: it does not matter.
        archived: whether archived ones are listed, and then no others.
        image: whether the newest version is an image; None: it does not matter.
        project: id of a project whose environments lead among equals, as the viewer's favourites do.
        leading: true: only favourites and those of `project`; false: only others; None: it does not matter.
    """

    keyword: str | None = None
    favourite: bool | None = None
    mine: bool | None = None
    default: bool | None = None
    archived: bool = False
    image: bool | None = None
    project: str | None = None
    leading: bool | None = None
