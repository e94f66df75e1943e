"""Registry logins in the words of pages."""

from sessions_api.host_logins.kinds import Kind
from sessions_api.registry_logins.schemas import RegistryLoginChange, RegistryLoginCreate
from sessions_api.registry_logins.service import logins

INTRO = (
    "They open private images: when you check one, and when you start a session of a project that you are a "
    "member of. A password goes to its own registry and the token server that this names, and to the nodes "
    "that pull the image; sessions do not see it."
)
"""What registry logins are for, and which way they go."""

KIND = Kind(
    logins=logins,
    path="registry-logins",
    noun="registry login",
    secret="password",  # noqa: S106 - a field's name
    labels={"host": "Registry", "username": "User name", "password": "Password or token"},
    required=("host", "username"),
    create=RegistryLoginCreate,
    change=RegistryLoginChange,
    form="registry_logins/form.html",
    own="Your checks open private images of this registry with it, and so do your launches, in every project "
    "that you are a member of.",
    of_project="Launches by members pull private images of this registry with it, unless they have a "
    "registry login of their own. Sessions do not see it.",
    first="Public images need none. For private ones, make an access token that may read at the registry and "
    "add it here.",
    none="None. Members pull private images with registry logins of their own.",
    removal=(
        "Its password is deleted, and private images of this registry no longer open with it.",
        "Sessions that run go on; a node that has to pull their image anew cannot.",
        "The password itself stays valid until you withdraw it at {host}.",
    ),
)
