"""Why the Kubernetes API did not create what a session needs."""

from __future__ import annotations

import json
import re
from http import HTTPStatus

from spawner.kubernetes.why.catalogue import reason
from spawner.kubernetes.why.quantities import amount, number
from spawner.reasons import Reason

_QUOTA = re.compile(
    r"exceeded quota: (?P<name>[^,]+), requested: (?P<requested>.+?), used: (?P<used>.+?), "
    r"limited: (?P<limited>[^\n]+)"
)
_UNSAID = re.compile(r"failed quota: (?P<name>[^:]+): must specify (?P<what>.+)")
_LIMIT = re.compile(
    r"(?P<way>minimum|maximum) (?P<resource>\S+) usage per (?P<kind>\w+) is (?P<bound>[^.,]+?)"
    r"(?:, but (?:request|limit) is (?P<asked>[^,\]\s]+)|\.  No)"
)
_RATIO = re.compile(r"(\S+) max limit to request ratio per (\w+) is ([^,]+)")
_SECURITY = re.compile(r'violates PodSecurity "(?P<level>[^":]+)[^"]*": (?P<why>.*)', re.DOTALL)
_WEBHOOK = re.compile(
    r'admission webhook "(?P<name>[^"]+)" denied the request(?:: (?P<why>.*)| without)', re.DOTALL
)
_POLICY = re.compile(r"ValidatingAdmissionPolicy '(?P<name>[^']+)'.* denied request: (?P<why>.*)", re.DOTALL)
_WEBHOOK_DOWN = re.compile(r'failed calling webhook "(?P<name>[^"]+)"')
_NO_CLASS = re.compile(r"no PriorityClass with name (\S+) was found")
_ROLE = re.compile(r'User "[^"]*" cannot (?P<verb>\w+) resource "(?P<kind>[^"]+)"')
_FIRST_SERVER_ERROR = 500


def refused(status: int, body: str, *, kind: str = "pod") -> Reason:
    """The reason for an answer of the API to a request that creates something.

    Args:
        status: HTTP status; 0: it did not answer.
        body: of the answer, a `Status` object as JSON or plain text.
        kind: what was to be created: `pod`, `claim`, `secret`.
    """
    message = _message(body)
    if match := _WEBHOOK_DOWN.search(message):
        sentence = f"The session's {kind} was not created: admission webhook {match['name']} does not answer."
        return reason("admission_unavailable", sentence, detail=message)
    if match := _WEBHOOK.search(message) or _POLICY.search(message):
        why = (match["why"] or "it gave no cause").strip().removesuffix(".")
        sentence = f"The cluster does not allow the session's {kind}: {why}."
        hint = f"Admission webhook or policy {match['name']} decides that."
        return reason("admission_denied", sentence, hint=hint, detail=message)
    if status in {0, HTTPStatus.TOO_MANY_REQUESTS} or status >= _FIRST_SERVER_ERROR:
        how = {0: "does not answer", HTTPStatus.TOO_MANY_REQUESTS: "has no time"}.get(
            status, f"has trouble of its own (status {status})"
        )
        return reason(
            "cluster_unavailable",
            f"The session's {kind} was not created: the Kubernetes API {how}.",
            detail=message,
        )
    if status == HTTPStatus.NOT_FOUND or "because it is being terminated" in message:
        return _namespace(message)
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(message, kind)
    return _invalid(message, kind)


def _forbidden(message: str, kind: str) -> Reason:
    for pattern, told in _FORBIDDEN:
        if match := pattern.search(message):
            return told(match, message)
    sentence = f"The cluster does not allow the session's {kind}: {_after_colon(message)}."
    return reason("cluster_forbids", sentence, detail=message)


def _unsaid(match: re.Match[str], message: str) -> Reason:
    sentence = f"Quota {match['name']} wants {match['what'].split(' for:')[0]}, and the session has none."
    return reason("quota_exceeded", sentence, hint="Take a resource class that says it.", detail=message)


def _ratio(match: re.Match[str], message: str) -> Reason:
    sentence = f"A limit of {match[1]} may be at most {match[3]} times its request here."
    return reason("limit_exceeded", sentence, detail=message)


def _security(match: re.Match[str], message: str) -> Reason:
    why = match["why"].strip().removesuffix(".")
    sentence = f"The namespace's Pod Security level {match['level']} forbids the session's pod."
    return reason("pod_security", sentence, hint=f"{why[:1].upper()}{why[1:]}.", detail=message)


def _no_class(match: re.Match[str], message: str) -> Reason:
    sentence = f"There is no priority class {match[1]}."
    return reason("pod_invalid", sentence, hint="The session's resource class names it.", detail=message)


def _role(match: re.Match[str], message: str) -> Reason:
    sentence = f"JupyterHub may not {match['verb']} {match['kind']} in the cluster."
    hint = "Its role in the namespace for sessions lacks that right."
    return reason("cluster_forbids", sentence, hint=hint, detail=message)


def _quota(match: re.Match[str], message: str) -> Reason:
    requested, used, limited = (_amounts(match[name]) for name in ("requested", "used", "limited"))
    parts = [
        f"{_in_use(resource, used.get(resource, '0'), limited[resource])} are in use, "
        f"and the session asks for {_amount(resource, wanted)}"
        for resource, wanted in requested.items()
        if resource in limited
    ]
    sentence = f"Quota {match['name'].strip()} is used up: {'; '.join(parts) or match['limited']}."
    return reason(
        "quota_exceeded", sentence, hint="Stop a session that is not needed, or ask for less.", detail=message
    )


def _limit(match: re.Match[str], message: str) -> Reason:
    resource, bound = match["resource"], match["bound"].strip()
    way = "At most" if match["way"] == "maximum" else "At least"
    asked = f", and this session asks for {_amount(resource, match['asked'])}" if match["asked"] else ""
    sentence = f"{way} {_amount(resource, bound)} are allowed for a {match['kind'].lower()} here{asked}."
    return reason("limit_exceeded", sentence.replace("persistentvolumeclaim", "claim"), detail=message)


_FORBIDDEN = (
    (_QUOTA, _quota),
    (_UNSAID, _unsaid),
    (_LIMIT, _limit),
    (_RATIO, _ratio),
    (_SECURITY, _security),
    (_NO_CLASS, _no_class),
    (_ROLE, _role),
)


def _invalid(message: str, kind: str) -> Reason:
    sentence = f"The cluster does not accept the session's {kind}: {_after_colon(message)}."
    return reason(
        "pod_invalid", sentence, hint="An administrator's settings may have made it so.", detail=message
    )


def _namespace(message: str) -> Reason:
    match = re.search(r'namespaces? "?([\w-]+)"?', message)
    name = match[1] if match else "for sessions"
    how = "is being deleted" if "terminat" in message else "does not exist"
    return reason("namespace_missing", f"Namespace {name} {how}.", detail=message)


def _message(body: str) -> str:
    try:
        status = json.loads(body)
    except ValueError:
        return body.strip()
    return str(status.get("message") or body) if isinstance(status, dict) else body.strip()


def _amounts(listed: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in listed.split(","))
    return {resource.strip(): quantity.strip() for resource, _equals, quantity in pairs}


def _amount(resource: str, quantity: str) -> str:
    try:
        return amount(resource, number(quantity))
    except ValueError:
        return f"{quantity} {resource}"


def _in_use(resource: str, used: str, limited: str) -> str:
    """`3 of 4 CPUs`, `512 MiB of 1 GiB of memory`: a unit is said once."""
    part, whole = _amount(resource, used), _amount(resource, limited)
    count, _, unit = part.partition(" ")
    is_size = " of " in part and bool(number(used))
    if is_size and unit != whole.partition(" ")[2]:
        return f"{part.partition(' of ')[0]} of {whole}"
    return f"{count} of {whole}"


def _after_colon(message: str) -> str:
    """What follows the name of the object that was refused."""
    said = message.partition(" is forbidden: ")[2] or message.partition(" is invalid: ")[2] or message
    return said.strip().removesuffix(".")
