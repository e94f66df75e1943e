"""Hands out what a launch needs that is secret: once more for each launch, and kept nowhere."""

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.git_logins import service as git_logins
from sessions_api.kit.errors import Conflict
from sessions_api.kit.sealing import Sealer
from sessions_api.registry.references import parse
from sessions_api.registry_logins import service as registry_logins
from sessions_api.registry_logins.logins import LoginUnopenedError
from sessions_api.repositories.urls import ReadingRules
from sessions_api.runs import intake
from sessions_api.runs.tables import Run
from sessions_api.secrets import service as secrets
from spawner.spec import LaunchSpec, RegistryLogin, RunSecrets


async def run_secrets(db: AsyncSession, run_id: str, rules: ReadingRules, sealer: Sealer) -> RunSecrets:
    """The values of a launching run's secrets and logins, as they are now.

    A secret or login that is gone since the run was frozen is left out, and so is the project's from whom is
    no member any more: a paused session goes on without it.

    Raises:
        NotFound: there is no such run.
        Conflict: the run is not to be launched (any more), or a value cannot be decrypted.
    """
    run, spec = await intake.launching(db, run_id)
    names = {secret.name for secret in spec.secrets}
    values = await secrets.values(db, run.project_id, run.person, names, sealer, groups=run.groups)
    logins = await git_logins.for_launch(db, run.project_id, run.person, run.groups)
    git = {
        repository.credential: login
        for repository in spec.repositories
        if repository.credential is not None
        and (login := logins.opened(repository.url, rules, sealer)) is not None
    }
    registry = await _registry(db, run, spec, sealer)
    return RunSecrets(values=values, git=git, registry=registry)


async def _registry(db: AsyncSession, run: Run, spec: LaunchSpec, sealer: Sealer) -> RegistryLogin | None:
    """What the run's image is pulled with."""
    image = spec.environment.image
    if spec.registry is None or image is None:
        return None
    logins = await registry_logins.for_launch(db, run.project_id, run.person, run.groups)
    try:
        opened = logins.opened(parse(image), sealer)
    except LoginUnopenedError as error:
        reason = error.reason
        raise Conflict(reason.sentence, code=reason.code, hint=reason.hint or None) from error
    if opened is None:
        return None
    return RegistryLogin(host=spec.registry, username=opened.username, password=opened.password)
