"""What several pages show: plain data with finished words, so that templates decide nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["inactive", "launching", "running", "paused", "failed"]
Tone = Literal["", "note", "good", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumb; the last one has no address."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A chip and what stands beside it.

    Attributes:
        beside: words such as `last ran 18 Nov`.
        ticking: beside it stands how long since then, counted on in the browser.
    """

    state: State
    beside: str = ""
    ticking: datetime | None = None

    @property
    def word(self) -> str:
        """`Running`."""
        return self.state.capitalize()


@dataclass(frozen=True, slots=True)
class LiveItem:
    """One live run of the viewer in the menu of the header."""

    href: str
    name: str
    status: Status
    project: str


@dataclass(frozen=True, slots=True)
class Action:
    """One button, link or menu entry.

    Attributes:
        label: verb, or verb and thing.
        about: what it is about, for those who hear the button without seeing the card.
        post: it changes something, so it is a form.
        fields: hidden fields of that form.
        ask: a page that asks first; the script shows it as a dialog.
    """

    label: str
    href: str
    icon: str = ""
    about: str = ""
    small: str = ""
    post: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    ask: bool = False
    danger: bool = False
    state: State | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """One line below a card's facts.

    Attributes:
        until: behind the text stands how long it is until then, counted down in the browser.
    """

    text: str
    icon: str = "info"
    tone: Tone = ""
    actions: tuple[Action, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """How long something takes: what was usual, and the words before, around and after that.

    Attributes:
        p50: seconds; None without history, then there is no bar.
        p95: seconds.
    """

    since: datetime
    p50: float | None
    p95: float | None
    usual: str
    late: str

    def words(self, seconds: float, before: str = "") -> str:
        """What stands beside the seconds so far; `before` leads what is usual."""
        if self.p50 is None or self.p95 is None:
            return ""
        if seconds <= self.p50:
            return before + self.usual
        return "any moment now" if seconds <= self.p95 else self.late


@dataclass(frozen=True, slots=True)
class Confirm:
    """A question before something is lost: a page, and a dialog where there is a script.

    Attributes:
        lines: what is lost and what is kept.
        lost: things that go away, each on its own line; may be empty.
        kept: things that stay.
        do: what the question is about; says what it does.
        instead: something milder to do, if there is.
        also: something harsher.
        back: where `keep` leads.
        keep: the words for not doing it.
        at_hand: what it is about takes one key, since nothing is lost that was saved; else not doing it does.
    """

    title: str
    crumbs: tuple[Crumb, ...]
    lines: tuple[str, ...]
    do: Action
    back: str
    keep: str
    instead: Action | None = None
    also: Action | None = None
    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    at_hand: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the list goes on."""

    words: str
    first: str = ""
    next: str = ""
