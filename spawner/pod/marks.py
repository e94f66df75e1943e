"""Labels and annotations that say whose something is: labels for programs, annotations for people."""

from __future__ import annotations

from dataclasses import dataclass

from spawner.pod import labels
from spawner.pod.names import label
from spawner.spec import LaunchSpec


@dataclass(frozen=True)
class Marks:
    """The marks of one launch."""

    spec: LaunchSpec
    installation: str

    def of_run(self) -> dict[str, str]:
        """Labels of what lives as long as one attempt of a run."""
        return self._of_session() | {
            labels.RUN: label(self.spec.run),
            labels.ATTEMPT: str(self.spec.attempt),
        }

    def of_work(self) -> dict[str, str]:
        """Labels of a person's /work of a session."""
        return self._of_session() | {labels.WORK: "true"}

    def of_project(self) -> dict[str, str]:
        """Labels of what all sessions of a project share."""
        return {
            labels.INSTALLATION: label(self.installation),
            labels.PROJECT: label(self.spec.project.id),
        }

    def names(self) -> dict[str, str]:
        """Annotations with the names as people gave them, which labels cannot hold."""
        environment = self.spec.environment
        given = {
            "project-name": self.spec.project.name,
            "session-name": self.spec.session.name,
            "person-name": self.spec.person,
            "environment-name": f"{environment.name} version {environment.version}",
            "resource-class": self.spec.resources.resource_class,
        }
        return {f"{labels.PREFIX}{key}": name for key, name in given.items() if name is not None}

    def _of_session(self) -> dict[str, str]:
        return self.of_project() | {
            labels.SESSION: label(self.spec.session.id),
            labels.PERSON: label(self.spec.person),
        }
