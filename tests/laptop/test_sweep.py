"""When the sweep must not end anything."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import httpx
import psutil
import pytest

from sojourn.laptop.data import DataFolder, Ports, State
from sojourn.laptop.internal_api import InternalApi
from sojourn.laptop.processes import KnownProcess
from sojourn.laptop.sweep import end_sessions, left_of_sessions, session_processes, sweep
from spawner.processes import ProcessRecord
from tests.laptop.stack import free_port


@pytest.fixture
def session(data: DataFolder) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    created = psutil.Process(process.pid).create_time()
    record = ProcessRecord(run="run", pid=process.pid, created=created, pgid=process.pid)
    (data.runs / "run").mkdir()
    record.write(data.runs / "run")
    yield process
    process.kill()
    process.wait()


async def test_no_session_is_ended_while_the_api_does_not_answer(
    data: DataFolder, session: subprocess.Popen[bytes]
) -> None:
    ports = Ports(public=free_port(), hub=free_port(), api=free_port(), proxy=free_port())
    state = State(supervisor=KnownProcess.of(session.pid), ports=ports, people=("me",), children={})
    async with InternalApi(data, state) as api:
        with pytest.raises(httpx.HTTPError):
            await sweep(data, api)
    assert session.poll() is None
    assert len(session_processes(data)) == 1


async def test_a_process_that_only_has_the_same_pid_is_left_alone(
    data: DataFolder, session: subprocess.Popen[bytes]
) -> None:
    (record,) = session_processes(data)
    earlier = record.model_copy(update={"created": record.created - 3600})
    earlier.write(data.runs / "run")
    await end_sessions(left_of_sessions(data))
    assert session.poll() is None
    assert session_processes(data) == []
