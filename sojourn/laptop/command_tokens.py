"""Hub tokens for the `sojourn` command, which needs no login on the computer where Sojourn runs."""

from __future__ import annotations

import httpx

from sojourn.laptop.data import DataFolder, Secret, State, write_private

_NOTE = "sojourn command on this computer"


async def ensure_command_tokens(data: DataFolder, state: State) -> None:
    """Makes sure that everybody's token file holds a token that the hub takes.

    Raises:
        httpx.HTTPError: the hub does not answer, or not as it should.
    """
    address = f"http://127.0.0.1:{state.ports.hub}/hub/api"
    async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as hub:
        for person in state.people:
            path = data.command_token(person)
            if not (path.exists() and await _is_valid(hub, path.read_text(), person)):
                write_private(path, await _mint(hub, data.secret(Secret.HUB_TOKEN), person))


async def _is_valid(hub: httpx.AsyncClient, token: str, person: str) -> bool:
    answer = await hub.get("/user", headers={"Authorization": f"token {token}"})
    return answer.status_code == httpx.codes.OK and answer.json()["name"] == person


async def _mint(hub: httpx.AsyncClient, hub_token: str, person: str) -> str:
    answer = await hub.post(
        f"/users/{person}/tokens",
        json={"note": _NOTE},
        headers={"Authorization": f"token {hub_token}"},
    )
    token: str = answer.raise_for_status().json()["token"]
    return token
