"""The tables of the failures page are those that the service and the tests go by."""

from __future__ import annotations

import re

from sessions_api.runs.states import STEPS
from tests.docs.pages import REPOSITORY, page
from tests.truth.test_failure_matrix import VERBS, WHAT, WHEN, expected

PAGE = page("failures.md")


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_matrix_says_how_each_test_of_it_ends() -> None:
    rows = [_cells(line) for line in PAGE.splitlines() if re.match(r"\| \w+, (before|during|after) ", line)]
    told = {
        (*row[0].split(", "), what): set(ends.split(" or "))
        for row in rows
        for what, ends in zip(WHAT, row[1:4], strict=True)
    }
    assert told == {
        (verb, when, what): expected(verb, when, what) for verb in VERBS for when in WHEN for what in WHAT
    }


def test_the_steps_are_those_of_the_service() -> None:
    section = PAGE.partition("## The steps of a run")[2].partition("\n## ")[0]
    rows = [_cells(line) for line in section.splitlines() if line.startswith("| ")][2:]
    told = {
        phase: set() if following == "nowhere" else set(following.split(", "))
        for phases, following in rows
        for phase in phases.split(", ")
    }
    assert told == {phase: set(following) for phase, following in STEPS.items()}


def test_the_tests_that_it_names_are_there() -> None:
    named = set(re.findall(r"`(tests/\S+?\.py)`", PAGE))
    assert len(named) > 5
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
