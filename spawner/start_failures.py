"""Why a container's program did not start, read from what container runtimes say."""

from __future__ import annotations

import re

from spawner.images import short

PLATFORM = re.compile(r"exec format error", re.IGNORECASE)
_NO_PROGRAM = re.compile(
    r'exec: "(?P<name>[^"]+)": (?:executable file not found|stat [^:]+: no such file|no such file)|'
    r"exec (?P<path>\S+): no such file"
)
_NO_COMMAND = "no command specified"
_FOLDER = re.compile(r'chdir to cwd \("([^"]+)"\)[^:]*: ([a-z ]+)|mkdir (\S+): ([a-z -]+)')
_NOT_EXECUTABLE = re.compile(
    r'exec: "(?P<name>[^"]+)": (?:\w+ [^:]+: )?(?P<why>permission denied|is a directory)'
)


def told(who: str, image: str, message: str) -> tuple[str, str] | None:
    """Code and sentence of what a runtime's message means; None: something else.

    `who` is what people call the program.
    """
    named = short(image)
    if match := _NO_PROGRAM.search(message):
        sentence = f"{who} did not start: {named} has no program {match['name'] or match['path']}."
        return "program_missing", sentence
    if _NO_COMMAND in message:
        return "program_missing", f"{who} did not start: {named} does not say which program to start."
    if match := _FOLDER.search(message):
        folder, why = match[1] or match[3], (match[2] or match[4]).strip()
        sentence = f"{who} did not start: its folder {folder} cannot be entered ({why})."
        return "working_folder_unusable", sentence
    if match := _NOT_EXECUTABLE.search(message):
        why = "is a folder" if match["why"] == "is a directory" else "may not be run by the session's user"
        return "program_not_executable", f"{who} did not start: {match['name']} of {named} {why}."
    return None
