"""Git logins in the words of pages."""

from sessions_api.git_logins.schemas import GitLoginChange, GitLoginCreate
from sessions_api.git_logins.service import logins
from sessions_api.host_logins.kinds import Kind
from sessions_api.repositories.urls import ReadingRules

KIND = Kind(
    logins=logins,
    path="git-logins",
    noun="git login",
    secret="token",  # noqa: S106 - a field's name
    labels={"host": "Host", "username": "User name", "token": "Access token"},
    required=("host",),
    create=GitLoginCreate,
    change=GitLoginChange,
    form="git_logins/form.html",
    own="Your launches open private repositories of this host with it, in every project that you are a "
    "member of, and so does git in your sessions.",
    of_project="Launches by members open private repositories of this host with it, unless they have a git "
    "login of their own; so does git in their sessions, which can read it.",
    first="Public repositories need none. For private ones, make an access token at the host and add it "
    "here.",
    none="None. Members open private repositories with git logins of their own.",
    removal=(
        "Its token is deleted, and private repositories of this host no longer open with it.",
        "Sessions that run have it until they end.",
        "The token itself stays valid until you withdraw it at {host}.",
    ),
)


def intro(rules: ReadingRules) -> str:
    """What git logins are for, and which way they go."""
    how = "over https, or http where its address says so" if rules.may_log_in("http:") else "over https"
    return (
        "They open private repositories when you start a session of a project that you are a member of, and "
        f"git in it uses them to fetch and push. A token goes to its own host only, {how}."
    )
