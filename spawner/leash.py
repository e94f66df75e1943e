"""Runs a program that must not outlive whoever started it, however that one ends.

`python leash.py PROGRAM ARGUMENT…`, started as the leader of an OS session of its own and with a pipe as
standard input, whose other end the starter keeps: the end of that pipe is the end of the whole group. A
signal handler in the starter could not promise that, because SIGKILL has none. Only the standard library is
imported, so that any interpreter can run this file by its path.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def _end_with_the_starter() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


def main() -> int:
    """Run the program and answer with its exit code; descriptors passed on stay open in it."""
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    return subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, close_fds=False, check=False).returncode


if __name__ == "__main__":
    # An orderly exit would wait for the thread, which holds the lock of standard input.
    os._exit(main() & 0xFF)
