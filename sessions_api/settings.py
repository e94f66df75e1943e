"""Settings of the service, read from the environment (`SOJOURN_…`)."""

import os
from functools import cached_property
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All settings of the service.

    Attributes:
        database_url: SQLAlchemy URL (`sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`).
        public_url: the origin people see, without a slash at the end.
        host: address to listen on.
        port: port to listen on.
        hub_api_url: the hub's API as this service reaches it (`http://…/hub/api`).
        hub_token: this service's token of the hub; its scopes are in the hub's configuration.
        spawner_token: what the spawner shows at `/internal`.
        cookie_secret: signs the cookie that carries a login while it is under way.
        environments_dir: folder of recipes that the catalogue offers.
        local_repositories: whether a repository may be a path of the computer the service runs on.
        private_addresses: whether a repository's host may have a private address.
        storage_roots: folders, joined as in PATH, below which a storage may lie.
        laptop: whether this is somebody's own computer (words on pages differ).
    """

    model_config = SettingsConfigDict(env_prefix="SOJOURN_")

    database_url: str
    public_url: str
    host: str = "127.0.0.1"
    port: int = 8001
    hub_api_url: str
    hub_token: SecretStr
    spawner_token: SecretStr
    cookie_secret: SecretStr
    environments_dir: Path | None = None
    local_repositories: bool = False
    private_addresses: bool = False
    storage_roots: str = ""
    laptop: bool = False

    @cached_property
    def roots(self) -> tuple[Path, ...]:
        """`storage_roots` as resolved paths."""
        return tuple(Path(root).resolve() for root in self.storage_roots.split(os.pathsep) if root)
