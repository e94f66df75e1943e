"""Private images on pages: a login is asked for, used for its registry alone, and kept if wished."""

from __future__ import annotations

from urllib.parse import quote

from tests.pages.catalogue import shown
from tests.pages.conftest import Person
from tests.pages.images import WEB_APP, filled
from tests.registry_server import RegistryServer


def private(registry: RegistryServer, repository: str, login: str = "ann:t0ken") -> str:
    """A private image that works."""
    registry.push(repository, "1", layers=[b"one"], config=WEB_APP)
    registry.protect(repository, login=login)
    return registry.reference(repository, "1")


def test_a_private_image_asks_for_a_login_and_offers_where_one_is_kept(
    ines: Person, registry: RegistryServer
) -> None:
    answer = ines.submit("/environments/add/check", image=private(registry, "tide/private"))

    text = shown(answer)
    assert "without a login" in text
    assert filled(answer)["login_for"] == registry.host
    assert f'href="/me/registry-logins/add?host={quote(registry.host, safe="")}"' in answer.text
    assert "Add a registry login" in text


def test_a_login_that_is_kept_opens_the_image_the_next_time_by_itself(
    ines: Person, registry: RegistryServer
) -> None:
    image = private(registry, "tide/kept")
    asked = filled(ines.submit("/environments/add/check", image=image))
    login = {"registry_username": "ann", "registry_password": "t0ken"}

    opened = ines.submit("/environments/add/check", **{**asked, **login, "keep_login": "on"})
    again = ines.submit("/environments/add/check", image=image)

    assert "The login is one of your registry logins now" in shown(opened)
    assert "This image works behind the gate" in shown(again)
    assert "login_for" not in filled(opened)
    assert registry.host in shown(ines.get("/me/registry-logins"))
    assert "t0ken" not in opened.text + again.text
    ines.submit(f"/me/registry-logins/{registry.host}/remove")


def test_a_login_that_is_not_kept_is_used_once(ines: Person, registry: RegistryServer) -> None:
    image = private(registry, "tide/once")
    asked = filled(ines.submit("/environments/add/check", image=image))
    asked.pop("keep_login")

    once = {**asked, "registry_username": "ann", "registry_password": "t0ken"}
    opened = ines.submit("/environments/add/check", **once)
    again = ines.submit("/environments/add/check", image=image)

    assert "used for this check only" in shown(opened)
    assert "without a login" in shown(again)


def test_a_login_is_not_sent_to_another_registry_than_it_was_typed_for(
    ines: Person, registry: RegistryServer
) -> None:
    image = private(registry, "tide/elsewhere")
    login = {"registry_username": "ann", "registry_password": "t0ken", "login_for": "other.example.org"}

    answer = ines.submit("/environments/add/check", image=image, **login)

    assert "without a login" in shown(answer)
    assert filled(answer)["login_for"] == registry.host
    assert "t0ken" not in answer.text


def test_half_a_login_comes_back_without_its_password(ines: Person, registry: RegistryServer) -> None:
    image = private(registry, "tide/half")
    half = {"login_for": registry.host, "registry_password": "t0ken"}

    checked = ines.submit("/environments/add/check", image=image, **half)
    added = ines.submit("/environments/add", image=image, **half)

    assert checked.status_code == 422
    assert '<a href="#registry_username">User name</a>' in checked.text
    assert "t0ken" not in checked.text + added.text
