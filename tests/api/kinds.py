"""What sessions can run in, as tests tell it that start them without a request."""

from __future__ import annotations

from sessions_api.environments.kinds import Kinds

IMAGES = Kinds(images=True, packages=False)
PACKAGES = Kinds(images=False, packages=True)
