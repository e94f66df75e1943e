"""Files of an image that say what is installed, and what each says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sessions_api.registry.contents.fields import FieldReader
from sessions_api.registry.contents.model import MIB, Ecosystem, Package
from sessions_api.registry.contents.tree import Path

MOST_OF_PATH = 512
"""Bytes of a path that is looked at; real ones have about a hundred."""
MOST_OF_NAME = 200
"""Characters of a package's name, and of its version."""

_INSTALLED = frozenset((b"installed", b"triggers-awaited", b"triggers-pending"))
"""States in which all of a Debian package is there (dpkg(1), "Package states")."""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of file that says what is installed.

    Attributes:
        name: the field with a package's name.
        version: the field with its version.
        most_bytes: of the file that are read; 0: its path says it all.
        is_list: whether it lists packages; otherwise it is about one, and its first stanza says which.
        above: how many parts of its path are below the package's location; 0: the file is the location.
    """

    ecosystem: Ecosystem
    name: bytes = b""
    version: bytes = b""
    most_bytes: int = MIB
    is_list: bool = False
    above: int = 0

    def open(self, *, most_packages: int) -> FieldReader:
        """Reads one of these files."""
        return FieldReader(
            (self.name, self.version, b"Status"),
            most_bytes=self.most_bytes,
            most_stanzas=most_packages if self.is_list else 1,
        )

    def packages(self, path: Path, stanzas: Iterable[Mapping[bytes, bytes]]) -> tuple[Package, ...]:
        """What a file at `path` says."""
        location = self._location(path)
        found = (
            self._package(stanza.get(self.name, b""), stanza.get(self.version, b""), location)
            for stanza in stanzas
            if self.ecosystem != "debian" or _is_installed(stanza)
        )
        return tuple(package for package in found if package is not None)

    def told_by_path(self, path: Path) -> tuple[Package, ...]:
        """What the path alone says: of conda packages all, of Python ones a name in its normal form.

        conda compares the name of a record with what is in it (`PrefixData` refuses others), and neither a
        name's last two parts has a hyphen; the folders of Python packages are named by the "Recording
        installed projects" specification.
        """
        name, version = b"", b""
        if self.ecosystem == "conda" and path[-1].count(b"-") > 1:
            name, version, _ = path[-1].rsplit(b"-", 2)
        elif self.ecosystem == "python":
            folder = path[-self.above].rpartition(b".")[0]
            name, _, rest = folder.partition(b"-")
            name, version = name.replace(b"_", b"-"), rest.partition(b"-")[0]
        package = self._package(name, version, self._location(path))
        return () if package is None else (package,)

    def moved(self, packages: Iterable[Package], path: Path) -> tuple[Package, ...]:
        """What a file says that is the same file as another, but at `path`."""
        location = self._location(path)
        return tuple(replace(package, location=location) for package in packages)

    def _location(self, path: Path) -> str:
        return "/" + b"/".join(path[: len(path) - self.above]).decode()

    def _package(self, name: bytes, version: bytes, location: str) -> Package | None:
        if not (is_word(name) and is_word(version)):
            return None
        return Package(self.ecosystem, name.decode(), version.decode(), location)


_DEBIAN = Source("debian", b"Package", b"Version", 64 * MIB, is_list=True)
_APK = Source("apk", b"P", b"V", 64 * MIB, is_list=True)
_CONDA = Source("conda", most_bytes=0, above=2)
_R = Source("r", b"Package", b"Version", above=2)
_PYTHON_FILE = Source("python", b"Name", b"Version", above=1)
_PYTHON = Source("python", b"Name", b"Version", above=2)
_PYTHON_EGG = Source("python", b"Name", b"Version", above=3)

_PACKAGES_FOLDERS = frozenset((b"site-packages", b"dist-packages"))
_APK_LISTS = frozenset(((b"lib", b"apk", b"db", b"installed"), (b"usr", b"lib", b"apk", b"db", b"installed")))
_DPKG = (b"var", b"lib", b"dpkg")
_MOST_PARTS_OF_RENV = 3
"""Between an renv library's root and a package: distribution, version of R, platform."""


def source_at(path: Path) -> Source | None:
    """What a file at this path is; None for the many of no interest.

    Python packages are looked for where Python does unasked (site-packages and Debian's dist-packages), those
    of R below folders that R, Debian, conda and renv make. What conda keeps in its cache is not installed.
    """
    source = _source(path)
    return source if source is not None and is_readable(path) else None


def is_readable(path: Path) -> bool:
    """Whether a path is one that people can be shown, and is not in conda's cache."""
    whole = b"/".join(path)
    try:
        return len(whole) <= MOST_OF_PATH and whole.decode().isprintable() and b"pkgs" not in path
    except UnicodeDecodeError:
        return False


def _source(path: Path) -> Source | None:  # noqa: PLR0911 - one line a kind
    *folders, name = path
    folder = folders[-1] if folders else b""
    if name == b"METADATA":
        return _python(path, _PYTHON, b".dist-info")
    if name == b"PKG-INFO":
        return _python(path, _PYTHON, b".egg-info") or _python(path, _PYTHON_EGG, b".egg")
    if name.endswith(b".egg-info"):
        return _python(path, _PYTHON_FILE, b".egg-info")
    if name.endswith(b".json"):
        return _CONDA if folder == b"conda-meta" else None
    if name == b"DESCRIPTION":
        return _R if _is_r_library(path[:-2]) else None
    if name == b"installed":
        return _APK if path in _APK_LISTS else None
    if path == (*_DPKG, b"status") or (path[:-1] == (*_DPKG, b"status.d") and not name.endswith(b".md5sums")):
        return _DEBIAN
    return None


def _python(path: Path, source: Source, suffix: bytes) -> Source | None:
    location, rest = path[: -source.above], path[-source.above :]
    is_there = location[-1:] and location[-1] in _PACKAGES_FOLDERS and rest[0].endswith(suffix)
    return source if is_there else None


def _is_r_library(path: Path) -> bool:
    if path[-2:] in {(b"R", b"library"), (b"R", b"site-library")}:
        return True
    if len(path) > 2 and path[-3] == b"R" and path[-2].endswith(b"-library"):  # noqa: PLR2004 - a person's own
        return True
    from_renv = path[-_MOST_PARTS_OF_RENV - 2 :]
    return (b"renv", b"library") in {from_renv[at : at + 2] for at in range(3)}


def _is_installed(stanza: Mapping[bytes, bytes]) -> bool:
    """Whether a stanza's third word of state says so; lists of distroless images have none."""
    return stanza.get(b"Status", b"install ok installed").split(b" ")[-1] in _INSTALLED


def is_word(text: bytes) -> bool:
    """Whether this can be a name or a version of a package: printable ASCII without spaces."""
    return (
        0 < len(text) <= MOST_OF_NAME and text.isascii() and text.decode().isprintable() and b" " not in text
    )
