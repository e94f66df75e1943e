"""The files of an image that matter, layer upon layer: what comes later replaces or removes what was there.

The rules are those of the OCI image specification (layer.md, "Whiteouts"). Only what was put is kept, so
memory follows what was found and not what a layer removes or replaces.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Path = tuple[bytes, ...]
"""The parts of a path below the image's root."""

Leaf = TypeVar("Leaf")

NODE_BYTES = 350
"""What a folder takes with its dictionary (CPython 3.11); a file takes less."""

_WHITEOUT = b".wh."
_OPAQUE = b".wh..wh..opq"
_OF_AUFS = b".wh..wh."


def path_of(name: bytes) -> Path | None:
    """The path that an entry's name means; None where it means none in the image.

    Absolute names are below the image's root. One with `..` in it leads somewhere that no builder writes, and
    nothing is looked up there.
    """
    parts = name.split(b"/")
    if b".." in parts:
        return None
    return tuple([part for part in parts if part not in {b"", b"."}]) or None


@dataclass(slots=True)
class _Folder(Generic[Leaf]):
    """A folder with something in it that was put.

    Attributes:
        cleared: the latest layer that hid what was here before it.
    """

    children: "dict[bytes, _Folder[Leaf] | _File[Leaf]]" = field(default_factory=dict)
    cleared: int = -1


@dataclass(slots=True)
class _File(Generic[Leaf]):
    leaf: Leaf
    layer: int


class ImageTree(Generic[Leaf]):
    """What was put where. Layers are told from each other by ascending numbers."""

    def __init__(self) -> None:
        self._root: _Folder[Leaf] = _Folder()

    def put(self, path: Path, leaf: Leaf, layer: int) -> int:
        """A file is there; it replaces whatever was.

        Returns:
            How many bytes of memory that takes, roughly, without those of the leaf.
        """
        folder, taken = self._root, NODE_BYTES + len(path[-1])
        for part in path[:-1]:
            below = folder.children.get(part)
            if not isinstance(below, _Folder):
                below = folder.children[part] = _Folder()
                taken += NODE_BYTES + len(part)
            folder = below
        folder.children[path[-1]] = _File(leaf, layer)
        return taken

    def at(self, path: Path) -> Leaf | None:
        """What was put at a path."""
        folder = self._folder(path[:-1])
        found = folder.children.get(path[-1]) if folder else None
        return found.leaf if isinstance(found, _File) else None

    def replace(self, path: Path, *, by_folder: bool = False) -> None:
        """Something of no interest is there; only a folder leaves what is in a folder before it."""
        folder = self._folder(path[:-1])
        if folder is None:
            return
        found = folder.children.get(path[-1])
        if found is not None and not (by_folder and isinstance(found, _Folder)):
            del folder.children[path[-1]]

    def whiteout(self, path: Path, layer: int) -> bool:
        """Hides what an entry of this name hides of layers below its own; False where it is a file's name."""
        marked = [part for part in path if part.startswith(_WHITEOUT)]
        if not marked:
            return False
        *above, name = path
        if marked != [name]:  # below a whiteout there is nothing
            return True
        if name == _OPAQUE:
            self._hide(tuple(above), layer)
        elif not name.startswith(_OF_AUFS):
            self._hide((*above, name.removeprefix(_WHITEOUT)), layer)
        return True

    def files(self) -> Iterator[tuple[Path, Leaf]]:
        """All that is there in the end."""
        folders: list[tuple[Path, _Folder[Leaf]]] = [((), self._root)]
        while folders:
            path, folder = folders.pop()
            for name, found in folder.children.items():
                if isinstance(found, _Folder):
                    folders.append(((*path, name), found))
                else:
                    yield (*path, name), found.leaf

    def _folder(self, path: Path) -> _Folder[Leaf] | None:
        folder = self._root
        for part in path:
            below = folder.children.get(part)
            if not isinstance(below, _Folder):
                return None
            folder = below
        return folder

    def _hide(self, path: Path, layer: int) -> None:
        """Removes what layers before `layer` put there. What is hidden once needs no second look."""
        above = self._folder(path[:-1]) if path else None
        found = above.children.get(path[-1]) if above else self._root
        if isinstance(found, _File):
            if above and found.layer < layer:
                del above.children[path[-1]]
            return
        folders = [found] if found else []
        while folders:
            folder = folders.pop()
            if folder.cleared == layer:
                continue
            folder.cleared = layer
            for name, below in list(folder.children.items()):
                if isinstance(below, _Folder):
                    folders.append(below)
                elif below.layer < layer:
                    del folder.children[name]
