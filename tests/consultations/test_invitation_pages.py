import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from consultations import invitations
from consultations.models import Answer, ConsultationState, Participation, Role
from consultations.views.invitations import FAILED_LINKS
from stakeholders.accounts import ensure_account
from stakeholders.models import Message, User
from tests.factories import (
    NOW,
    bring_to,
    invite,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), ConsultationState.ANNOUNCED)


@pytest.fixture
def participation(consultation):
    person = make_person("Naledi Mokoena (sample)", email="naledi@city.example")
    return take_part(consultation, person, organisation=make_organisation(), answer=Answer.NOT_INVITED)


@pytest.fixture
def page(consultation):
    return reverse("consultations:invitation", args=[consultation.code])


def open_link(client, participation):
    return client.get(invite(participation), follow=True)


def signed_in(client):
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else None


def test_opening_the_link_shows_the_invitation_and_changes_nothing(client, participation, page):
    link = invite(participation)
    before = Participation.objects.values().get()
    response = client.get(link)
    assert (response.status_code, response.url) == (302, page)
    assert "no-store" in response["Cache-Control"]
    shown = client.get(page)
    for words in ["Naledi Mokoena (sample)", "City of Utrecht", "Consultation JHB11", "Host Organisation invites you"]:
        assert words in text_of(shown)
    assert "no-store" in shown["Cache-Control"]
    assert Participation.objects.values().get() == before
    assert signed_in(client) is None
    assert not User.objects.filter(email="naledi@city.example").exists()


def test_nothing_personal_and_no_token_stands_in_the_address(client, participation, page):
    link = invite(participation)
    assert not re.search("naledi|mokoena|city", link, re.IGNORECASE)
    shown = client.get(link, follow=True)
    assert shown.redirect_chain == [(page, 302)]
    assert link.split("/")[2] not in shown.content.decode()


def test_accepting_by_link_signs_in_and_opens_the_form(client, participation, page):
    open_link(client, participation)
    response = client.post(page, {"act": "accept", "may_be_listed": "on"})
    assert (response.status_code, response.url) == (302, page)
    participation.refresh_from_db()
    assert (participation.answer, participation.answered_at, participation.may_be_listed) == ("accepted", NOW, True)
    assert signed_in(client) == "naledi@city.example"
    assert "Thank you. The organisers know that you will come." in text_of(client.get(page))
    assert client.get(reverse("consultations:new_input", args=["JHB11"])).status_code == 200


def test_consent_to_be_listed_is_not_assumed_and_can_be_taken_back(client, participation, page):
    open_link(client, participation)
    client.post(page, {"act": "accept"})
    participation.refresh_from_db()
    assert participation.may_be_listed is False
    for given, kept in [({"may_be_listed": "on"}, True), ({}, False)]:
        client.post(page, {"act": "accept", **given})
        participation.refresh_from_db()
        assert participation.may_be_listed is kept


def test_declining_needs_no_account_and_a_mind_can_be_changed(client, participation, page):
    open_link(client, participation)
    client.post(page, {"act": "decline", "reason": "Council meets on <that> day."})
    participation.refresh_from_db()
    assert (participation.answer, participation.decline_reason) == ("declined", "Council meets on <that> day.")
    assert signed_in(client) is None
    assert "Council meets on &lt;that&gt; day." in client.get(page).content.decode()
    client.post(page, {"act": "accept"})
    participation.refresh_from_db()
    assert (participation.answer, participation.decline_reason) == ("accepted", "")


def test_a_reason_that_is_too_long_is_kept_in_the_form(client, participation, page):
    open_link(client, participation)
    typed = "x" * 1003
    response = client.post(page, {"act": "decline", "reason": typed})
    assert "This is 3 characters too long: there is room for 1000." in text_of(response)
    assert typed in response.content.decode()
    participation.refresh_from_db()
    assert participation.answer == "invited"


def test_opened_again_after_accepting_it_goes_on_without_a_second_answer(client, participation, page):
    link = invite(participation)
    invitations.accept(participation, may_be_listed=False, at=NOW)
    client.get(link)
    assert "Give an input as Naledi Mokoena (sample)" in text_of(client.get(page))
    response = client.post(page, {"act": "continue"})
    assert response.url == reverse("consultations:new_input", args=["JHB11"])
    assert signed_in(client) == "naledi@city.example"


@pytest.mark.parametrize("power", ["staff", "organiser", "rapporteur", "organiser elsewhere"])
def test_a_forwarded_link_opens_no_desk(client, consultation, power, page):
    person = make_person("Much Trusted (sample)", email="trusted@city.example")
    roles = {"organiser": Role.ORGANISER, "rapporteur": Role.RAPPORTEUR}
    participation = take_part(consultation, person, role=roles.get(power, Role.PARTICIPANT), answer=Answer.NOT_INVITED)
    if power == "staff":
        user = ensure_account(person)
        user.is_staff = True
        user.save()
    if power == "organiser elsewhere":
        take_part(plan(consultation.series, "TOR11"), person, role=Role.ORGANISER)
    open_link(client, participation)
    response = client.post(page, {"act": "accept"})
    participation.refresh_from_db()
    assert participation.answer == "accepted"
    assert signed_in(client) is None
    assert response.url == f"{reverse('account_request_login_code')}?next={page}"


def test_an_account_that_is_closed_is_not_opened_by_a_link(client, participation, page):
    user = ensure_account(participation.person)
    user.is_active = False
    user.save()
    open_link(client, participation)
    client.post(page, {"act": "accept"})
    assert signed_in(client) is None


def test_somebody_else_in_this_browser_is_told_whose_invitation_it_is(client, participation, page, sign_in):
    sign_in(make_person("Other (sample)", email="other@city.example"))
    shown = open_link(client, participation)
    assert "In this browser you are signed in as other@city.example." in text_of(shown)
    client.post(page, {"act": "forget"})
    assert signed_in(client) == "other@city.example"
    assert client.get(page).status_code == 404
    open_link(client, participation)
    client.post(page, {"act": "accept"})
    assert signed_in(client) == "naledi@city.example"


def test_signed_in_people_see_their_own_invitation_only(client, consultation, participation, page, sign_in):
    invite(participation)
    sign_in(participation.person)
    assert "Invitation for Naledi Mokoena (sample)" in text_of(client.get(page))
    sign_in(make_person())
    assert client.get(page).status_code == 404
    not_yet = take_part(consultation, answer=Answer.NOT_INVITED)
    sign_in(not_yet.person)
    assert client.get(page).status_code == 404
    assert client.post(page, {"act": "accept"}).status_code == 404
    sign_in(make_staff())
    assert client.get(page).status_code == 404
    sign_in(None)
    assert client.get(page).url == f"{reverse('account_request_login_code')}?next={page}"
    assert client.post(page, {"act": "accept"}).status_code == 302
    assert set(Participation.objects.values_list("answer", flat=True)) == {"invited", "not_invited"}


def test_the_desk_of_whoever_else_is_signed_in_is_not_offered_on_it(client, consultation, participation, sign_in):
    link = invite(participation)
    invitations.accept(participation, may_be_listed=False, at=NOW)
    sign_in(take_part(consultation, role=Role.ORGANISER).person)
    desk = reverse("outcomes:desk", args=["JHB11"])
    assert desk not in client.get(link, follow=True).content.decode()


def test_the_mail_says_as_whom_one_is_invited(participation):
    invite(participation)
    message = Message.objects.get()
    for part in [message.text, message.html]:
        assert "City, City of Utrecht (participant)" in part
        assert "28–29 June 2011" in part


@pytest.mark.parametrize("fault", ["forged", "cut", "revoked", "expired", "nonsense"])
def test_links_that_are_not_valid_say_what_to_do(client, participation, page, fault, clock, settings):
    link = invite(participation)
    match fault:
        case "forged":
            link = link[:-2] + ("a" if link[-2] != "a" else "b") + "/"
        case "cut":
            link = link[: len(link) // 2] + "/"
        case "revoked":
            invitations.revoke_link(participation)
        case "expired":
            clock.move_to(NOW + timedelta(days=settings.INVITATION_DAYS, seconds=1))
        case "nonsense":
            link = "/invitation/x/"
    response = client.get(link)
    assert response.status_code == 403
    assert "no-store" in response["Cache-Control"]
    for words in ["This link does not open an invitation", "Sign in with a code", "ask the organisers for a new one"]:
        assert words in text_of(response)
    assert "Naledi" not in text_of(response)
    assert reverse("account_request_login_code") in client.get(page).url


def test_a_link_revoked_after_it_was_opened_is_worth_nothing(client, participation, page):
    open_link(client, participation)
    invitations.revoke_link(participation)
    assert reverse("account_request_login_code") in client.get(page).url
    client.post(page, {"act": "accept"})
    participation.refresh_from_db()
    assert participation.answer == "invited"


def test_guessing_links_is_slowed_down_and_keeps_nobody_out(client, participation):
    link = invite(participation)
    for number in range(FAILED_LINKS):
        assert client.get(f"/invitation/guess{number}/").status_code == 403
    response = client.get("/invitation/another/")
    assert response.status_code == 429
    assert "Wait ten minutes and try again" in text_of(response)
    assert client.get("/invitation/another/", REMOTE_ADDR="192.0.2.7").status_code == 403
    assert client.get(link).status_code == 302


def test_after_ten_minutes_links_can_be_tried_again(client, participation, clock):
    for number in range(FAILED_LINKS):
        client.get(f"/invitation/guess{number}/")
    clock.shift(601)
    assert client.get("/invitation/another/").status_code == 403


def test_the_consent_to_be_named_is_taken_back_at_any_time(client, consultation, participation, page):
    open_link(client, participation)
    client.post(page, {"act": "accept", "may_be_listed": "on"})
    bring_to(consultation, ConsultationState.CONCLUDED)
    assert "What you agreed to. Your name may stand in the list of participants" in text_of(client.get(page))
    told = text_of(client.post(page, {"act": "consents"}, follow=True))
    assert "Your name does not stand in the list of participants" in told
    participation.refresh_from_db()
    assert (participation.may_be_listed, participation.answer) == (False, "accepted")


def test_after_the_end_the_answer_stays_and_the_page_says_so(client, consultation, participation, page):
    open_link(client, participation)
    bring_to(consultation, ConsultationState.CONCLUDED)
    assert "This consultation has ended. Your answer stays as it is." in text_of(client.get(page))
    response = client.post(page, {"act": "accept"})
    assert "This consultation has ended, so the answer cannot be changed any more." in text_of(response)
    participation.refresh_from_db()
    assert participation.answer == "invited"


def test_an_unknown_act_is_refused(client, participation, page):
    open_link(client, participation)
    assert client.post(page, {"act": "conquer"}).status_code == 404
    assert not mail.outbox
