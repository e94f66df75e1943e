"""Packages as package URLs (purl, ECMA-427), by which SBOMs and databases of flaws name them."""

from packageurl import PackageURL

from sessions_api.registry.contents.model import Ecosystem, Package
from sessions_api.registry.contents.sources import MOST_OF_PATH, is_word

_TYPES: dict[Ecosystem, tuple[str, str | None]] = {
    "python": ("pypi", None),
    "conda": ("conda", None),
    "r": ("cran", None),
    "debian": ("deb", "debian"),
    "apk": ("apk", "alpine"),
}
_ECOSYSTEMS: dict[str, Ecosystem] = {type_: ecosystem for ecosystem, (type_, _) in _TYPES.items()}
MOST_OF_PURL = 2000
"""Characters."""


def purl(package: Package) -> str:
    """The package URL of a package.

    What an image holds does not say whether a Debian package is Ubuntu's; all are written as Debian's.
    """
    type_, namespace = _TYPES[package.ecosystem]
    return PackageURL(type_, namespace, package.name, package.version).to_string()


def package_of(text: str, *, name: str, version: str, location: str) -> Package | None:
    """The package that a package URL names; None where it is none, or of no kind that is known here.

    Args:
        text: the package URL.
        name: as the package spells it; the URL's own where that is none.
        version: the same.
        location: absolute path in the image; anything else counts as none.
    """
    try:
        read = PackageURL.from_string(text) if len(text) <= MOST_OF_PURL else None
    except ValueError:
        read = None
    ecosystem = _ECOSYSTEMS.get(read.type) if read else None
    if read is None or ecosystem is None:
        return None
    chosen_name = name if is_word(name.encode(errors="replace")) else read.name
    chosen_version = version if is_word(version.encode(errors="replace")) else read.version or ""
    if not (is_word(chosen_name.encode()) and is_word(chosen_version.encode())):
        return None
    is_place = location.startswith("/") and location.isprintable() and len(location) <= MOST_OF_PATH
    return Package(ecosystem, chosen_name, chosen_version, location if is_place else "")
