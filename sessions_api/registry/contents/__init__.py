"""What is in an image: packages and programs, read from its layers within limits, or from an SBOM."""

from sessions_api.registry.contents.model import (
    Contents,
    Ecosystem,
    Layer,
    Limits,
    OpenLayer,
    Package,
    Progress,
)
from sessions_api.registry.contents.reading import read

__all__ = ["Contents", "Ecosystem", "Layer", "Limits", "OpenLayer", "Package", "Progress", "read"]
