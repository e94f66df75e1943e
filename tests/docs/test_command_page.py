from __future__ import annotations

import subprocess

import pytest

from scripts.command_page import PAGE, written
from tests.docs.pages import fenced, matches, page
from tests.laptop.stack import COMMAND
from tests.registry_server import RegistryServer
from tests.served import Served

pytestmark = pytest.mark.slow


def test_the_reference_is_that_of_the_command() -> None:
    text = PAGE.read_text()
    assert text == written(text), "python scripts/command_page.py writes it anew"


@pytest.mark.timeout(300)  # Twenty and more programs one after the other, among them a whole launch.
def test_commands_print_what_the_page_says(documented: Served, registry: RegistryServer) -> None:
    script = "".join(fenced(page("command.md"), "console"))
    for example in script.removeprefix("$ ").split("\n$ "):
        line, _, printed = example.replace("registry.example.org", registry.host).partition("\n")
        ran = subprocess.run(
            ["/bin/sh", "-c", line.replace("sojourn", COMMAND, 1)],
            env=documented.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout}"
        assert matches(printed.strip(), ran.stdout.strip()), f"{line}\n{ran.stdout}"
