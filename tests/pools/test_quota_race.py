"""A hundred starts at once for ten places: ten get one, whoever is asked and whatever is killed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest

from tests.pools.conftest import EVERYBODY, MOST, Installation
from tests.served import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def started(installation: Installation, session: str) -> list[httpx.Response]:
    """Everybody's start of a session, all at once; who they are the API knows by then."""
    for first in range(0, len(EVERYBODY), MOST):
        known = [(person, "GET", "/me") for person in EVERYBODY[first : first + MOST]]
        assert {answer.status_code for answer in installation.all_at_once(known)} == {200}
    return installation.all_at_once([(person, "POST", f"{session}/start") for person in EVERYBODY])


def launched(installation: Installation, amount: int) -> None:
    """Waits until so many servers were asked for, and sees that it were no more."""
    until(lambda: len(installation.hub.runs) == amount or None, f"{amount} launches")


def test_of_a_hundred_starts_in_a_full_pool_ten_launch_and_ninety_wait(installation: Installation) -> None:
    session = installation.session("ann", "Terrain", "shared")

    answers = started(installation, session)

    assert Counter(answer.status_code for answer in answers) == {202: len(EVERYBODY)}
    runs = [answer.json() for answer in answers]
    let_in = {run["id"] for run in runs if run["queue"] is None}
    assert len(let_in) == MOST
    positions = sorted(run["queue"]["position"] for run in runs if run["queue"])
    assert positions == list(range(1, len(EVERYBODY) - MOST + 1))
    launched(installation, MOST)
    assert installation.hub.runs == let_in
    assert installation.hub.most == MOST


def test_of_a_hundred_starts_beyond_a_projects_limit_ninety_are_refused(installation: Installation) -> None:
    session = installation.session("ann", "Terrain", "together")

    answers = started(installation, session)

    assert Counter(answer.status_code for answer in answers) == {202: MOST, 409: len(EVERYBODY) - MOST}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in refused} == {"limit_reached"}
    assert {problem["detail"] for problem in refused} == {
        "Sessions of Terrain use 10 of its 10 GiB of memory in the pool Together."
    }
    launched(installation, MOST)
    assert installation.hub.most == MOST


def test_of_a_hundred_starts_beyond_ones_own_limit_ninety_are_refused(installation: Installation) -> None:
    sessions = [
        installation.session("ann", f"Project {number}", "limited") for number in range(len(EVERYBODY))
    ]

    answers = installation.all_at_once([("ann", "POST", f"{session}/start") for session in sessions])

    assert Counter(answer.status_code for answer in answers) == {202: MOST, 409: len(EVERYBODY) - MOST}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in refused} == {"limit_reached"}
    assert {len(problem["holders"]) for problem in refused} == {MOST}
    launched(installation, MOST)
    assert installation.hub.most == MOST


def test_the_line_survives_a_kill_of_everything_and_moves_on(installation: Installation) -> None:
    session = installation.session("ann", "Terrain", "shared")
    runs = [answer.json() for answer in started(installation, session)]
    launched(installation, MOST)
    line: list[dict[str, Any]] = sorted(
        (run for run in runs if run["queue"]), key=lambda run: int(run["queue"]["position"])
    )

    installation.restart()

    gone = [run for run in runs if run["queue"] is None][:3]
    for run in gone:
        installation.stop(run, session)
    let_in = {run["id"] for run in line[: len(gone)]}
    until(lambda: let_in <= installation.hub.runs or None, "the launch of whose turn it is")
    assert installation.hub.most == MOST
    following = line[len(gone)]
    assert installation.run(following["person"], following["id"])["queue"]["position"] == 1
