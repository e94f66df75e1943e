"""Files that list packages, on the pages: read, pinned, refused in words."""

from __future__ import annotations

import html
import re

import httpx

from tests.pages.catalogue import shown
from tests.pages.conftest import Person

PINNED = """name: tides
dependencies:
  - python=3.11
  - pip:
      - jupyterhub==6.1.1
      - jupyterlab==4.5.0
      - numpy==2.3.5
"""
PROJECT = """[project]
name = "tides"
dependencies = ["jupyterhub", "jupyterlab", "numpy>=2"]
"""
HASH = f"sha256:{'a' * 64}"
LOCK = """version = 1
requires-python = ">=3.11"
[[package]]
name = "tides"
source = { virtual = "." }
dependencies = [{ name = "jupyterhub" }, { name = "jupyterlab" }, { name = "numpy" }]
""" + "".join(
    f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
    'source = { registry = "https://index.test/simple" }\n'
    f'wheels = [{{ url = "https://index.test/{name}-{version}-py3-none-any.whl", hash = "{HASH}" }}]\n'
    for name, version in (("jupyterhub", "6.1.1"), ("jupyterlab", "4.5.0"), ("numpy", "2.3.5"))
)
FIELDS = {
    "made_of": "packages",
    "name": "Tides",
    "front_end": "JupyterLab",
    "command": "jupyterhub-singleuser",
    "default_url": "/lab",
    "port": "8888",
    "visibility": "private",
}


def told(answer: httpx.Response) -> str:
    return shown(answer).replace("<wbr>", "")


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, name
    return html.unescape(found[1])


def typed(text: str) -> str:
    found = re.search(r'<textarea id="requirements"[^>]*>([^<]*)', text)
    assert found is not None
    return html.unescape(found[1])


def test_a_file_fills_the_form_and_the_version_says_what_it_came_from(ann: Person) -> None:
    read = ann.submit("/environments/add/read", **FIELDS, requirements=PINNED)

    assert read.status_code == 200
    assert "Read environment.yml: 3 packages, pinned" in told(read)
    requirements = typed(read.text)
    assert requirements.splitlines()[1:] == ["jupyterhub==6.1.1", "jupyterlab==4.5.0", "numpy==2.3.5"]
    assert 'value="Tides"' in read.text

    sent = {name: hidden(read.text, name) for name in ("source", "source_of")}
    added = ann.submit("/environments/add", **FIELDS, requirements=requirements, **sent)
    assert added.status_code == 303
    assert "from environment.yml" in ann.get(added.headers["Location"]).text


def test_requirements_that_were_changed_after_reading_come_from_no_file(ann: Person) -> None:
    read = ann.submit("/environments/add/read", **FIELDS, requirements=PINNED)
    sent = {name: hidden(read.text, name) for name in ("source", "source_of")}
    changed = typed(read.text).replace("numpy==2.3.5", "numpy==2.3.4")

    added = ann.submit("/environments/add", **FIELDS, requirements=changed, **sent)

    text = ann.get(added.headers["Location"]).text
    assert "from requirements" in text
    assert "environment.yml" not in text


def test_a_file_that_is_not_taken_is_refused_at_its_field_and_kept(ann: Person) -> None:
    conda = PINNED.replace("  - pip:", "  - gdal=3.9\n  - pip:")

    refused = ann.submit("/environments/add/read", **FIELDS, requirements=conda)

    assert refused.status_code == 422
    assert "Not read: 1 thing to correct" in told(refused)
    assert "gdal" in told(refused)
    assert typed(refused.text).strip() == conda.strip()


def test_a_lock_beside_a_pyproject_pins_it(ann: Person) -> None:
    read = ann.submit("/environments/add/read", **FIELDS, requirements=PROJECT, lock=LOCK)

    assert "Read pyproject.toml and uv.lock: 3 packages, pinned" in told(read)
    assert typed(read.text).splitlines()[1:] == ["jupyterhub==6.1.1", "jupyterlab==4.5.0", "numpy==2.3.5"]


def test_a_lock_of_another_project_is_refused_at_its_field_and_kept(ann: Person) -> None:
    other = PROJECT.replace("tides", "surges")

    refused = ann.submit("/environments/add/read", **FIELDS, requirements=other, lock=LOCK)

    assert refused.status_code == 422
    assert "make it anew with `uv lock`" in told(refused)
    assert LOCK in html.unescape(refused.text)


def test_a_next_version_is_read_from_a_file_too(ann: Person) -> None:
    requirements = "jupyterhub==6.1.1\njupyterlab==4.5.0\n"
    made = ann.submit("/environments/add", **FIELDS | {"name": "Currents"}, requirements=requirements)
    path = made.headers["Location"]

    read = ann.submit(f"{path}/versions/add/read", **FIELDS, requirements=PINNED)

    assert "Read environment.yml: 3 packages" in told(read)
    assert ann.get(f"{path}/versions/add/read").headers["Location"] == f"{path}/versions/add"


def test_where_sessions_are_pods_a_file_is_refused_with_what_to_do(cleo: Person) -> None:
    refused = cleo.submit("/environments/add/read", **FIELDS, requirements=PINNED)

    assert refused.status_code == 409
    assert "Make an environment of an image that was built with this file." in told(refused)
