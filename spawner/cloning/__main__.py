"""`python -m spawner.cloning SPEC [TERMINATION_LOG]`: fills /work before a session's own container starts."""

import signal
import sys

# The first process of a container gets no signal that it does not ask for; imports take a moment.
signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))

from spawner.cloning.program import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
