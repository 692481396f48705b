import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from stakeholders.accounts import change_address, ensure_account
from stakeholders.models import Person, User
from stakeholders.refusals import Refused
from tests.factories import make_person, make_staff
from tests.pages import text_of
from tests.stakeholders.test_accounts import sent_code

pytestmark = pytest.mark.django_db
ADDRESS = "/accounts/address/"


@pytest.fixture
def ada(clock) -> Person:
    person = make_person("Ada (sample)", email="ada@city.example")
    ensure_account(person)
    return person


@pytest.fixture
def her_client(sign_in, ada):
    return sign_in(ada)


def codes() -> dict[str, str]:
    """The code in each mail by its address; empty for a mail without one."""
    found = {one.to[0]: re.search(r"^ {4}(\S+)$", one.body, re.MULTILINE) for one in mail.outbox}
    return {address: match[1] if match else "" for address, match in found.items()}


def addresses(person: Person) -> set[str]:
    """Every address that the person has anywhere."""
    person.refresh_from_db()
    user = User.objects.get(pk=person.user_id)
    return {person.email, user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}


def test_both_codes_change_it_everywhere(her_client, ada):
    assert her_client.post(ADDRESS, {"email": "Ada@New.example"}).url == ADDRESS
    page = text_of(her_client.get(ADDRESS))
    assert "to ada@city.example and to ada@new.example" in page
    found = codes()
    assert set(found) == {"ada@city.example", "ada@new.example"}
    assert addresses(ada) == {"ada@city.example"}

    entered = {"act": "confirm", "old": found["ada@city.example"], "new": found["ada@new.example"].lower()}
    assert her_client.post(ADDRESS, entered).url == "/accounts/"
    assert addresses(ada) == {"ada@new.example"}
    assert EmailAddress.objects.get().verified
    assert mail.outbox[-1].to == ["ada@city.example"]
    assert mail.outbox[-1].subject == "Your address was changed"
    assert her_client.get("/me/").status_code == 200
    assert ada.history.first().email == "ada@new.example"


def test_she_signs_in_with_the_new_address_alone(her_client, ada):
    change_address(ada, to="ada@new.example")
    for email, subject in [("ada@city.example", "You cannot sign in"), ("ada@new.example", "Your sign-in code")]:
        Client().post("/accounts/login/code/", {"email": email})
        assert mail.outbox[-1].subject.startswith(subject)


@pytest.mark.parametrize("wrong", ["old", "new"])
def test_one_right_code_is_not_enough(her_client, ada, wrong):
    her_client.post(ADDRESS, {"email": "ada@new.example"})
    found = codes()
    right = {"old": found["ada@city.example"], "new": found["ada@new.example"]}
    page = her_client.post(ADDRESS, {"act": "confirm", **right, wrong: "WRONG-CODE"})
    assert text_of(page).count("This is not the code from that mail.") == 2  # in the summary, and at the field
    assert addresses(ada) == {"ada@city.example"}
    assert her_client.post(ADDRESS, {"act": "confirm", **right}).url == "/accounts/"


def test_five_wrong_tries_make_the_codes_worthless(her_client, ada):
    her_client.post(ADDRESS, {"email": "ada@new.example"})
    found = codes()
    for _ in range(5):
        page = her_client.post(ADDRESS, {"act": "confirm", "old": "WRONG", "new": "WRONG"}, follow=True)
    assert "worthless now" in text_of(page)
    her_client.post(ADDRESS, {"act": "confirm", "old": found["ada@city.example"], "new": found["ada@new.example"]})
    assert addresses(ada) == {"ada@city.example"}


def test_codes_are_good_for_a_quarter_of_an_hour(her_client, ada, clock):
    her_client.post(ADDRESS, {"email": "ada@new.example"})
    found = codes()
    clock.shift(timedelta(minutes=15, seconds=1))
    her_client.post(ADDRESS, {"act": "confirm", "old": found["ada@city.example"], "new": found["ada@new.example"]})
    assert addresses(ada) == {"ada@city.example"}


def test_it_can_be_left_as_it_is(her_client, ada):
    her_client.post(ADDRESS, {"email": "ada@new.example"})
    page = her_client.post(ADDRESS, {"act": "cancel"}, follow=True)
    assert "Your address stays as it is." in text_of(page)
    assert "New e-mail address" in text_of(page)


def test_the_page_does_not_tell_who_is_in_the_address_book(her_client, ada):
    make_person(email="Bob@city.example")
    her_client.post(ADDRESS, {"email": "bob@City.example"})
    taken = text_of(her_client.get(ADDRESS)).replace("bob@city.example", "…")
    assert mail.outbox[-1].to == ["bob@city.example"]
    assert mail.outbox[-1].subject == "This address is in our address book already"
    assert codes()["bob@city.example"] == ""
    refused = text_of(
        her_client.post(ADDRESS, {"act": "confirm", "old": codes()["ada@city.example"], "new": "BCDF-GHJK"})
    )
    assert "This is not the code from that mail." in refused
    her_client.post(ADDRESS, {"act": "cancel"}, follow=True)
    her_client.post(ADDRESS, {"email": "nobody@city.example"})
    assert text_of(her_client.get(ADDRESS)).replace("nobody@city.example", "…") == taken
    assert addresses(ada) == {"ada@city.example"}


def test_an_empty_code_is_never_right(her_client, ada):
    make_person(email="bob@city.example")
    her_client.post(ADDRESS, {"email": "bob@city.example"})
    for nothing in ["", "-", " - "]:
        her_client.post(ADDRESS, {"act": "confirm", "old": codes()["ada@city.example"], "new": nothing})
    assert addresses(ada) == {"ada@city.example"}


@pytest.mark.parametrize("email", ["ADA@city.example", "no address", ""])
def test_what_is_no_other_address_is_refused(her_client, ada, email):
    assert "There is one thing to mend" in text_of(her_client.post(ADDRESS, {"email": email}))
    assert mail.outbox == []


def test_nobody_sends_mails_to_strangers_without_end(her_client, ada):
    for number in range(8):
        her_client.post(ADDRESS, {"email": f"stranger{number}@elsewhere.example"})
        last = her_client.post(ADDRESS, {"act": "cancel"})
    assert last.status_code == 302
    assert len([one for one in mail.outbox if one.to[0].startswith("stranger")]) == 5


def test_an_address_that_somebody_got_meanwhile_is_refused(ada):
    make_person(email="ada@new.example")
    with pytest.raises(Refused, match="belongs to somebody else"):
        change_address(ada, to="Ada@New.example")
    assert addresses(ada) == {"ada@city.example"}


def test_what_staff_change_in_the_address_book_holds_for_signing_in_at_once(sign_in, ada, settings):
    client = sign_in(make_staff())
    client.post(
        f"/admin/stakeholders/person/{ada.pk}/change/", {"name": ada.name, "email": "Ada@New.example", "country": ""}
    )
    ada.refresh_from_db()
    assert (ada.email, ada.user.email) == ("Ada@New.example", "ada@new.example")
    Client().post("/accounts/login/code/", {"email": "ada@city.example"})
    assert mail.outbox[-1].subject == "You cannot sign in with this address"


def test_an_account_whose_address_has_left_the_address_book_gets_no_code(client, ada):
    Person.objects.update(email=None)
    client.post("/accounts/login/code/", {"email": "ada@city.example"})
    assert mail.outbox[-1].subject == "You cannot sign in with this address"
    with pytest.raises(AssertionError):
        sent_code()
