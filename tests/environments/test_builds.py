from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from spawner.environments import EnvironmentBuildError, ensure
from spawner.recipes import Recipe
from spawner.spec import EnvironmentSpec

pytestmark = pytest.mark.slow

Describe = Callable[[str, str], EnvironmentSpec]

REPOSITORY = Path(__file__).parents[2]
MINIMAL = REPOSITORY / "environments" / "minimal"
SIX = "six==1.17.0\n"


def silent(_: str) -> None:
    pass


def runs(venv: Path, code: str) -> str:
    python = venv / "bin" / "python"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def builders(cache: Path) -> list[psutil.Process]:
    """Every process that builds something below the cache, except this one."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(cache) in argument for argument in process.info["cmdline"] or ())
    ]


@asynccontextmanager
async def building(cache: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of its own that builds the minimal environment and has begun with it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "spawner.environments",
        str(MINIMAL),
        cwd=REPOSITORY,
        env=os.environ | {"SOJOURN_CACHE": str(cache)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        while b"Resolved" not in (line := await process.stdout.readline()):
            assert line, "it ended before it began"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def nobody_builds(cache: Path) -> None:
    async with asyncio.timeout(10):
        while builders(cache):  # noqa: ASYNC110 — the ends of others' processes set no event
            await asyncio.sleep(0.02)


async def test_what_was_built_runs_and_is_not_built_again(tmp_path: Path, describe: Describe) -> None:
    lines: list[str] = []
    venv = await ensure(describe("Six", SIX), tmp_path, lines.append)
    assert runs(venv, "import six; print(six.__version__)") == "1.17.0"
    assert lines[0] == "Building Six, this happens once"
    assert any(line.startswith("Resolved 1 package") for line in lines)
    assert lines[-1].startswith("Built Six in ")

    again: list[str] = []
    assert await ensure(describe("Six", SIX), tmp_path, again.append) == venv
    assert again == []


async def test_changed_requirements_are_another_environment(tmp_path: Path, describe: Describe) -> None:
    old = await ensure(describe("Six", SIX), tmp_path, silent)
    new = await ensure(describe("Six", "six==1.16.0\n"), tmp_path, silent)
    code = "import six; print(six.__version__)"
    assert (runs(old, code), runs(new, code)) == ("1.17.0", "1.16.0")


async def test_a_comment_changes_nothing(tmp_path: Path, describe: Describe) -> None:
    venv = await ensure(describe("Six", SIX), tmp_path, silent)
    assert await ensure(describe("Six", f"# pinned\n\n{SIX}"), tmp_path, silent) == venv


async def test_calls_at_the_same_time_build_once_and_all_see_it(tmp_path: Path, describe: Describe) -> None:
    logs: list[list[str]] = [[] for _ in range(5)]
    venvs = await asyncio.gather(*(ensure(describe("Six", SIX), tmp_path, log.append) for log in logs))
    assert len(set(venvs)) == 1
    assert sum(log[0] == "Building Six, this happens once" for log in logs) == 1
    assert sum(log[0] == "Six is being built by another launch" for log in logs) == len(logs) - 1


async def test_a_second_process_waits_for_the_first_and_shows_its_progress(
    tmp_path: Path, describe: Describe
) -> None:
    recipe = Recipe.load(MINIMAL)
    lines: list[str] = []
    async with building(tmp_path) as first:
        venv = await ensure(describe(recipe.name, recipe.requirements), tmp_path, lines.append)
        output, _ = await first.communicate()
    assert lines[:2] == ["Minimal is being built by another launch", "Building Minimal, this happens once"]
    assert lines.count("Building Minimal, this happens once") == 1
    assert output.decode().endswith("Minimal is ready\n")
    assert (venv / "bin" / "jupyterhub-singleuser").exists()


@pytest.mark.slow
async def test_whoever_waits_builds_when_the_builder_is_cancelled(tmp_path: Path, describe: Describe) -> None:
    recipe = Recipe.load(MINIMAL)
    environment = describe(recipe.name, recipe.requirements)
    resolved, waiting = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(
        ensure(environment, tmp_path, lambda line: resolved.set() if line.startswith("Resolved") else None)
    )
    await resolved.wait()
    lines: list[str] = []

    def log(line: str) -> None:
        lines.append(line)
        waiting.set()

    second = asyncio.create_task(ensure(environment, tmp_path, log))
    await waiting.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert runs(await second, "import jupyterlab; print('works')") == "works"
    assert lines.count("Building Minimal, this happens once") == 2


async def test_a_cancelled_build_leaves_no_process_and_no_half_environment(
    tmp_path: Path, describe: Describe
) -> None:
    recipe = Recipe.load(MINIMAL)
    resolved = asyncio.Event()
    build = asyncio.create_task(
        ensure(
            describe(recipe.name, recipe.requirements),
            tmp_path,
            lambda line: resolved.set() if line.startswith("Resolved") else None,
        )
    )
    await resolved.wait()
    build.cancel()
    with pytest.raises(asyncio.CancelledError):
        await build
    assert builders(tmp_path) == []
    assert [path for path in (tmp_path / "environments").iterdir() if path.is_dir()] == []


@pytest.mark.slow
async def test_a_killed_builder_takes_uv_with_it_and_the_next_build_succeeds(
    tmp_path: Path, describe: Describe
) -> None:
    async with building(tmp_path) as builder:
        assert builders(tmp_path) != []
        builder.send_signal(signal.SIGKILL)
        await nobody_builds(tmp_path)
    recipe = Recipe.load(MINIMAL)
    venv = await ensure(describe(recipe.name, recipe.requirements), tmp_path, silent)
    assert runs(venv, "import jupyterlab; print('works')") == "works"
    assert [path for path in (tmp_path / "environments").iterdir() if path.is_dir()] == [venv]


async def test_an_environment_whose_python_went_away_is_built_again(
    tmp_path: Path, describe: Describe
) -> None:
    venv = await ensure(describe("Six", SIX), tmp_path, silent)
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(tmp_path / "no-longer-here")
    assert await ensure(describe("Six", SIX), tmp_path, silent) == venv
    assert runs(venv, "import six; print('works')") == "works"


@pytest.mark.parametrize(
    ("requirements", "sentence"),
    [
        (
            "no-such-package-of-sojourn==1.0\n",
            "Foo was not built: the package index has no package no-such-package-of-sojourn.",
        ),
        ("six==99.0\n", "Foo was not built: the package index has no version six==99.0."),
        (
            "--only-binary :all:\ndocopt==0.6.2\n",
            "Foo was not built: docopt==0.6.2 has no ready-made package for this computer and its Python.",
        ),
    ],
)
async def test_a_failed_build_says_why_and_leaves_the_good_one(
    tmp_path: Path, describe: Describe, requirements: str, sentence: str
) -> None:
    good = await ensure(describe("Foo", SIX), tmp_path, silent)
    with pytest.raises(EnvironmentBuildError) as failed:
        await ensure(describe("Foo", requirements), tmp_path, silent)
    reason = failed.value.reason
    assert (reason.code, reason.sentence) == ("environment_build_failed", sentence)
    assert [remedy.action for remedy in reason.remedies] == ["retry", "choose_environment"]
    assert "error:" in reason.detail
    assert runs(good, "import six; print('works')") == "works"
    assert await ensure(describe("Foo", SIX), tmp_path, silent) == good


async def test_contradicting_requirements_are_quoted(tmp_path: Path, describe: Describe) -> None:
    with pytest.raises(EnvironmentBuildError) as failed:
        await ensure(describe("Foo", "tornado==6.5\njupyterhub==6.1.1\nsqlalchemy==1.3\n"), tmp_path, silent)
    sentence = failed.value.reason.sentence
    assert sentence.startswith("Foo was not built: its requirements contradict each other (")
    assert "sqlalchemy" in sentence


async def test_an_index_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, describe: Describe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://ada:hunter2@127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    lines: list[str] = []
    with pytest.raises(EnvironmentBuildError) as failed:
        await ensure(describe("Foo", SIX), tmp_path, lines.append)
    reason = failed.value.reason
    assert reason.sentence == "Foo was not built: the package index 127.0.0.1 did not answer."
    assert "hunter2" not in reason.model_dump_json() + "".join(lines)


async def test_a_cache_that_cannot_be_written_is_a_reason(tmp_path: Path, describe: Describe) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    with pytest.raises(EnvironmentBuildError, match=r"Foo was not built: .*Not a directory"):
        await ensure(describe("Foo", SIX), tmp_path / "cache", silent)


def test_the_command_says_why_it_failed_and_exits_with_1(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "environment.yaml").write_text((MINIMAL / "environment.yaml").read_text())
    (folder / "requirements.txt").write_text("six==99.0\n")
    ended = subprocess.run(
        [sys.executable, "-m", "spawner.environments", folder],
        cwd=REPOSITORY,
        env=os.environ | {"SOJOURN_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.endswith("Minimal was not built: the package index has no version six==99.0.\n")
