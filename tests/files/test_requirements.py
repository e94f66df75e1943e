from __future__ import annotations

import json

import pytest

from sessions_api.environments.files import reading
from sessions_api.environments.files.model import BYTES
from tests.files.conftest import FRONT_END, Reader, pins
from tests.served import REPOSITORY


async def test_a_requirements_file_that_is_pinned_is_taken_as_it_is(reader: Reader) -> None:
    text = f"\ufeff# of pip-compile\r\n{FRONT_END}numpy==2.3.5 \\\n    --hash=sha256:{'a' * 64}\n"
    found = await reader.read(f"{text}winpty==1.0 ; sys_platform == 'none'\n", name="dir/reqs.txt")

    assert pins(found) == [*FRONT_END.split(), "numpy==2.3.5"]
    assert (found["kind"], found["source"], found["added"]) == ("requirements.txt", "reqs.txt", [])
    assert "hashes were left out" in found["notes"][0]
    assert found["notes"][1] == "1 line is for other computers and left out."


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-r base.txt", "-r includes another file"),
        ("--requirement=base.txt", "--requirement includes another file"),
        ("-cbase.txt", "-c takes limits from another file"),
        ("--index-url https://ada:hunter2@index.test/", "--index-url says where packages come from"),
        ("--extra-index-url=https://index.test", "this computer's own matter"),
        ("-f ./wheels", "-f says where packages come from"),
        ("-e .", "-e installs a folder as it is edited"),
        ("--no-binary :all:", "which runs their code"),
        ("--pre", "--pre is an option that is not taken"),
        ("./wheels/x.whl", "is an address or a path"),
        ("git+https://ada:hunter2@git.test/x.git", "is an address or a path"),
        ("tides @ https://ada:hunter2@git.test/x.zip", "is an address or a path"),
        ("tides @ file:///etc/passwd", "is an address or a path"),
        ("numpy=2.3.5", "write it like numpy==2.3.5"),
        ("numpy 2.3.5", "write it like numpy==2.3.5"),
        (f"numpy{'(' * 900}", "write it like numpy==2.3.5"),
        (f"numpy=={'1' * 1000}", "longer than 1000 characters"),
    ],
)
async def test_a_line_that_is_not_taken_is_named_with_what_to_do(
    reader: Reader, line: str, words: str
) -> None:
    field, sentence = await reader.refused(f"{FRONT_END}# a comment\n{line}\n", name="requirements.txt")

    assert field == "text"
    assert sentence.startswith("requirements.txt, line 4: ")
    assert words in sentence
    assert "hunter2" not in sentence


async def test_the_lines_of_a_text_that_begins_empty_are_counted_too(reader: Reader) -> None:
    assert (await reader.refused("\n\n-r base.txt"))[1].startswith("requirements.txt, line 3: ")


@pytest.mark.parametrize("text", ["", "# nothing\n", "--only-binary :all:\n", "a==1 ; sys_platform == 'x'"])
async def test_a_file_without_packages_is_refused(reader: Reader, text: str) -> None:
    assert "lists no package for this computer" in (await reader.refused(text))[1]


async def test_what_is_too_large_is_refused(reader: Reader) -> None:
    assert "1048576 is the most" in (await reader.refused("#" * (BYTES + 1)))[1]
    assert "1048576 is the most" in (await reader.refused("é" * (BYTES // 2 + 1)))[1]
    assert "more than 2000 packages" in (await reader.refused("a\n" * 2001))[1]
    many = json.dumps(["a"] * 2001)
    assert "more than 2000 packages" in (await reader.refused(f"[project]\ndependencies = {many}"))[1]


async def test_what_the_file_does_not_pin_or_bring_is_chosen_and_said(reader: Reader) -> None:
    found = await reader.read("six>=1.16,<1.17\n")

    assert {"jupyterhub", "jupyterlab", "tornado"} <= {line.partition("==")[0] for line in pins(found)}
    assert "six==1.16.0" in pins(found)
    assert found["added"] == ["jupyterhub", "jupyterlab"]
    assert found["notes"] == [
        "Added jupyterhub and jupyterlab, which JupyterLab sessions need and the file does not bring."
    ]


async def test_another_front_end_is_left_alone(reader: Reader) -> None:
    found = await reader.read("six==1.17.0", front_end=False)

    assert (found["requirements"], found["added"]) == ("--only-binary :all:\nsix==1.17.0\n", [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no-such-package-of-sojourn", "the package index has no package no-such-package-of-sojourn."),
        ("six>=99", "no versions go together: "),
    ],
)
async def test_what_cannot_be_had_is_refused_with_why(reader: Reader, line: str, words: str) -> None:
    field, sentence = await reader.refused(line, front_end=False)

    assert field == "text"
    assert words in sentence


async def test_an_index_that_does_not_answer_is_told_as_such(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://ada:hunter2@127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    answer = await reader.answered("six>=1", front_end=False)

    assert (answer.status_code, answer.json()["code"]) == (503, "package_index")
    assert "the package index 127.0.0.1 did not answer" in answer.json()["detail"]
    assert "hunter2" not in answer.text


async def test_where_sessions_are_pods_files_are_not_read() -> None:
    async with Reader(kubernetes_namespace="sessions") as cluster:
        answer = await cluster.answered(FRONT_END)

    assert (answer.status_code, answer.json()["code"]) == (409, "environment_unsupported")


def test_what_is_added_has_the_ranges_of_the_minimal_environment() -> None:
    ranges = (REPOSITORY / "environments" / "minimal" / "requirements.in").read_text().splitlines()

    assert set(reading.FRONT_END.values()) <= set(ranges)
