"""An image of the sample's registry, for the pictures of a check."""

from __future__ import annotations

import random

from tests.registry.layers import dpkg_status, gzipped, metadata, tar
from tests.registry_server import RegistryServer

_DEBIAN = "base-files 12.4, ca-certificates 20230311, libc6 2.36-9, openssl 3.0.17, tzdata 2025b"
_PYTHON = {
    "altair": "5.5.0",
    "numpy": "2.3.4",
    "pandas": "2.3.3",
    "pyarrow": "21.0.0",
    "streamlit": "1.51.0",
    "tornado": "6.5.2",
}
_DATA_BYTES = 24_000_000


def push(registry: RegistryServer) -> str:
    """Pushes a web application; what people type to have it checked."""
    packages = {
        f"usr/local/lib/python3.12/site-packages/{name}-{version}.dist-info/METADATA": metadata(name, version)
        for name, version in _PYTHON.items()
    }
    # What cannot be compressed, so that the image has a size to show.
    data = random.Random(1).randbytes(_DATA_BYTES)  # noqa: S311 - the same in every picture
    registry.push(
        "hydrology/tide-gauge",
        "2026.11",
        layers=[
            gzipped(tar({"var/lib/dpkg/status": dpkg_status(_DEBIAN)})),
            gzipped(tar(packages)),
            gzipped(tar({"srv/gauge/readings.bin": data})),
        ],
        config={
            "Entrypoint": ["streamlit", "run", "/srv/gauge/app.py"],
            "ExposedPorts": {"8501/tcp": {}},
            "User": "1001:1001",
            "Labels": {"org.opencontainers.image.title": "Tide gauge"},
        },
    )
    return registry.reference("hydrology/tide-gauge", "2026.11")
