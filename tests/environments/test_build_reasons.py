from __future__ import annotations

from pathlib import Path

from spawner.build_reasons import build_reason

FULL = """\
error: Failed to install: tzdata-2026.6-py2.py3-none-any.whl (tzdata==2026.6)
  cause: Failed to copy to `/cache/environments/ab/lib/python3.11/site-packages/tzdata/zoneinfo/tzdata.zi`
  cause: failed to copy file: No space left on device (os error 28)
"""


def test_a_full_disk_has_a_code_of_its_own_and_says_how_full(tmp_path: Path) -> None:
    reason = build_reason("Foo", FULL.splitlines(), tmp_path)
    assert reason.code == "disk_full"
    assert reason.sentence.startswith(f"Foo was not built: the disk that holds {tmp_path} is full, ")
    assert reason.sentence.endswith(" GiB are free.")


def test_an_unknown_failure_quotes_the_first_error(tmp_path: Path) -> None:
    reason = build_reason("Foo", ["warning: slow", "error: Something new.", "  cause: else"], tmp_path)
    assert reason.sentence == "Foo was not built: Something new."


def test_a_build_that_says_nothing_is_said_to_say_nothing(tmp_path: Path) -> None:
    reason = build_reason("Foo", [], tmp_path)
    assert reason.sentence == "Foo was not built: the build ended without saying why."


def test_only_the_last_lines_are_kept(tmp_path: Path) -> None:
    reason = build_reason("Foo", [f"line {number}" for number in range(100)], tmp_path)
    assert reason.detail.splitlines()[0] == "line 80"
