"""What pages show of runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sessions_api.web.parts import Action, Crumb, Hint, Status, Wait


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of the launch's time axis, which is 100 wide for the whole launch.

    Attributes:
        scale: width of one second, for a stage that goes on.
    """

    x: float
    width: float
    scale: float = 0


@dataclass(frozen=True, slots=True)
class Spark:
    """What a running session uses of one thing, as a line 100 wide and 24 high.

    Attributes:
        now, of, peak: `1.2 GiB`, `of 8 GiB`, `2.1 GiB`.
        points: of the line.
        limit: how high the limit is drawn; None: there is none.
        near: whether it is nearly reached.
        heard: all of it in words, for those who do not see the line.
    """

    label: str
    now: str
    of: str
    peak: str
    points: str
    limit: float | None
    near: bool
    heard: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of a launch.

    Attributes:
        heard: the state in a word, for those who do not see the icon.
        took: how long it took, or what is usual.
        since: when a stage that goes on began.
        more: a line below it.
    """

    state: Literal["done", "now", "next", "warn", "fail"]
    title: str
    heard: str
    took: str = ""
    since: datetime | None = None
    more: str = ""
    usual: Bar | None = None
    spent: Bar | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log; `at` is seconds since the launch began."""

    id: int
    at: str
    source: str
    text: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run uses.

    Attributes:
        frozen: whether the launch came as far as reading commits; before that there is nothing to name.
    """

    frozen: bool
    environment: Crumb
    version: int
    digest: str
    front_end: str
    resources: str
    repositories: tuple[tuple[str, str], ...]
    storages: tuple[str, ...]
    run: str
    started: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class FailureNotice:
    """Why the run failed and what to do; the first remedy leads.

    Attributes:
        detail: what was said about it and is not in the log.
    """

    sentence: str
    hint: str
    detail: str
    remedies: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """The page of one run.

    Attributes:
        title: for the browser's tab: `Launching Exploration`.
        note: what stands beside the status.
        state: `launching` while the page should open the session by itself afterwards.
        open: the session's address, when it answers.
        reload: seconds after which a browser without a script looks again; 0 when nothing is under way.
        wait: what is usual for the whole launch; None when nothing is under way.
        stage: the title of the stage that goes on.
        done: `2 of 8 done`.
        log_note: `live, 9 lines`.
        log_start: what the log's seconds count from.
        events: where changes are announced; empty when there will be none.
        attempt: counts launches; the log is that of the last one.
        sparks: what it uses while it runs.
        peaks: the most that it ever used, in words.
        hints: what is to be said of it besides.
    """

    id: str
    title: str
    name: str
    crumbs: tuple[Crumb, ...]
    status: Status
    note: str
    state: str
    open: str
    reload: int
    say: str
    actions: tuple[Action, ...]
    stages: tuple[StageRow, ...]
    done: str
    facts: Facts
    log: tuple[LogLine, ...]
    log_note: str
    log_open: bool
    log_start: datetime
    log_whole: str
    events: str
    attempt: int
    stage: str = ""
    wait: Wait | None = None
    failure: FailureNotice | None = None
    sparks: tuple[Spark, ...] = ()
    peaks: str = ""
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One of the viewer's runs in the history of a project.

    Attributes:
        kept: until when its /work is kept, leading to where a start from it is; None: it is not.
    """

    id: str
    href: str
    session: str
    environment: str
    version: int
    status: Status
    word: str
    started: str
    lasted: str
    sentence: str
    peaks: tuple[str, ...] = ()
    kept: Action | None = None


@dataclass(frozen=True, slots=True)
class LaunchLink:
    """What a launch link leads to.

    Attributes:
        facts: what would run, and with what.
        variables: name and value of those that the link sets.
        note: what is to be said before; may be empty.
        link: the page's own address, to be sent.
        example: a variable as a link names it; empty where the session has none.
        editor: whether the viewer can add variables to the session.
    """

    name: str
    project: str
    crumbs: tuple[Crumb, ...]
    status: Status
    facts: tuple[tuple[str, str], ...]
    variables: tuple[tuple[str, str], ...]
    note: str
    do: Action
    link: str
    example: str
    editor: bool
    back: str
