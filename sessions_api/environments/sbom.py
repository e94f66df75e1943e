"""What is installed in a version, as an SBOM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sessions_api.environments.packages import Package
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.registry.contents import Ecosystem
from sessions_api.registry.contents import Package as Found
from sessions_api.registry.contents.sboms import write_sbom

MEDIA_TYPE = "application/vnd.cyclonedx+json"


def written(environment: Environment, version: EnvironmentVersion, installed: Sequence[Package]) -> bytes:
    """The SBOM in CycloneDX JSON. Of an image it does not say that it is complete: nobody knows that."""
    return write_sbom(
        [Found(cast("Ecosystem", one.ecosystem), one.name, one.version, "") for one in installed],
        name=environment.slug,
        digest=version.digest,
        is_complete=version.image is None,
    )
