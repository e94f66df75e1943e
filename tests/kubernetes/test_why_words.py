"""What is said of pods as a real cluster described them (tests/data/why)."""

from __future__ import annotations

import json

import pytest

from spawner.kubernetes.why import (
    Context,
    Failed,
    Fine,
    Verdict,
    Waiting,
    codes,
    pulled,
    refused,
    verdict,
)
from tests.kubernetes.why_pods import CONTEXT, DATA, Json, failed, judged, recorded, then

EXPECTED: dict[str, Json] = json.loads((DATA / "expected" / "verdicts.json").read_text())
REFUSALS: dict[str, Json] = json.loads((DATA / "expected" / "refusals.json").read_text())


def as_json(found: Verdict) -> Json:
    if isinstance(found, Failed):
        reason = found.reason.model_dump(exclude={"detail", "remedies"}, exclude_defaults=True)
        return {
            "stage": found.stage,
            **reason,
            "remedies": [remedy.label for remedy in found.reason.remedies],
        }
    return {"stage": found.stage, "waiting": found.text} if isinstance(found, Waiting) else {}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_pod_is_explained(name: str) -> None:
    wanted = EXPECTED[name]
    found = judged(name)
    assert as_json(found) == wanted["at once"]
    if "in the end" in wanted:
        assert isinstance(found, Waiting)
        assert found.until is not None
        pod, events = recorded(name)
        assert as_json(verdict(pod, events, CONTEXT, now=found.until)) == wanted["in the end"]


def test_every_recorded_pod_has_an_expectation() -> None:
    assert {path.stem for path in DATA.glob("*.json")} == set(EXPECTED)
    assert {path.stem for path in (DATA / "refused").glob("*.json")} == set(REFUSALS)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_recorded_refusal_is_explained(name: str) -> None:
    found = json.loads((DATA / "refused" / f"{name}.json").read_text())
    assert as_json(Failed(refused(found["status"], found["body"]))) == REFUSALS[name]


def test_a_pod_that_runs_is_fine() -> None:
    pod, events = recorded("pulled")
    assert judged("pulled") == Fine()
    assert pulled(pod, events, CONTEXT) == "84.4 MiB in 0.0 s"


def test_an_image_that_was_there_says_so() -> None:
    pod, events = recorded("crash")
    assert pulled(pod, events, CONTEXT) == "was on the node"


def test_the_last_lines_are_the_logs_end_or_the_termination_message() -> None:
    assert failed("crash").detail == "one\nValueError: boom"
    pod, events = recorded("crash")
    told = verdict(pod, events, CONTEXT, now=then(pod, events), last_lines="more\nof it")
    assert isinstance(told, Failed)
    assert told.reason.detail == "more\nof it"


def test_a_restart_is_counted() -> None:
    assert failed("restarting").hint == "Kubernetes has started it again once."


def test_storages_may_be_left_out() -> None:
    assert [remedy.label for remedy in failed("claim-no-class").remedies] == ["Retry", "Start without data"]


def test_an_images_own_trouble_offers_another_environment_first() -> None:
    first, *_others = failed("image-no-tag").remedies
    assert first.label == "Choose another environment"


def test_what_we_delete_is_not_deleted_by_somebody() -> None:
    assert judged("deleted", Context("JupyterLab", ended_by_us=True)) == Fine()


def test_a_secret_that_is_made_after_the_pod_is_waited_for() -> None:
    assert judged("secret-volume", Context("JupyterLab", own_secret="no-such")) == Fine()
    late = failed("secret-volume", Context("JupyterLab", own_secret="no-such"), later=200)
    assert late.code == "secret_missing"


def test_every_sentence_ends_with_a_full_stop() -> None:
    for path in DATA.glob("*.json"):
        found = judged(path.stem, later=3600)
        if isinstance(found, Failed):
            assert found.reason.sentence.endswith("."), found.reason
            assert not found.reason.hint or found.reason.hint.endswith("."), found.reason


def test_a_webhooks_words_are_told() -> None:
    body = 'admission webhook "cost.example.org" denied the request: no budget left'
    reason = refused(403, body)
    assert reason.code == "admission_denied"
    assert reason.sentence == "The cluster does not allow the session's pod: no budget left."


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_an_api_that_does_not_answer_is_named(status: int) -> None:
    assert refused(status, "").code == "cluster_unavailable"


def test_every_code_is_told_apart_and_described() -> None:
    every = [code.code for code in codes()]
    assert len(set(every)) == len(every)
    assert all(code.means.endswith(".") and code.remedies for code in codes())


@pytest.mark.parametrize(
    ("resource", "wanted", "used", "limited", "words"),
    [
        ("limits.cpu", "2", "3500m", "4", "3.5 of 4 CPUs are in use, and the session asks for 2 CPUs"),
        ("pods", "1", "10", "10", "10 of 10 pods are in use, and the session asks for 1 pod"),
        (
            "count/persistentvolumeclaims", "1", "5", "5",
            "5 of 5 claims are in use, and the session asks for 1 claim",
        ),
        (
            "limits.memory", "2Gi", "512Mi", "1Gi",
            "512 MiB of 1 GiB of memory are in use, and the session asks for 2 GiB of memory",
        ),
        (
            "fast.storageclass.storage.k8s.io/requests.storage", "10Gi", "95Gi", "100Gi",
            "95 of 100 GiB of disk are in use, and the session asks for 10 GiB of disk",
        ),
        (
            "requests.nvidia.com/gpu", "1", "4", "4",
            "4 of 4 nvidia.com/gpu are in use, and the session asks for 1 nvidia.com/gpu",
        ),
    ],
)  # fmt: skip
def test_a_quota_is_told_in_the_resources_own_words(
    resource: str, wanted: str, used: str, limited: str, words: str
) -> None:
    said = f"{resource}={{}}"
    body = (
        f"exceeded quota: team, requested: {said.format(wanted)}, used: {said.format(used)}, "
        f"limited: {said.format(limited)}"
    )
    assert refused(403, body).sentence == f"Quota team is used up: {words}."


def test_a_start_that_the_kubelet_was_killed_in_is_not_the_image_s_fault() -> None:
    pod, events = recorded("folder-a-file")
    for status in pod["status"]["containerStatuses"]:
        if ended := status["state"].get("terminated"):
            ended["message"] = "failed to create containerd task: context canceled: unknown"

    found = verdict(pod, events, CONTEXT, now=then(pod, events))

    assert isinstance(found, Failed)
    assert found.reason.code == "start_interrupted"
    assert found.reason.sentence == "JupyterLab did not start: the node was interrupted while it started it."
    assert [remedy.action for remedy in found.reason.remedies] == ["retry"]
