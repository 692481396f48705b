import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from consultations.models import Answer, Role
from stakeholders.accounts import ensure_account
from stakeholders.kept import FrozenError
from stakeholders.models import Message, SecondFactorReset
from stakeholders.refusals import Refused
from stakeholders.second_factor import must_have_second_factor, reset_second_factor
from tests.factories import NOW, bring_to, invite, make_person, make_series, make_staff, plan, take_part
from tests.pages import text_of
from tests.stakeholders.authenticators import factors_of, give_app, has_shown, number_now
from tests.stakeholders.test_accounts import sent_code

pytestmark = pytest.mark.django_db
SET_UP = "/accounts/second-factor/"
APP = "/accounts/second-factor/app/add/"
AGAIN = "/accounts/second-factor/again/"


@pytest.fixture(autouse=True)
def required(settings, clock):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def consultation():
    return plan(make_series())


def sign_in_by_code(client: Client, email: str, to: str = "/me/") -> str:
    """Sign in with the code from the mail; gives where that leads."""
    client.post("/accounts/login/code/", {"email": email})
    return client.post("/accounts/login/code/confirm/", {"code": sent_code(), "next": to}).url


def set_up_app(client: Client) -> None:
    client.get(APP)
    response = client.post(APP, {"code": number_now(client.session["mfa.totp.secret"])})
    assert response.url == "/accounts/second-factor/codes/", text_of(response)


@pytest.mark.parametrize(
    ("role", "answer", "must"),
    [
        (Role.ORGANISER, Answer.ACCEPTED, True),
        (Role.RAPPORTEUR, Answer.INVITED, True),
        (Role.ORGANISER, Answer.DECLINED, False),
        (Role.RAPPORTEUR, Answer.NOT_INVITED, False),
        (Role.PARTICIPANT, Answer.ACCEPTED, False),
        (Role.SPEAKER, Answer.ACCEPTED, False),
        (Role.MODERATOR, Answer.ACCEPTED, False),
    ],
)
def test_whoever_may_enter_a_desk_must_have_one(consultation, role, answer, must):
    participation = take_part(consultation, role=role, answer=answer)
    assert must_have_second_factor(ensure_account(participation.person)) is must


def test_programme_staff_must_have_one_also_without_any_consultation():
    assert must_have_second_factor(make_staff().user)


def test_a_tryout_asks_nobody(settings, sign_in):
    settings.SECOND_FACTOR_REQUIRED = False
    assert not must_have_second_factor(make_staff().user)
    assert sign_in(make_staff()).get("/admin/").status_code == 200


def test_without_one_every_page_leads_to_setting_it_up(sign_in, consultation):
    client = sign_in(make_staff())
    for path in ["/", "/me/", "/admin/", "/series/thp/", "/accounts/", "/accounts/address/", "/accounts/sessions/"]:
        assert client.get(path).url == f"{SET_UP}?next={path.replace('/', '%2F')}"
    page = client.get(SET_UP)
    assert "Make a passkey" in text_of(page)


def test_an_act_is_stopped_and_what_was_typed_is_not_lost(sign_in, consultation):
    person = take_part(consultation, role=Role.RAPPORTEUR).person
    response = sign_in(person).post(reverse("outcomes:begin_synthesis", args=[consultation.code]))
    assert response.status_code == 403
    assert "What you typed is still in your browser" in text_of(response)


def test_participants_are_not_asked(sign_in, consultation):
    assert sign_in(take_part(consultation).person).get("/me/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_way_from_the_first_sign_in_to_the_page_that_was_wanted(client):
    staff = make_staff()
    way = sign_in_by_code(client, staff.email, "/admin/")
    assert client.get(client.get(way).url).status_code == 200
    set_up_app(client)
    page = client.get("/accounts/second-factor/codes/")
    assert len(re.findall(r"<code>\d{8}</code>", page.content.decode())) == 10
    assert 'href="/admin/"' in page.content.decode()
    assert client.get("/admin/").status_code == 200
    assert factors_of(staff.user) == {"totp", "recovery_codes"}
    assert mail.outbox[-1].subject == "An authenticator app was added to your account"


@pytest.mark.django_db(transaction=True)
def test_where_the_way_leads_is_a_page_of_this_site(client):
    staff = make_staff()
    sign_in_by_code(client, staff.email)
    client.get(f"{SET_UP}?next=https://elsewhere.example/")
    set_up_app(client)
    assert "elsewhere.example" not in client.get("/accounts/second-factor/codes/").content.decode()


def test_signing_in_asks_for_the_number_of_the_app(client):
    staff = make_staff()
    give_app(staff.user)
    way = sign_in_by_code(client, staff.email)
    assert way == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    response = client.post(way, {"code": "000000"})
    assert "Incorrect code" in text_of(response)
    assert client.post(way, {"code": number_now()}).url == "/me/"
    assert client.get("/admin/").status_code == 200


def test_a_recovery_code_signs_in_once(client, clock):
    staff = make_staff()
    code = give_app(staff.user)[0]
    client.post(sign_in_by_code(client, staff.email), {"code": code})
    assert client.get("/me/").status_code == 200
    other = Client()
    clock.shift(timedelta(minutes=5))
    response = other.post(sign_in_by_code(other, staff.email), {"code": code})
    assert "Incorrect code" in text_of(response)


def test_a_session_that_has_not_shown_it_is_asked_for_it_and_can_set_up_no_other(sign_in):
    """Such as one that began before the person was given a role at a desk."""
    staff = make_staff()
    give_app(staff.user)
    client = sign_in(staff)
    assert client.get("/admin/").url == f"{AGAIN}?next=%2Fadmin%2F"
    assert client.get("/accounts/second-factor/passkeys/add/").url.startswith(AGAIN)
    assert client.get("/accounts/second-factor/codes/").url.startswith(AGAIN)
    assert client.post(f"{AGAIN}?next=/admin/", {"code": number_now(), "next": "/admin/"}).url == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_removes_the_last_one_sets_up_another(client):
    staff = make_staff()
    sign_in_by_code(client, staff.email)
    set_up_app(client)
    client.post("/accounts/second-factor/app/remove/")
    assert factors_of(staff.user) == set()
    assert not has_shown(client)
    assert client.get("/me/").url.startswith(SET_UP)


def test_an_invitation_link_alone_opens_no_account_with_a_second_factor(client, consultation):
    bring_to(consultation, "announced")
    participation = take_part(consultation, answer=Answer.NOT_INVITED)
    link = invite(participation)
    give_app(ensure_account(participation.person))
    page = client.get(link).url
    response = client.post(page, {"act": "accept"})
    assert response.url.startswith("/accounts/login/code/")
    assert "_auth_user_id" not in client.session


class TestReset:
    @pytest.fixture
    def lost(self):
        person = make_person("Otto Organiser (sample)", email="otto@city.example")
        give_app(ensure_account(person))
        return person

    def test_takes_all_away_ends_the_sessions_and_is_kept(self, lost, sign_in):
        staff, client = make_staff(), Client()
        client.force_login(lost.user)
        assert client.get("/me/").status_code == 200
        reset_second_factor(lost.user, reason=" Called him. ", by=staff, at=NOW)
        assert factors_of(lost.user) == set()
        assert client.get("/me/").status_code == 302
        assert list(SecondFactorReset.objects.values_list("user", "reset_at", "reset_by", "reason")) == [
            (lost.user_id, NOW, staff.pk, "Called him.")
        ]
        message = Message.objects.get(occasion="second_factor_reset")
        assert (message.person, message.subject) == (lost, "Your second factor was reset")

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_needs_a_reason(self, lost, reason):
        with pytest.raises(Refused, match="how you made sure"):
            reset_second_factor(lost.user, reason=reason, by=make_staff(), at=NOW)
        assert factors_of(lost.user) == {"totp", "recovery_codes"}

    def test_nobody_resets_their_own(self, lost):
        with pytest.raises(Refused, match="somebody else of the programme staff"):
            reset_second_factor(lost.user, reason="It is me.", by=lost, at=NOW)

    def test_there_must_be_something_to_reset(self):
        with pytest.raises(Refused, match="There is no second factor to reset"):
            reset_second_factor(ensure_account(make_person()), reason="Called.", by=make_staff(), at=NOW)
        assert not SecondFactorReset.objects.exists()

    def test_is_never_deleted_and_never_without_a_reason(self, lost):
        reset = reset_second_factor(lost.user, reason="Called.", by=make_staff(), at=NOW)
        for deletion in [reset.delete, SecondFactorReset.objects.all().delete]:
            with pytest.raises(FrozenError):
                deletion()
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondFactorReset.objects.update(reason="")

    def test_in_the_admin(self, lost, sign_in, settings):
        settings.SECOND_FACTOR_REQUIRED = False
        client = sign_in(make_staff("Sara Staff (sample)"))
        change = reverse("admin:stakeholders_user_change", args=[lost.user.pk])
        act = reverse("admin:stakeholders_user_reset_second_factor", args=[lost.user.pk])
        assert f'href="{act}"' in client.get(change).content.decode()
        assert "make sure that it is really this person" in text_of(client.get(act))
        assert "This field is required." in text_of(client.post(act, {"reason": ""}))
        page = client.post(act, {"reason": "Saw her passport."}, follow=True)
        assert "The second factor of otto@city.example is reset." in text_of(page)
        assert "Saw her passport." in text_of(page)
        assert f'href="{act}"' not in page.content.decode()
        assert factors_of(lost.user) == set()

    def test_in_the_admin_is_for_programme_staff(self, lost, sign_in, settings, consultation):
        settings.SECOND_FACTOR_REQUIRED = False
        act = reverse("admin:stakeholders_user_reset_second_factor", args=[lost.user.pk])
        client = sign_in(take_part(consultation, role=Role.ORGANISER).person)
        assert client.post(act, {"reason": "Mine."}).status_code in {302, 403}
        assert Authenticator.objects.filter(user=lost.user).count() == 2
