"""The classes of a computer come from the machine, anew at every start."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessions_api.resources import offers
from sojourn.laptop import machine
from sojourn.laptop.data import DataFolder

GIB = 2**30


@pytest.mark.parametrize(
    ("cpus", "memory", "sizes"),
    [
        (8, 32 * GIB, [(2, 8), (4, 16), (8, 32)]),
        (2, 15.6 * GIB, [(0.5, 3.75), (1, 7.75), (2, 15.5)]),
        (1, GIB // 2, [(0.25, 0.25), (0.5, 0.25), (1, 0.5)]),
    ],
)
def test_they_are_parts_of_its_cpus_and_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpus: int, memory: float, sizes: list[object]
) -> None:
    data = DataFolder(tmp_path)
    machine.classes_file(data)
    offered = machine.classes
    monkeypatch.setattr(machine, "classes", lambda *_: offered(cpus, int(memory)))

    read = offers.load(machine.classes_file(data))

    assert [(one.cpus, one.memory_gib) for one in read] == sizes
    assert [one.slug for one in read] == ["quarter", "half", "whole"]
    assert not any(one.default for one in read)
