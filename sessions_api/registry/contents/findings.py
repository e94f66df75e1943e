"""What was found so far, layer by layer."""

from collections.abc import Mapping

from sessions_api.registry.contents import programs
from sessions_api.registry.contents.model import LayerError, Limits, Package
from sessions_api.registry.contents.sources import Source, source_at
from sessions_api.registry.contents.tar import Entry, Kind, Sink
from sessions_api.registry.contents.tree import ImageTree, Path, path_of

_PACKAGE_BYTES = 300
"""Memory of a package, roughly, with its name and version."""
_EXECUTABLE = 0o111


class Findings:
    """Packages and programs of the layers that were read, in the image's order.

    A file is known by what it says is installed; a program says nothing.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._memory = 0
        self._tree: ImageTree[tuple[Package, ...]] = ImageTree()

    def begin(self, entry: Entry, layer: int) -> Sink | None:
        """Takes an entry of layer number `layer`; returns what its data goes to, if it matters.

        Raises:
            LayerError: more was found than is kept.
        """
        path = path_of(entry.name)
        if path is None or self._tree.whiteout(path, layer):
            return None
        source = source_at(path)
        if source is not None and entry.kind is Kind.FILE and source.most_bytes:
            return _FileReader(self, path, layer, source, self._limits)
        if source is not None and entry.kind in {Kind.FILE, Kind.HARD_LINK}:
            self.put(path, self._linked(entry, path, source), layer)
        elif programs.is_program(path) and _can_be_run(entry):
            self.put(path, (), layer)
        else:
            self._tree.replace(path, by_folder=entry.kind is Kind.FOLDER)
        return None

    def put(self, path: Path, packages: tuple[Package, ...], layer: int) -> None:
        """Keeps what a file says.

        Raises:
            LayerError: more was found than is kept.
        """
        self._memory += self._tree.put(path, packages, layer) + _PACKAGE_BYTES * len(packages)
        if self._memory > self._limits.memory:
            raise LayerError("has more packages than any real image, so they are not kept")

    def packages(self) -> tuple[Package, ...]:
        """What is installed in the end."""
        return tuple(sorted({package for _, said in self._tree.files() for package in said}))

    def programs(self) -> Mapping[str, str]:
        """Paths of programs by name."""
        return programs.choose(path for path, _ in self._tree.files() if programs.is_program(path))

    def _linked(self, entry: Entry, path: Path, source: Source) -> tuple[Package, ...]:
        """What a file says whose data is not here: uv and conda link files from their caches."""
        target = path_of(entry.link) if entry.kind is Kind.HARD_LINK else None
        said = self._tree.at(target) if target else None
        return source.moved(said, path) if said else source.told_by_path(path)


class _FileReader:
    """Reads one file that says what is installed; what was there before stays until all of it is read."""

    def __init__(self, findings: Findings, path: Path, layer: int, source: Source, limits: Limits) -> None:
        self._fields = source.open(most_packages=limits.packages)
        self._findings = findings
        self._path = path
        self._layer = layer
        self._source = source
        self.feed = self._fields.feed

    def close(self) -> None:
        self._fields.close()
        packages = self._source.packages(self._path, self._fields.stanzas)
        self._findings.put(self._path, packages, self._layer)
        if self._source.is_list and self._fields.is_cut:
            raise LayerError("has a list of packages that is too long to be read whole")


def _can_be_run(entry: Entry) -> bool:
    if entry.kind is Kind.FILE:
        return bool(entry.mode & _EXECUTABLE)
    return entry.kind in {Kind.SYMLINK, Kind.HARD_LINK}
