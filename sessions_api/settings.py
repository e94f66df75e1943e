"""Settings of the service, read from the environment (`SOJOURN_…`)."""

import os
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sessions_api.kit.sealing import Sealer


class Settings(BaseSettings):
    """All settings of the service.

    Attributes:
        database_url: SQLAlchemy URL (`sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`).
        public_url: the origin people see, without a slash at the end.
        own_hosts: whether people's sessions have hosts of their own below that of `public_url`
            (`JupyterHub.subdomain_host`); without, sessions cannot be shared.
        host: address to listen on.
        port: port to listen on.
        internal_port: one more, for the hub and for Prometheus; None: they ask where everybody does.
        hub_api_url: the hub's API as this service reaches it (`http://…/hub/api`).
        hub_token: this service's token of the hub; its scopes are in the hub's configuration.
        sessions_url: the origin at which this service reaches sessions; empty: `public_url`.
        spawner_token: what the spawner shows at `/internal`.
        cookie_secret: signs the cookie that carries a login while it is under way.
        secrets_key: Fernet keys, separated by commas: the first encrypts secrets, all decrypt them. None: the
            installation keeps no secrets.
        environments_dir: folder of recipes that the catalogue offers.
        resource_classes_file: the resource classes that sessions can be of (YAML, see `resources.offers`).
        resource_pools_file: the pools that those classes are taken from (YAML, see `resources.pools`).
        local_repositories: whether a repository may be a path of the computer the service runs on.
        private_addresses: whether a repository's host may have a private address.
        registry_private: hosts and networks, separated by commas, whose registries may be asked about images
            though their addresses are not public: `registry.internal`, `*.internal`, `HOST:PORT`,
            `10.0.0.0/8`. With `http://` before it a host is asked over http.
        registry_insecure: hosts whose registries are asked over http, in the same forms.
        tag_check_hours: after how many hours is asked again what the tags of environments mean, to say when
            one moved; 0: never.
        token_days: how many days the tokens that people make here last at most.
        node_platforms: what the computers are that sessions run on (`linux/amd64`), separated by commas;
            empty: what this one is.
        storage_roots: folders, joined as in PATH, below which a storage may lie.
        storage_kinds: kinds of storages that projects may have, separated by commas as in the next three:
            `folder` on a computer; `claim`, `nfs`, `csi` and `files` on a cluster.
        storage_claims: volume claims that editors of projects may name; `*` is all, as in the next two.
            Platform admins may name any.
        storage_nfs_servers: NFS servers that editors may name.
        storage_csi_drivers: CSI drivers that editors may name.
        idle_minutes: after how many minutes without activity sessions pause that do not say it themselves;
            0: never.
        idle_minutes_most: the most minutes that a session may say, and then never is more than that; 0: any.
        life_hours: after how many hours since they were started or resumed sessions pause that do not say it
            themselves; 0: never.
        life_hours_most: the most hours that a session may say, likewise.
        pause_warning_minutes: how long before it pauses by itself a session says so.
        keep_alive_hours: for how many hours at most people may ask that their session does not pause.
        share_hours_most: for how many hours at most people may share their sessions.
        activity_seconds: how often sessions report activity to JupyterHub, as the spawners' setting of this
            name says; what is older than one and a half of this is certain.
        kubernetes_namespace: where sessions are pods; None: they are not.
        installation: what the labels of this installation's pods and claims say, one of its own in a cluster.
        kept_days: for how many days /work is kept, as a snapshot of its volume, when a session is stopped; 0:
            it is not. Only where the cluster has snapshots (`snapshot.storage.k8s.io/v1`).
        snapshot_class: the VolumeSnapshotClass of these; empty: the cluster's default.
        prometheus_url: where Prometheus answers, which is asked how full /work and how busy GPUs of pods are;
            empty: nobody is.
        containers: whether sessions on this computer may be images, as podman or docker run them.
        computer_programs: programs of this computer, separated by commas, that sessions of packages can be
            opened in besides what their environment has: `code-server`, `openvscode-server`.
        laptop: whether this is somebody's own computer (words on pages differ).
    """

    model_config = SettingsConfigDict(env_prefix="SOJOURN_")

    database_url: str
    public_url: str
    own_hosts: bool = False
    host: str = "127.0.0.1"
    port: int = 8001
    internal_port: int | None = None
    hub_api_url: str
    hub_token: SecretStr
    sessions_url: str = ""
    spawner_token: SecretStr
    cookie_secret: SecretStr
    secrets_key: SecretStr | None = None
    environments_dir: Path | None = None
    resource_classes_file: Path | None = None
    resource_pools_file: Path | None = None
    local_repositories: bool = False
    private_addresses: bool = False
    registry_private: str = ""
    registry_insecure: str = ""
    tag_check_hours: float = Field(default=6, ge=0)
    token_days: int = Field(default=365, ge=1, le=3650)
    node_platforms: str = ""
    storage_roots: str = ""
    storage_kinds: str = "folder"
    storage_claims: str = ""
    storage_nfs_servers: str = ""
    storage_csi_drivers: str = ""
    idle_minutes: float = Field(default=0, ge=0)
    idle_minutes_most: float = Field(default=0, ge=0)
    life_hours: float = Field(default=0, ge=0)
    life_hours_most: float = Field(default=0, ge=0)
    pause_warning_minutes: float = Field(default=10, gt=0)
    keep_alive_hours: float = Field(default=24, gt=0)
    share_hours_most: float = Field(default=24, gt=0, le=8760)
    activity_seconds: float = Field(default=300, gt=0)
    kubernetes_namespace: str | None = None
    installation: str = "sojourn"
    kept_days: float = Field(default=0, ge=0)
    snapshot_class: str = ""
    prometheus_url: str = ""
    containers: bool = False
    computer_programs: str = ""
    laptop: bool = False

    @property
    def host_prefix(self) -> str:
        """What names of cookies begin with that browsers take from no other host, where they can tell."""
        return "__Host-" if self.own_hosts and self.is_https else ""

    @property
    def is_https(self) -> bool:
        """Whether people reach Sojourn by HTTPS, so that cookies can be kept to it."""
        return self.public_url.startswith("https:")

    @property
    def on_cluster(self) -> bool:
        """Whether sessions are pods."""
        return self.kubernetes_namespace is not None

    @cached_property
    def roots(self) -> tuple[Path, ...]:
        """`storage_roots` as resolved paths."""
        return tuple(Path(root).resolve() for root in self.storage_roots.split(os.pathsep) if root)

    @cached_property
    def sealer(self) -> Sealer:
        """What encrypts and decrypts with `secrets_key`.

        Raises:
            ValueError: a key is none.
        """
        return Sealer(self.secrets_key.get_secret_value() if self.secrets_key else "")
