"""Logins of git hosts, a person's own or a project's. Tokens are encrypted here."""

from sessions_api.host_logins.tables import HostLogin


class GitLogin(HostLogin):
    """What opens private repositories of one host: its name, with `:port` where the URL has one."""

    __tablename__ = "git_logins"
