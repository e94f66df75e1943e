"""What the API and the spawner tell each other is understood by the version before, too.

While Sojourn is upgraded, JupyterHub and the replicas of the API are of two versions. What each part must
have is in `tests/data/contract.json`. A field that comes later has a default, which is not sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from spawner.part import Part, lean
from spawner.reasons import RETRY, Reason
from spawner.reports import EndedReport, ReadyReport, Reports, Usage, Wish
from spawner.spec import GateSpec, GitLogin, LaunchSpec, NfsStorage, RunSecrets
from tests.served import REPOSITORY

CONTRACT: dict[str, list[str]] = json.loads((REPOSITORY / "tests" / "data" / "contract.json").read_text())
NOW = datetime(2026, 3, 29, tzinfo=UTC)


def within(annotation: Any) -> Iterator[type[Part]]:
    """The parts that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
        for field in annotation.model_fields.values():
            yield from within(field.annotation)
    for inner in get_args(annotation):
        yield from within(inner)


PARTS = {
    part.__name__: part for told in (LaunchSpec, RunSecrets, Reports, Usage, Wish) for part in within(told)
}


@pytest.mark.parametrize("name", CONTRACT)
def test_a_part_asks_for_no_field_that_the_version_before_does_not_send(name: str) -> None:
    fields = PARTS[name].model_fields
    asked_for = {field for field, info in fields.items() if info.is_required()}

    assert asked_for - set(CONTRACT[name]) == set(), "a field that comes later has a default"
    assert set(CONTRACT[name]) - fields.keys() == set(), "what the version before sends is taken"


def test_every_part_that_asks_for_something_is_known() -> None:
    assert PARTS.keys() - CONTRACT.keys() == set(), "add its fields without a default to contract.json"


def test_a_launch_that_uses_nothing_new_tells_of_nothing_new(make_spec: Callable[..., LaunchSpec]) -> None:
    spec = make_spec()

    told = lean(spec)

    assert sorted(told) == CONTRACT["LaunchSpec"]
    assert sorted(told["environment"]) == CONTRACT["EnvironmentSpec"]
    assert sorted(told["resources"]) == CONTRACT["ResourcesSpec"]
    assert LaunchSpec.model_validate(told) == spec


def test_what_a_launch_uses_is_told(make_spec: Callable[..., LaunchSpec]) -> None:
    plain = make_spec()
    storage = NfsStorage(
        kind="nfs", name="data", folder="data", read_only=True, server="a.example", path="/b"
    )
    environment = plain.environment.model_copy(
        update={"gate": GateSpec(prefix="strip", ready_path="/"), "uid": 1001}
    )
    spec = make_spec(storages=(storage,), environment=environment, variables={"A": "1"})

    told = lean(spec)

    assert told["storages"][0]["read_only"] is True
    assert told["environment"]["uid"] == 1001
    assert LaunchSpec.model_validate(told) == spec


def test_reports_keep_what_tells_them_apart() -> None:
    reason = Reason(code="it_broke", sentence="It broke.", remedies=(RETRY,))
    events = (ReadyReport(at=NOW, url="/"), EndedReport(at=NOW, reason=reason))
    reports = Reports(attempt=1, reporter="r", seq=1, events=events)

    told = lean(reports)

    assert [event["kind"] for event in told["events"]] == ["ready", "ended"]
    assert told["events"][1]["reason"]["remedies"] == [{"action": "retry", "label": "Retry"}]
    assert Reports.model_validate(told) == reports


def test_secrets_are_handed_out_as_they_are() -> None:
    login = GitLogin(host="git.example", username="ann", token="s3cret")
    secrets = RunSecrets(values={"key": "v4lue"}, git={"one": login})

    assert lean(secrets) == {
        "values": {"key": "v4lue"},
        "git": {"one": {"host": "git.example", "username": "ann", "token": "s3cret"}},
    }
