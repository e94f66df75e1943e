"""What can be done, as the audit log calls it: a kind of thing, and what happened to it."""

from enum import StrEnum


class Verb(StrEnum):
    """All of it; what stands before the dot is the kind of thing."""

    PROJECT_CREATE = "project.create"
    PROJECT_CHANGE = "project.change"
    PROJECT_REMOVE = "project.remove"
    MEMBER_ADD = "member.add"
    MEMBER_CHANGE = "member.change"
    MEMBER_REMOVE = "member.remove"
    GROUP_ADD = "group.add"
    GROUP_CHANGE = "group.change"
    GROUP_REMOVE = "group.remove"
    INVITATION_CREATE = "invitation.create"
    INVITATION_ACCEPT = "invitation.accept"
    INVITATION_REMOVE = "invitation.remove"
    REPOSITORY_ADD = "repository.add"
    REPOSITORY_CHANGE = "repository.change"
    REPOSITORY_REMOVE = "repository.remove"
    STORAGE_ADD = "storage.add"
    STORAGE_CHANGE = "storage.change"
    STORAGE_REMOVE = "storage.remove"
    SECRET_PUT = "secret.put"  # noqa: S105 - a word
    SECRET_REMOVE = "secret.remove"  # noqa: S105 - a word
    GIT_LOGIN_PUT = "git_login.put"
    GIT_LOGIN_REMOVE = "git_login.remove"
    REGISTRY_LOGIN_PUT = "registry_login.put"
    REGISTRY_LOGIN_REMOVE = "registry_login.remove"
    SESSION_ADD = "session.add"
    SESSION_CONFIGURE = "session.configure"
    SESSION_REMOVE = "session.remove"
    RUN_START = "run.start"
    RUN_RESUME = "run.resume"
    RUN_PAUSE = "run.pause"
    RUN_STOP = "run.stop"
    RUN_CANCEL = "run.cancel"
    RUN_KEEP = "run.keep"
    RUN_END = "run.end"
    TOKEN_CREATE = "token.create"  # noqa: S105 - a word
    TOKEN_REMOVE = "token.remove"  # noqa: S105 - a word
    ENVIRONMENT_CREATE = "environment.create"
    ENVIRONMENT_PUBLISH = "environment.publish"
    ENVIRONMENT_CHANGE = "environment.change"
    ENVIRONMENT_REMOVE = "environment.remove"
