from __future__ import annotations

from typing import Any

import pytest

from scripts.settings_page import PAGE, chart_values, written


def test_the_reference_is_that_of_the_code() -> None:
    text = PAGE.read_text()
    assert text == written(text), "python scripts/settings_page.py writes it anew"


@pytest.mark.parametrize(
    ("path", "schema"), [pytest.param(path, schema, id=".".join(path)) for path, schema in chart_values()]
)
def test_every_value_of_the_chart_has_a_sentence(path: tuple[str, ...], schema: dict[str, Any]) -> None:
    assert schema.get("description", "").endswith("."), ".".join(path)
