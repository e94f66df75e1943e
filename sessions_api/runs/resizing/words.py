"""What pages say of other sizes for what runs."""

from __future__ import annotations

from sessions_api.runs.resizing import wish
from sessions_api.runs.tables import Run
from sessions_api.web import words
from sessions_api.web.parts import Action, Hint
from spawner.spec import ResourcesSpec


def action(base: str, about: str) -> Action:
    """The button that changes CPU and memory without a restart."""
    return Action("Apply now", f"{base}/resize", about=about, small="Kernels go on", post=True)


def hints(run: Run | None, wanted: ResourcesSpec, base: str) -> tuple[Hint, ...]:
    """How far it is, or why it was not done; the latter as long as the configuration still wants it."""
    asked = wish.of(run) if run is not None and (run.phase, run.wish) == ("running", "run") else None
    if asked is None:
        return ()
    size = words.resources(ResourcesSpec(cpus=asked.cpus, memory_gib=asked.memory_gib))
    match asked.state:
        case "wanted":
            return (Hint(f"Being resized to {size}. Kernels go on.", "cpu", "note"),)
        case "undoing":
            return (Hint(f"Not resized to {size}. {asked.sentence}", "cpu", "warn"),)
    if (asked.cpus, asked.memory_gib) != (wanted.cpus, wanted.memory_gib):
        return ()
    again = (Action("Restart with the changes…", f"{base}/restart", ask=True),)
    return (Hint(f"Not resized to {size}. {asked.sentence} {asked.hint}", "cpu", "warn", again),)
