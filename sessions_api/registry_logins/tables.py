"""Logins of image registries, a person's own or a project's. Passwords are encrypted here."""

from sessions_api.host_logins.tables import HostLogin


class RegistryLogin(HostLogin):
    """What opens private images of one registry: as image names begin with it, in lower case."""

    __tablename__ = "registry_logins"
