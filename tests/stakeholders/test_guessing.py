"""What can be guessed is limited, and a forged header does not lift the limit."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse

from consultations.views.invitations import FAILED_LINKS
from tests.factories import make_person, make_staff
from tests.stakeholders.authenticators import give_app, number_now
from tests.stakeholders.test_second_factor import sign_in_by_code

pytestmark = pytest.mark.django_db
PROXY = "10.0.0.1"


def ask_for_codes(client: Client, number: int) -> bool:
    """Ask for a sign-in code for one address of many; gives whether it was taken."""
    return client.post("/accounts/login/code/", {"email": f"person{number}@city.example"}).status_code == 302


def try_link(client: Client, number: int) -> bool:
    return client.get(f"/invitation/forged-{number}/").status_code == 403


def try_passkey(client: Client, number: int) -> bool:
    return client.post("/accounts/login/passkey/", {"credential": "{}"}).status_code == 302


WAYS = [(ask_for_codes, 20), (try_link, FAILED_LINKS), (try_passkey, 10)]


@pytest.mark.parametrize(("attempt", "limit"), WAYS)
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_the_limit_holds_whatever_the_client_forges(settings, clock, attempt: Callable, limit: int, proxies: int):
    """Each proxy adds the address that it sees at the end of the header; what stands before it is worth nothing."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    def client_at(address: str, forged: str) -> Client:
        seen = [forged, address, PROXY][: 1 + proxies]
        return Client(REMOTE_ADDR=PROXY if proxies else address, headers={"X-Forwarded-For": ", ".join(seen)})

    tried = [attempt(client_at("192.0.2.7", f"198.51.100.{number}"), number) for number in range(limit + 5)]
    assert tried == [True] * limit + [False] * 5
    assert attempt(client_at("192.0.2.8", "192.0.2.7"), 99)


def test_without_a_proxy_the_header_is_not_believed(settings, clock):
    """Nor can it lock out somebody else, by trying under their address."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    for number in range(FAILED_LINKS + 1):
        try_link(Client(REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": "192.0.2.8"}), number)
    assert not try_link(Client(REMOTE_ADDR="192.0.2.7"), 98)
    assert try_link(Client(REMOTE_ADDR="192.0.2.8"), 99)


@pytest.mark.parametrize("proxies", [0, 1])
def test_numbers_of_an_app_cannot_be_tried_out(settings, clock, proxies):
    """They are counted for the account: many machines have no more tries than one."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    staff = make_staff()
    give_app(staff.user)
    client = Client()
    way = sign_in_by_code(client, staff.email)
    for number in range(5):
        client.post(way, {"code": "000000"}, headers={"X-Forwarded-For": f"198.51.100.{number}"})
    response = client.post(way, {"code": number_now()}, headers={"X-Forwarded-For": "198.51.100.99"})
    assert "Too many failed login attempts" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_three_wrong_codes_make_a_sign_in_code_worthless(client, clock):
    make_person(email="ada@city.example")
    client.post("/accounts/login/code/", {"email": "ada@city.example"})
    code = mail.outbox[-1].subject.rpartition(" ")[2]
    for _ in range(3):
        client.post("/accounts/login/code/confirm/", {"code": "WRONG"})
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert "_auth_user_id" not in client.session


def test_too_often_is_told_on_a_page_of_the_site(clock):
    for _ in range(11):
        response = Client().post("/accounts/login/passkey/", {"credential": "{}"})
    assert response.status_code == 429
    assert "That was too often in a short time" in response.content.decode()


NOT_THERE = [
    "/accounts/signup/",
    "/accounts/password/change/",
    "/accounts/password/set/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/reauthenticate/",
    "/accounts/email/",
    "/accounts/confirm-email/",
    "/accounts/2fa/",
    "/accounts/3rdparty/",
]


@pytest.mark.parametrize("path", NOT_THERE)
def test_pages_that_the_product_does_not_use_are_not_there(client, path, sign_in):
    with pytest.raises(Resolver404):
        resolve(path)
    assert client.get(path).status_code == 404
    assert sign_in(make_person()).post(path).status_code == 404


def test_no_page_asks_for_a_password():
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {name for name in names if "password" in name} == set()
    with pytest.raises(NoReverseMatch):
        reverse("account_change_password")
    user = make_staff().user
    user.set_password("something-long-1")
    assert not user.has_usable_password()
