"""What the hub says to values that it cannot use, should they come from elsewhere than the chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sojourn.cluster.values import HubValues, ValuesError

VALUES: dict[str, Any] = {
    "url": "https://sojourn.test/",
    "installation": "home.sojourn",
    "apiUrl": "http://api:8001",
    "internalUrl": "http://api:8002",
    "hubUrl": "http://hub:8081",
    "proxyApiUrl": "http://proxy:8001",
    "authentication": {"class": "github"},
    "sessions": {"namespace": "home", "image": "sojourn"},
}


def loaded(folder: Path, **changes: Any) -> HubValues:
    file = folder / "values.yaml"
    file.write_text(yaml.safe_dump(VALUES | changes))
    return HubValues.load(file)


def test_addresses_end_without_a_slash(tmp_path: Path) -> None:
    assert loaded(tmp_path).url == "https://sojourn.test"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "sojourn.test"}, "values.yaml: url: "),
        ({"speling": 1}, "values.yaml: speling: Extra inputs are not permitted."),
        ({"authentication": {"class": "shared-password"}}, "everybody can log in as anybody"),
    ],
    ids=["no address", "an unknown value", "a shared password without a trial"],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValuesError) as refusal:
        loaded(tmp_path, **changes)

    assert sentence in str(refusal.value)


def test_a_trial_may_share_a_password(tmp_path: Path) -> None:
    assert loaded(tmp_path, trial=True, authentication={"class": "shared-password"}).trial
