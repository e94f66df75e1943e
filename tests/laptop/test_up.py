"""`sojourn up` as a process: what it refuses, what it survives, what it leaves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import httpx
import psutil
import pytest

from spawner.processes import RUN_VARIABLE, ProcessRecord
from tests.laptop.stack import Stack, wait_until

CHILDREN = ("api", "hub", "proxy")


class SessionProcess:
    """A process with the record that the spawner writes, and a child in an OS session of its own."""

    def __init__(self, stack: Stack, run: str) -> None:
        self.folder = stack.data.runs / run
        self.folder.mkdir(parents=True)
        kernel = "import subprocess; subprocess.run(['sleep', '600'], start_new_session=True)"
        self.process = subprocess.Popen(
            [sys.executable, "-c", kernel], start_new_session=True, env={**os.environ, RUN_VARIABLE: run}
        )
        pid = self.process.pid
        created = psutil.Process(pid).create_time()
        self.record = ProcessRecord(run=run, pid=pid, created=created, pgid=pid)
        wait_until(lambda: bool(psutil.Process(pid).children()), "the child of the session")
        self.kernel = psutil.Process(pid).children()[0]
        self.record.write(self.folder)

    def is_gone(self) -> bool:
        with suppress(psutil.NoSuchProcess):
            if self.kernel.status() != psutil.STATUS_ZOMBIE:
                return False
        return self.process.poll() is not None

    def close(self) -> None:
        with suppress(psutil.Error):
            self.kernel.kill()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def left_session(stack: Stack) -> Iterator[SessionProcess]:
    """A session that still runs although its run is over."""
    stack.data.prepare()
    session = SessionProcess(stack, "01JD0000000000000000000000")
    yield session
    session.close()


def test_a_taken_port_is_named_with_a_free_one(stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", stack.port)):
        refused = stack.run("up", f"--port={stack.port}", "--no-browser")
    assert refused.returncode == 1
    assert f"Port {stack.port} of this computer is taken by another program." in refused.stderr
    assert "`sojourn up --port " in refused.stderr
    assert stack.processes() == []


def test_a_person_who_cannot_be_named_so_is_refused_before_anything_starts(stack: Stack) -> None:
    refused = stack.run("up", f"--port={stack.port}", "--no-browser", "--person=Ada L")
    assert refused.returncode == 1
    assert "--person ada-l" in refused.stderr
    assert not stack.data.root.exists()


def test_a_link_without_a_running_sojourn_says_how_to_start_it(stack: Stack) -> None:
    refused = stack.run("link")
    assert refused.returncode == 1
    assert "`sojourn up`" in refused.stderr


@pytest.mark.slow
def test_a_second_up_on_the_same_data_is_refused_and_says_where_the_first_is(running: Stack) -> None:
    refused = running.run("up", "--port=1", "--no-browser")
    assert refused.returncode == 1
    assert f"already runs on {running.data.root} at {running.url}" in refused.stderr
    assert f"`sojourn link --data {running.data.root}`" in refused.stderr
    assert running.answers()


@pytest.mark.slow
def test_everybody_gets_a_link_and_it_alone_goes_to_standard_output(stack: Stack) -> None:
    stack.start("--person", "ada")
    assert len(stack.links()) == 2
    assert "logs ada in" in stack.text()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_end_of_up_leaves_no_process(stack: Stack, number: signal.Signals) -> None:
    stack.start()
    assert len(stack.processes()) >= len(CHILDREN)
    assert stack.end(number) == 0
    assert stack.processes() == []


@pytest.mark.slow
def test_up_outlives_its_terminal_when_told_to(stack: Stack) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stack.start()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert stack.up is not None
    stack.up.send_signal(signal.SIGHUP)
    assert stack.run("link").returncode == 0
    assert stack.answers()


@pytest.mark.slow
def test_the_end_of_up_ends_sessions_with_their_kernels(stack: Stack, left_session: SessionProcess) -> None:
    stack.start()
    assert stack.end() == 0
    assert left_session.is_gone()
    assert not ProcessRecord.path(left_session.folder).exists()


@pytest.mark.slow
def test_a_session_whose_run_is_over_is_ended(stack: Stack, left_session: SessionProcess) -> None:
    stack.start()
    wait_until(left_session.is_gone, "the end of a session whose run is over")
    wait_until(lambda: not ProcessRecord.path(left_session.folder).exists(), "its record's end")


@pytest.mark.slow
@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_is_started_again(stack: Stack, name: str) -> None:
    stack.start()
    before = stack.state().children[name]
    os.kill(before.pid, signal.SIGKILL)
    wait_until(lambda: stack.state().children[name] != before, f"a new {name}")
    wait_until(stack.answers, "answers of the API and the hub")
    assert "ended (signal 9) and is started again." in stack.text()
    assert stack.end() == 0
    assert stack.processes() == []


@pytest.mark.slow
def test_pages_answer_while_the_hub_is_killed(stack: Stack) -> None:
    stack.start()
    hub = stack.state().children["hub"]
    os.kill(hub.pid, signal.SIGKILL)
    assert httpx.get(f"{stack.url}/healthz").is_success
    wait_until(stack.answers, "answers of the hub")


@pytest.mark.slow
def test_a_login_outlives_a_kill_of_the_hub(stack: Stack) -> None:
    stack.start()
    with httpx.Client() as browser:
        browser.get(stack.links()[0])
        os.kill(stack.state().children["hub"].pid, signal.SIGKILL)
        wait_until(lambda: not stack.answers(), "the hub's end")
        wait_until(stack.answers, "answers of the new hub")
        assert browser.get(f"{stack.url}/hub/login").status_code == 302


@pytest.mark.slow
def test_the_next_up_recovers_from_a_killed_supervisor(stack: Stack) -> None:
    stack.start()
    first = stack.state()
    assert stack.up is not None
    stack.up.kill()
    stack.up.wait()
    assert stack.answers()
    stack.start()
    second = stack.state()
    assert second.ports == first.ports
    assert not any(process.is_alive() for process in first.children.values())
    wait_until(stack.answers, "answers of the API and the hub")
    assert stack.end() == 0
    assert stack.processes() == []


@pytest.mark.slow
def test_the_next_up_recovers_when_all_were_killed(stack: Stack) -> None:
    stack.start()
    assert stack.up is not None
    stack.up.kill()
    stack.up.wait()
    for process in stack.processes():
        with suppress(psutil.NoSuchProcess):
            process.kill()
    stack.start()
    wait_until(stack.answers, "answers of the API and the hub")


@pytest.mark.slow
def test_a_supervisor_killed_before_it_wrote_a_process_down_leaves_nothing_behind(stack: Stack) -> None:
    stack.start()
    assert stack.up is not None
    state = stack.state()
    stack.up.kill()
    stack.up.wait()
    first = state.children
    stack.data.write_state(state.model_copy(update={"children": {}}))
    stack.start()
    assert not any(process.is_alive() for process in first.values())


@pytest.mark.slow
def test_a_child_that_cannot_start_ends_up_with_its_last_words(stack: Stack) -> None:
    stack.data.prepare()
    (stack.data.hub / "cookie-secret").write_text("too short")
    with pytest.raises(AssertionError, match="The hub ended 3 times while starting"):
        stack.start()
    assert str(stack.data.logs / "hub.log") in stack.text()
    assert stack.up is not None
    assert stack.up.wait() == 1
    assert stack.processes() == []
