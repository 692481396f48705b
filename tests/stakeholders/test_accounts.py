import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from stakeholders.accounts import add_staff, ensure_account
from stakeholders.models import Person, User
from tests.factories import make_person, make_staff
from tests.pages import text_of

pytestmark = pytest.mark.django_db
ASK = "/accounts/login/code/"


def sent_code() -> str:
    found = re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def test_a_person_of_the_address_book_signs_in_with_a_code(client):
    person = make_person("Ada (sample)", email="ada@city.example")
    response = client.post(ASK, {"email": "Ada@City.example"})
    assert response.url == reverse("account_confirm_login_code")
    response = client.post(response.url, {"code": sent_code()})
    assert response.url == reverse("consultations:my_page")
    person.refresh_from_db()
    assert int(client.session["_auth_user_id"]) == person.user_id
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("ada@city.example", True, True)]


def test_a_wrong_code_lets_nobody_in(client):
    make_person(email="ada@city.example")
    client.post(ASK, {"email": "ada@city.example"})
    response = client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_stranger_sees_the_same_page_and_gets_no_account(client):
    make_person(email="ada@city.example")
    known = client.post(ASK, {"email": "ada@city.example"})
    client.logout()
    stranger = client.post(ASK, {"email": "stranger@elsewhere.example"})
    assert (stranger.status_code, stranger.url) == (known.status_code, known.url)
    assert set(User.objects.values_list("email", flat=True)) == {"ada@city.example"}
    assert mail.outbox[-1].subject == "You cannot sign in with this address"
    assert "ask the organisers" in mail.outbox[-1].body


def test_nobody_signs_themselves_up(client):
    response = client.post("/accounts/signup/", {"email": "stranger@elsewhere.example"})
    assert not User.objects.exists()
    assert response.status_code == 404


def test_asking_for_codes_again_and_again_is_slowed_down(client):
    make_person(email="ada@city.example")
    for _ in range(30):
        client.post(ASK, {"email": "ada@city.example"})
    assert len(mail.outbox) < 30


def test_the_account_follows_the_address_book():
    person = make_person(email="old@city.example")
    user = ensure_account(person)
    person.email = "New@city.example"
    person.save()
    assert ensure_account(person) == user
    assert list(User.objects.values_list("email", flat=True)) == ["new@city.example"]
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@city.example", False)]


def test_an_account_needs_an_address():
    with pytest.raises(ValueError, match="e-mail address"):
        ensure_account(make_person(email=None))


def test_adding_staff_twice_makes_one_person(capsys):
    for _ in range(2):
        call_command("add_staff", "staff@thp.example", name="Staff (sample)")
    assert list(Person.objects.values_list("name", "email", "user__is_staff")) == [
        ("Staff (sample)", "staff@thp.example", True)
    ]
    assert "Staff (sample) <staff@thp.example> is programme staff now." in capsys.readouterr().out


def test_adding_staff_needs_an_address():
    with pytest.raises(CommandError, match="nonsense is not an e-mail address"):
        call_command("add_staff", "nonsense")


def test_somebody_in_the_address_book_keeps_their_name():
    person = make_person("Ada (sample)", email="ada@city.example")
    assert add_staff("ADA@city.example", name="Other") == person
    assert Person.objects.get().name == "Ada (sample)"


class TestTheAddressBookDecides:
    """An address that somebody has lost opens nothing any more, and what it had opened is closed."""

    @pytest.fixture
    def person(self):
        person = make_person("Ada (sample)", email="ada@old.example")
        ensure_account(person)
        return person

    def change(self, person, sign_in, **fields):
        staff = sign_in(make_staff())
        page = reverse("admin:stakeholders_person_change", args=[person.pk])
        staff.post(page, {"name": person.name, "email": person.email, **fields})
        staff.logout()

    def test_an_old_address_gets_no_code_and_its_sessions_end(self, client, person, sign_in):
        old_session = Client()
        old_session.force_login(ensure_account(person))
        self.change(person, sign_in, email="ada@new.example")
        assert old_session.get(reverse("consultations:my_page")).status_code == 302
        Client().post(ASK, {"email": "ada@old.example"})
        assert mail.outbox[-1].subject == "You cannot sign in with this address"
        response = client.post(ASK, {"email": "ada@new.example"})
        assert mail.outbox[-1].to == ["ada@new.example"]
        client.post(response.url, {"code": sent_code()})
        person.refresh_from_db()
        assert int(client.session["_auth_user_id"]) == person.user_id

    def test_an_address_that_was_cleared_opens_nothing(self, client, person, sign_in):
        self.change(person, sign_in, email="")
        client.post(ASK, {"email": "ada@old.example"})
        assert mail.outbox[-1].subject == "You cannot sign in with this address"
        assert not EmailAddress.objects.filter(email="ada@old.example").exists()

    def test_an_address_goes_on_to_somebody_else(self, client, person, sign_in):
        Person.objects.filter(pk=person.pk).update(email="ada@new.example")
        successor = make_person("Bea (sample)", email="ada@old.example")
        response = client.post(ASK, {"email": "ada@old.example"})
        client.post(response.url, {"code": sent_code()})
        successor.refresh_from_db()
        assert int(client.session["_auth_user_id"]) == successor.user_id
        assert successor.user_id != person.user_id

    def test_whoever_has_an_account_is_not_deleted(self, person, sign_in):
        staff = sign_in(make_staff())
        staff.post(reverse("admin:stakeholders_person_delete", args=[person.pk]), {"post": "yes"})
        assert Person.objects.filter(pk=person.pk).exists()

    @pytest.mark.parametrize(
        ("act", "is_staff", "is_active"), [("remove_staff", False, True), ("close", True, False), ("open", True, True)]
    )
    def test_staff_end_what_other_staff_may_do(self, sign_in, act, is_staff, is_active):
        other, own = make_staff().user, make_staff()
        chosen = {"action": act, "_selected_action": [other.pk, own.user.pk]}
        sign_in(own).post(reverse("admin:stakeholders_user_changelist"), chosen)
        other.refresh_from_db()
        own.user.refresh_from_db()
        assert (other.is_staff, other.is_active) == (is_staff, is_active)
        assert (own.user.is_staff, own.user.is_active) == (True, True)


@pytest.mark.django_db
def test_a_code_that_cannot_be_sent_is_told_on_the_page(client, settings, caplog):
    person = make_person(email="ada@city.example")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    answer = client.post("/accounts/login/code/", {"email": person.email})
    assert answer.status_code == 503
    assert "Our mail server does not answer at the moment, so no code is on its way." in text_of(answer)
    assert "a code could not be sent: ConnectionRefusedError" in caplog.text
    assert "ada@" not in caplog.text
