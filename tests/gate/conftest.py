from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gate.sessions import Browser, GateHub, Program, Session, running
from tests.spawner.hub import free_port
from tests.spawner.stand_in_api import StandInApi

Open = Callable[..., Session]


@pytest.fixture(scope="package")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateHub]:
    with StandInApi() as api:
        hub = GateHub(tmp_path_factory.mktemp("hub"), api)
        try:
            hub.start()
            yield hub
        finally:
            hub.close()


@pytest.fixture(scope="package")
def shared_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that nobody ends."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "digits.txt").write_text("0123456789")
    with running(Program(port=free_port(), folder=folder)) as program:
        yield program


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program of the test's own, not started yet."""
    program = Program(port=free_port(), folder=tmp_path)
    yield program
    program.end()


@pytest.fixture(scope="package")
def open_session(hub: GateHub) -> Open:
    """Has the hub start a gate of Ann's in front of a program."""
    names = (f"app{number}" for number in itertools.count())

    def start(program: Program, **options: str) -> Session:
        return hub.session("ann", next(names), program, **options)  # type: ignore[arg-type]

    return start


@pytest.fixture(scope="package")
def stripped(open_session: Open, shared_program: Program) -> Session:
    """A running session whose program sees paths from its own root."""
    session = open_session(shared_program)
    session.wait_until_ready()
    return session


@pytest.fixture(scope="package")
def kept(open_session: Open, shared_program: Program) -> Session:
    """A running session whose program sees the session's paths."""
    session = open_session(shared_program, prefix="keep")
    session.wait_until_ready()
    return session


@pytest.fixture
def browse(hub: GateHub) -> Iterator[Callable[..., Browser]]:
    """Browsers, of people who are logged in at the hub if they are named."""
    opened: list[Browser] = []

    def browser(session: Session, person: str | None = None) -> Browser:
        opened.append(Browser(hub, session))
        if person is not None:
            opened[-1].log_in_at_hub(person)
        return opened[-1]

    yield browser
    for one in opened:
        one.close()


@pytest.fixture
def ann(browse: Callable[..., Browser], stripped: Session) -> Browser:
    """Ann's browser, with her session open."""
    browser = browse(stripped, "ann")
    browser.open().raise_for_status()
    return browser
