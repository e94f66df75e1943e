"""Environments as people make them, for the tests of the catalogue."""

from typing import Any

from tests.api.conftest import Client

PACKAGES = {
    "requirements": "jupyterlab==4.5.0\nnumpy==2.3.5\n",
    "front_end": "JupyterLab",
    "command": ["jupyterhub-singleuser"],
    "default_url": "/lab",
    "port": 8888,
}


def packages(*lines: str, **changes: Any) -> dict[str, Any]:
    """The body of a version that is made of packages."""
    return PACKAGES | ({"requirements": "".join(f"{line}\n" for line in lines)} if lines else {}) | changes


def image(digest: str = "1", **changes: Any) -> dict[str, Any]:
    """The body of a version that is an image."""
    return {
        "image": f"registry.test/team/code@sha256:{digest * 64}",
        "front_end": "VS Code",
        "default_url": "/",
        "port": 8443,
        "gate": {"prefix": "strip", "ready_path": "/healthz"},
        **changes,
    }


async def made(client: Client, name: str, **body: Any) -> dict[str, Any]:
    """A new environment."""
    return await client.made("/environments", **({"name": name, "version": packages()} | body))


async def slugs(client: Client, **query: Any) -> list[str]:
    """The slugs of a list, in its order."""
    answer = await client.get("/environments", params=query)
    assert answer.status_code == 200, answer.text
    return [item["slug"] for item in answer.json()["items"]]
