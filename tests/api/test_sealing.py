"""Encryption of secrets at rest, and what it says when it cannot."""

import pytest
from cryptography.fernet import Fernet

from sessions_api.kit.sealing import NoKey, Sealer, Unopened

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
TEXT = "-----BEGIN KEY-----\n雪\n-----END KEY-----\n"


def test_what_was_sealed_is_opened_as_it_was() -> None:
    sealer = Sealer(OLD)
    sealed = sealer.seal(TEXT)

    assert sealer.open(sealed, what="The secret key") == TEXT
    assert "BEGIN" not in sealed
    assert sealer.seal(TEXT) != sealed


def test_every_key_opens_and_the_first_one_seals() -> None:
    sealed = Sealer(OLD).seal(TEXT)
    both = Sealer(f"{NEW}, {OLD}")

    assert both.open(sealed, what="The secret key") == TEXT
    assert Sealer(NEW).open(both.seal(TEXT), what="The secret key") == TEXT


def test_a_text_is_sealed_anew_until_it_is_the_first_keys() -> None:
    both = Sealer(f"{NEW},{OLD}")
    resealed = both.reseal(Sealer(OLD).seal(TEXT))

    assert resealed is not None
    assert Sealer(NEW).open(resealed, what="The secret key") == TEXT
    assert both.reseal(resealed) is None


def test_what_no_key_opens_is_named_with_the_remedy_and_left_alone() -> None:
    sealed = Sealer(OLD).seal(TEXT)

    with pytest.raises(Unopened, match=r"^The secret key cannot be opened") as refused:
        Sealer(NEW).open(sealed, what="The secret key")

    assert refused.value.hint is not None
    assert "SOJOURN_SECRETS_KEY" in refused.value.hint
    assert Sealer(NEW).reseal(sealed) is None


@pytest.mark.parametrize("keys", ["", " , "])
def test_without_a_key_nothing_is_sealed_and_it_is_said_how_to_make_one(keys: str) -> None:
    with pytest.raises(NoKey) as refused:
        Sealer(keys).seal(TEXT)

    assert refused.value.hint is not None
    assert "Fernet.generate_key()" in refused.value.hint
    assert Sealer(keys).reseal("x") is None


@pytest.mark.parametrize("wrong", ["hunter2", "x" * 44, "\N{SNOWMAN}" * 44])
def test_a_wrong_key_is_told_by_its_place_and_not_shown(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^Key 2 of SOJOURN_SECRETS_KEY") as refused:
        Sealer(f"{OLD},{wrong}")

    assert wrong not in str(refused.value)
    assert refused.value.__suppress_context__
