"""`python -m tests.kube_faults`: listens on 127.0.0.1 and prints where."""

from __future__ import annotations

import argparse
import asyncio
import ssl
from pathlib import Path

import yaml
from aiohttp import web
from kubernetes_asyncio.client import Configuration
from kubernetes_asyncio.config import load_kube_config

from tests.kube_faults.proxy import Proxy, Upstream


async def upstream(kubeconfig: Path) -> Upstream:
    """The cluster that a kubeconfig names, with its credentials."""
    configuration = Configuration()
    await load_kube_config(str(kubeconfig), client_configuration=configuration)
    if not configuration.host.startswith("https:"):
        return Upstream(configuration.host)
    tls = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if configuration.cert_file:
        tls.load_cert_chain(configuration.cert_file, configuration.key_file)
    return Upstream(configuration.host, tls, configuration.api_key.get("BearerToken"))


def kubeconfig_for(url: str) -> str:
    """A kubeconfig that leads to the proxy; it brings the credentials."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "faults",
            "clusters": [{"name": "faults", "cluster": {"server": url}}],
            "users": [{"name": "faults", "user": {}}],
            "contexts": [{"name": "faults", "context": {"cluster": "faults", "user": "faults"}}],
        }
    )


async def serve(arguments: argparse.Namespace) -> None:
    """Listens until it is cancelled."""
    runner = web.AppRunner(Proxy(await upstream(arguments.kubeconfig)).app(), handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port, shutdown_timeout=0)
    await site.start()
    host, port = runner.addresses[0][:2]
    url = f"http://{host}:{port}"
    if arguments.write_kubeconfig:
        arguments.write_kubeconfig.write_text(kubeconfig_for(url))
    print(url, flush=True)  # noqa: T201 - whoever started it reads it
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(prog="tests.kube_faults")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--write-kubeconfig", type=Path, help="where to put one that leads here")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
