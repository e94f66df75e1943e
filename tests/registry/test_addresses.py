"""Which addresses an administrator's list allows."""

import pytest

from sessions_api.kit.addresses import PUBLIC, Allowed, PrivateAddressError, allowed_addresses
from tests.registry.network import Names


@pytest.mark.parametrize(
    ("entry", "host", "port", "address"),
    [
        ("registry.internal", "registry.internal", 443, "10.0.0.5"),
        ("registry.internal", "Registry.INTERNAL", 5000, "fd00::5"),
        ("REGISTRY.internal", "registry.internal", 443, "192.168.1.5"),
        ("registry.internal:5000", "registry.internal", 5000, "172.16.0.5"),
        ("*.internal", "a.b.internal", 443, "100.64.0.5"),
        ("*.internal:5000", "a.internal", 5000, "10.0.0.5"),
        ("localhost", "localhost", 5000, "127.0.0.1"),
        ("localhost", "localhost", 5000, "::1"),
        ("*", "anything.example", 1, "10.0.0.5"),
        ("*", "10.0.0.5", 1, "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5", 443, "10.0.0.5"),
        ("10.0.0.5:5000", "registry.internal", 5000, "10.0.0.5"),
        ("10.0.0.0/8", "registry.internal", 443, "10.255.0.1"),
        ("fd00::/8", "registry.internal", 443, "fd00::5"),
        ("[fd00::5]:5000", "fd00::5", 5000, "fd00::5"),
        ("fd00::5", "fd00::5", 5000, "fd00::5"),
        ("169.254.0.0/16", "169.254.1.1", 80, "169.254.1.1"),
    ],
)
def test_an_entry_allows(entry: str, host: str, port: int, address: str) -> None:
    assert Allowed.of([entry]).permits(host, port, address)
    assert not PUBLIC.permits(host, port, address)


@pytest.mark.parametrize(
    ("entry", "host", "port", "address"),
    [
        ("registry.internal", "other.internal", 443, "10.0.0.5"),
        ("registry.internal", "x.registry.internal", 443, "10.0.0.5"),
        ("registry.internal:5000", "registry.internal", 5001, "10.0.0.5"),
        ("*.internal", "internal", 443, "10.0.0.5"),
        ("*.internal", "evilinternal", 443, "10.0.0.5"),
        ("*.internal", "a.internal.example", 443, "10.0.0.5"),
        ("10.0.0.5:5000", "10.0.0.5", 5001, "10.0.0.5"),
        ("10.0.0.0/8", "registry.internal", 443, "192.168.0.1"),
        ("10.0.0.0/8", "registry.internal", 443, "::ffff:10.0.0.1"),
        ("10.0.0.0/8", "registry.internal", 443, "64:ff9b::a00:1"),
        ("registry.internal", "registry.internal", 443, "169.254.169.254"),
        ("*", "metadata.example", 80, "169.254.169.254"),
        ("*", "x.example", 80, "::ffff:169.254.169.254"),
        ("*", "x.example", 80, "0.0.0.0"),  # noqa: S104
        ("*", "x.example", 80, "::"),
        ("*", "x.example", 80, "224.0.0.1"),
        ("*", "x.example", 80, "fe80::1%eth0"),
        ("*", "x.example", 80, "2002:a00:5::1"),
        ("*", "x.example", 80, "no address"),
    ],
)
def test_an_entry_does_not_allow(entry: str, host: str, port: int, address: str) -> None:
    assert not Allowed.of([entry]).permits(host, port, address)


@pytest.mark.parametrize(
    "entry",
    [
        *("", "http://registry.internal", "registry.internal:0", "registry.internal:65536", "10.0.0.1/8"),
        *("reg*.internal", "**.internal", "10.0.0.0/33", "a/b", "[::1", "::1]:5000", "ü.internal", "[x]:1"),
        *("a b", "a\n", "a@b", "https://a"),
    ],
)
def test_what_is_no_entry_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"neither a host|not a network") as refused:
        Allowed.of(["registry.internal", entry])

    assert str(refused.value).startswith(entry)


async def test_all_addresses_of_a_host_have_to_be_allowed() -> None:
    names = Names({"mixed": ["93.184.215.14", "10.0.0.5"]})

    with pytest.raises(PrivateAddressError) as refused:
        await allowed_addresses("mixed", 443, lookup=names)

    assert refused.value.address == "10.0.0.5"
    assert names.asked == ["mixed"]
    assert await allowed_addresses("mixed", 443, Allowed.of(["mixed"]), lookup=names) == (
        "93.184.215.14",
        "10.0.0.5",
    )


async def test_an_address_is_not_looked_up() -> None:
    names = Names({})

    assert await allowed_addresses("93.184.215.14", 443, lookup=names) == ("93.184.215.14",)
    assert names.asked == []


@pytest.mark.parametrize("host", ["a..example", f"{'a' * 64}.example", "nowhere.invalid"])
async def test_what_is_no_name_has_no_address(host: str) -> None:
    with pytest.raises(OSError, match=r"name|Name|address"):
        await allowed_addresses(host, 443)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "017700000001", "localhost", "0", "::1"]
)
async def test_what_this_computer_reads_as_itself_is_not_public(host: str) -> None:
    with pytest.raises(PrivateAddressError):
        await allowed_addresses(host, 443)
