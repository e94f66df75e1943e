"""What is kept in the data folder, and who can read it."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sessions_api.kit.sealing import Sealer
from sojourn.laptop import ports
from sojourn.laptop.data import DataFolder, Ports, Secret, data_folder
from sojourn.laptop.errors import LaptopError
from tests.laptop.stack import free_port


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_its_owner_can_read_the_folder_and_its_secrets(data: DataFolder) -> None:
    data.secret(Secret.HUB_TOKEN)
    assert permissions(data.root) == 0o700
    assert permissions(data.secrets) == 0o700
    assert permissions(data.secrets / Secret.HUB_TOKEN) == 0o600


def test_a_secret_is_made_once_also_for_many_who_need_it_at_once(data: DataFolder) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(data.secret, [Secret.SPAWNER_TOKEN] * 32))
    assert len(made) == 1
    assert len(made.pop()) == 64
    assert [path.name for path in data.secrets.iterdir()] == [Secret.SPAWNER_TOKEN]


def test_a_data_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(LaptopError, match=rf"{in_the_way}/data cannot be used: .*--data"):
        DataFolder(in_the_way / "data").prepare()


def test_the_data_folder_is_the_argument_before_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_DATA", str(tmp_path / "variable"))
    assert data_folder(None).root == tmp_path / "variable"
    assert data_folder(tmp_path / "argument").root == tmp_path / "argument"


def test_internal_ports_are_kept(data: DataFolder) -> None:
    first = ports.choose(free_port(), None)
    again = ports.choose(free_port(), first)
    assert (again.hub, again.api, again.proxy) == (first.hub, first.api, first.proxy)


def test_an_internal_port_that_became_the_public_one_is_replaced() -> None:
    first = ports.choose(free_port(), None)
    again = ports.choose(first.hub, first)
    assert again.hub != again.public
    assert len(set(again.model_dump().values())) == len(Ports.model_fields)


def test_the_key_for_peoples_secrets_is_one_that_seals(data: DataFolder) -> None:
    sealer = Sealer(data.secret(Secret.SECRETS_KEY))
    assert sealer.open(sealer.seal("a secret"), what="It") == "a secret"
    assert data.secret(Secret.SECRETS_KEY) == data.secret(Secret.SECRETS_KEY)
