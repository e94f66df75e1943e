"""What the chart tells the hub: one YAML file of values, and variables for what is secret."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_settings import BaseSettings, SettingsConfigDict

FILE_VARIABLE = "SOJOURN_HUB_VALUES"
"""Names the file of values."""

SHARED_PASSWORD = "shared-password"  # noqa: S105 - the name of a way to log in


class ValuesError(ValueError):
    """The values are not usable; the message is one sentence with file, place and remedy."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


def _origin(url: str) -> str:
    return url.rstrip("/")


Origin = Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$"), AfterValidator(_origin)]


class Authentication(_Part):
    """How people log in.

    Attributes:
        authenticator: a name that JupyterHub knows (`github`, `generic-oauth`, …), or `module.Class`.
        config: settings by class, for instance `{"GitHubOAuthenticator": {"client_id": "…"}}`.
        people: the only ones who may log in; empty leaves that to the authenticator.
        admins: who administers the platform.
    """

    authenticator: str = Field(alias="class")
    config: dict[str, dict[str, Any]] = {}
    people: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()


class Sessions(_Part):
    """How sessions are run.

    Attributes:
        namespace: where their pods are.
        image: Sojourn's own, which clones and is the gate.
        own_hosts: whether each person's are at a host of their own below that of `url`.
        config: settings of `KubeSessionSpawner`, KubeSpawner's among them.
    """

    namespace: str
    image: str
    own_hosts: bool = False
    config: dict[str, Any] = {}


class HubValues(_Part):
    """The file.

    Attributes:
        url: the origin that people see.
        installation: what the labels of its pods say, one of its own in a cluster.
        trial: whether nothing here is worth protecting: a password that all share is enough.
        api_url: the API as the proxy reaches it.
        internal_url: the API as the spawner reaches it.
        hub_url: the hub as sessions, API and proxy reach it.
        proxy_api_url: where the proxy takes routes.
        authentication: how people log in.
        sessions: how sessions are run.
        config: further settings of the hub, by class.
    """

    url: Origin
    installation: str
    trial: bool = False
    api_url: Origin
    internal_url: Origin
    hub_url: Origin
    proxy_api_url: Origin
    authentication: Authentication
    sessions: Sessions
    config: dict[str, dict[str, Any]] = {}

    @classmethod
    def load(cls, path: Path) -> HubValues:
        """Reads the file.

        Raises:
            ValuesError: it cannot be read, or a value is not what it should be.
        """
        try:
            values = cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError) as error:
            raise ValuesError(f"{path}: {error}.") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValuesError(f"{path}: {where}: {first['msg']}.") from error
        if values.authentication.authenticator == SHARED_PASSWORD and not values.trial:
            raise ValuesError(
                f"{path}: with {SHARED_PASSWORD} everybody can log in as anybody. Choose another "
                "authentication.class, or say trial: true where nothing is worth protecting."
            )
        return values


class HubSecrets(BaseSettings):
    """What is secret, from variables (`SOJOURN_…`).

    JupyterHub itself reads $JPY_COOKIE_SECRET, $CONFIGPROXY_AUTH_TOKEN and $JUPYTERHUB_CRYPT_KEY.

    Attributes:
        hub_token: the API's token of the hub.
        spawner_token: what the spawner shows to the API.
        metrics_token: with which Prometheus reads the hub's metrics.
        hub_database_url: SQLAlchemy URL of the hub's own database (`postgresql+psycopg://…` or `sqlite:///…`).
        trial_password: what everybody logs in with, where people log in by a shared password.
    """

    model_config = SettingsConfigDict(env_prefix="SOJOURN_")

    hub_token: SecretStr
    spawner_token: SecretStr
    metrics_token: SecretStr
    hub_database_url: SecretStr
    trial_password: SecretStr | None = None
