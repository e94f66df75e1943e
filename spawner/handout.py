"""What is secret of a launch, asked of the API when it is needed and kept nowhere."""

from __future__ import annotations

from spawner.api import ApiRefusalError, ApiUnavailableError, SojournApi
from spawner.failures import LaunchFailedError
from spawner.reasons import RETRY, Reason
from spawner.spec import LaunchSpec, RunSecrets


async def secrets_of(api: SojournApi, spec: LaunchSpec) -> RunSecrets:
    """The secret part of a launch; a launch without secrets asks nobody.

    Raises:
        LaunchFailedError: the API does not hand it out, or does not answer.
    """
    credentials = (spec.registry, *(repository.credential for repository in spec.repositories))
    if not spec.secrets and all(credential is None for credential in credentials):
        return RunSecrets(values={}, git={})
    try:
        return await api.run_secrets(spec.run)
    except ApiRefusalError as refusal:
        raise LaunchFailedError(_refused(refusal.detail)) from refusal
    except ApiUnavailableError as error:
        raise LaunchFailedError(_refused("The Sojourn API does not answer.")) from error


def _refused(why: str) -> Reason:
    return Reason(
        code="secrets_refused",
        sentence="The session's secrets and logins were not handed out.",
        hint=why,
        remedies=(RETRY,),
    )
