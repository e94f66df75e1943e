"""Whether an image can be a session here, and how it would be run: pure, from what its registry tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sessions_api.environments.checks.front_ends import KNOWN, SINGLE_USER, Known
from sessions_api.web import words
from spawner.recipes import FrontEndPart, GatePart, ProgramPart, RunPart

MUST_HAVE = (
    (
        "A program that is JupyterHub's own (jupyterhub-singleuser), or any web server that listens on a "
        "port of 1024 or more, speaks HTTP and asks for no login."
    ),
    "A build for the processors of the nodes here.",
    "Nothing that needs root: sessions run as an ordinary user, 1000 unless the image names another.",
)
"""What an image must have: the page says it before a check, and a check gives its verdict in these terms."""

Kind = Literal["as_it_is", "behind_gate", "will_not_work"]

_FIRST_PORT = 1024
_USUAL_UID, _USUAL_GID = 1000, 100
_LARGEST_ID = 2**31
_NUMBERS = re.compile(r"(\d{1,10})(?::(\d{1,10}))?", re.ASCII)


@dataclass(frozen=True)
class Facts:
    """What is known of an image, for one platform.

    Attributes:
        user: as the image says it: `USER`, `UID`, `USER:GROUP` or `UID:GID`; empty is root.
        ports: that it says it listens on.
        program: its entry point and command, one after the other.
        instructions: what made its layers, as its builder wrote it.
        labels: what its maker wrote on it.
        programs: where it has which of those that are looked for.
        is_known: whether all of it was looked through, so that what is not in `programs` is not there.
    """

    user: str
    ports: tuple[int, ...]
    program: tuple[str, ...]
    instructions: tuple[str, ...]
    labels: Mapping[str, str]
    programs: Mapping[str, str]
    is_known: bool


@dataclass(frozen=True)
class Verdict:
    """What comes of an image.

    Attributes:
        sentence: says it.
        fix: what to do about an image that will not work; else what to know of one that does, or empty.
        run: how it would be run; None of one that will not work.
    """

    kind: Kind
    sentence: str
    fix: str
    run: RunPart | None


def verdict(facts: Facts) -> Verdict:
    """The verdict on an image that is built for a platform here."""
    found = [(known, where) for known in KNOWN if (where := _where(known, facts)) is not None]
    if found:
        return _known(found, facts)
    ports = [port for port in facts.ports if port >= _FIRST_PORT]
    if ports and facts.program:
        return _own_program(ports[0], facts)
    if ports:
        return _refused(
            "it does not say which program to start.",
            "Give the image an ENTRYPOINT or a CMD that starts its web server.",
        )
    if facts.ports:
        return _refused(
            f"its program listens on port {facts.ports[0]}, which only root may use.",
            "Have the program listen on a port of 1024 or more, and say so with EXPOSE.",
        )
    return _refused(
        "it has no JupyterLab that can be found, and says no port on which a web server listens.",
        "Install jupyterhub-singleuser in it (pip install jupyterhub jupyterlab), or give it a web server "
        "and say its port with EXPOSE.",
    )


def _where(known: Known, facts: Facts) -> str | None:
    """Where its program was found, or which part of what an image tells of itself names it; None: nowhere."""
    word = re.compile(rf"(?<![\w.-]){re.escape(known.program)}(?![\w.-])")
    if any(word.search(part) for part in facts.program):
        return f"its own command names {known.program}"
    if (path := facts.programs.get(known.program)) is not None:
        return f"it has {path}"
    if not facts.is_known and any(_NAMED_BY[known.program].search(line) for line in facts.instructions):
        return f"its history names {known.program}"
    return None


_NAMED_BY = {
    SINGLE_USER.program: re.compile(r"\bjupyterhub(-singleuser)?\b"),
    "jupyter-lab": re.compile(r"\bjupyterlab\b"),
    "code-server": re.compile(r"(?<![\w-])code-server(?![\w-])"),
    "openvscode-server": re.compile(r"(?<![\w-])openvscode-server(?![\w-])"),
}
"""What installs a program, in the instructions of a build."""


def _known(found: Sequence[tuple[Known, str]], facts: Facts) -> Verdict:
    """The verdict on an image with programs that are known, each with where it was found: the first leads."""
    named: dict[str, FrontEndPart] = {}
    for known, _ in found:
        named.setdefault(known.front_end.name, known.front_end)
    front_end, *others = named.values()
    run = RunPart(
        **{name: getattr(front_end, name) for name in ProgramPart.model_fields},
        front_end=front_end.name,
        front_ends=tuple(others),
        **_user(facts),
    )
    where = found[0][1]
    told = f"{where[0].upper()}{where[1:]}."
    if others:
        told += f" Sessions can run {words.listed(tuple(each.name for each in others))} in its place."
    if front_end.gate is None:
        return Verdict("as_it_is", "This image works as it is.", _with_root(told, facts), run)
    sentence = f"This image works behind the gate on port {front_end.port}."
    return Verdict("behind_gate", sentence, _with_root(told, facts), run)


def _own_program(port: int, facts: Facts) -> Verdict:
    title = facts.labels.get("org.opencontainers.image.title", "").strip()
    shown = title if 0 < len(title) <= _LONGEST_NAME and title.isprintable() else "Web app"
    run = RunPart(front_end=shown, command=(), port=port, gate=GatePart(), default_url="/", **_user(facts))
    known = f"Its own program is started; it must listen on port {port} and ask for no login."
    return Verdict(
        "behind_gate", f"This image works behind the gate on port {port}.", _with_root(known, facts), run
    )


_LONGEST_NAME = 40


def _refused(why: str, fix: str) -> Verdict:
    return Verdict("will_not_work", f"This image will not work because {why}", fix, None)


def _with_root(known: str, facts: Facts) -> str:
    if _is_root(facts.user):
        return f"{known} It runs as root by itself; here it runs as user {_USUAL_UID}."
    if _NUMBERS.fullmatch(facts.user) is None:
        return f"{known} Its user {facts.user} is taken to be {_USUAL_UID}; say another number if it is not."
    return known


def _is_root(user: str) -> bool:
    return user.partition(":")[0] in {"", "root", "0"}


def _user(facts: Facts) -> dict[str, int]:
    numbers = _NUMBERS.fullmatch(facts.user)
    uid, gid = (int(numbers[1]), int(numbers[2] or 0)) if numbers else (0, 0)
    return {
        "uid": uid if 0 < uid <= _LARGEST_ID else _USUAL_UID,
        "gid": gid if 0 < gid <= _LARGEST_ID else _USUAL_GID,
    }
