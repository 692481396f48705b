import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.models import Answer, ConsultationState, Participation, Role
from stakeholders.models import Message
from tests.factories import (
    bring_to,
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
def page(consultation):
    return reverse("consultations:participants", args=[consultation.code])


@pytest.fixture
def everybody(consultation):
    """One participant for each way to stand on the list."""
    utrecht = make_organisation()
    return {
        "listed": take_part(consultation, make_person("Listed (sample)"), organisation=utrecht, may_be_listed=True),
        "unlisted": take_part(consultation, make_person("Unlisted (sample)")),
        "declined": take_part(
            consultation,
            make_person("Declined (sample)"),
            answer=Answer.DECLINED,
            may_be_listed=True,
            decline_reason="Away.",
        ),
        "invited": take_part(
            consultation, make_person("Silent (sample)"), answer=Answer.INVITED, may_be_listed=True, type="business"
        ),
        "uninvited": take_part(
            consultation, make_person("Uninvited (sample)"), answer=Answer.NOT_INVITED, may_be_listed=True
        ),
        "absent": take_part(consultation, make_person("Absent (sample)"), attended=False, may_be_listed=True),
    }


@pytest.fixture
def organiser(consultation):
    return take_part(consultation, make_person("Organiser (sample)"), role=Role.ORGANISER).person


def named(response):
    return set(re.findall(r"\w+ \(sample\)", response.content.decode()))


def addresses(response):
    return set(re.findall(r"person\d+@city\.example", response.content.decode()))


@pytest.mark.parametrize("viewer", ["visitor", "participant", "rapporteur", "organiser elsewhere"])
def test_the_public_sees_those_who_accepted_and_agreed(client, consultation, everybody, page, sign_in, viewer):
    match viewer:
        case "participant":
            sign_in(everybody["unlisted"].person)
        case "rapporteur":
            sign_in(take_part(consultation, role=Role.RAPPORTEUR, person=make_person("Rapporteur")).person)
        case "organiser elsewhere":
            sign_in(take_part(bring_to(plan(consultation.series, "TOR11"), "announced"), role=Role.ORGANISER).person)
    for address in [page, f"{page}?list=whole&answer=declined"]:
        response = client.get(address)
        assert named(response) == {"Listed (sample)"}
        assert not addresses(response) - {getattr(response.wsgi_request.user, "email", "")}
        assert "City of Utrecht" in text_of(response)
        assert "Away." not in text_of(response)
    more = 2 if viewer == "rapporteur" else 1
    words = "One more person takes part and is not named." if more == 1 else "2 more people take part"
    assert words in text_of(response)


def test_the_organiser_sees_the_whole_list_of_the_own_event(client, everybody, organiser, page, sign_in):
    response = sign_in(organiser).get(page)
    assert named(response) == {participation.person.name for participation in everybody.values()} | {organiser.name}
    assert {participation.person.email for participation in everybody.values()} <= addresses(response)
    assert "Away." in text_of(response)
    assert named(client.get(f"{page}?list=public")) == {"Listed (sample)"}
    assert named(client.get(f"{page}?answer=declined")) == {"Declined (sample)"}
    assert len(named(client.get(f"{page}?answer=nonsense"))) == 7


def test_the_balance_stands_above_the_whole_list_alone(client, everybody, organiser, page, sign_in):
    numbers = "On the list: 7. Invited: 6. Accepted: 4. Declined: 1."
    assert numbers in text_of(sign_in(organiser).get(page))
    assert numbers not in text_of(client.get(f"{page}?list=public"))


def test_the_organiser_sends_the_invitations_that_wait(client, everybody, organiser, page, sign_in):
    shown = sign_in(organiser).get(page)
    assert "One person is not invited yet" in text_of(shown)
    response = client.post(page, follow=True)
    assert "1 invitation is on its way." in text_of(response)
    assert list(Message.objects.values_list("person__name", "occasion")) == [("Uninvited (sample)", "invitation")]
    assert "One person is not invited yet" not in text_of(response)
    client.post(page)
    assert Message.objects.count() == 1


def test_a_refused_invitation_says_why(client, consultation, organiser, page, sign_in):
    take_part(consultation, make_person("Walk In (sample)", email=None), answer=Answer.NOT_INVITED)
    response = sign_in(organiser).post(page, follow=True)
    assert "There is no e-mail address for: Walk In (sample)." in text_of(response)


@pytest.mark.parametrize("viewer", ["visitor", "participant", "rapporteur"])
def test_nobody_else_invites(client, consultation, everybody, page, sign_in, viewer):
    if viewer == "participant":
        sign_in(everybody["listed"].person)
    if viewer == "rapporteur":
        sign_in(take_part(consultation, role=Role.RAPPORTEUR).person)
    assert client.post(page).status_code == 403
    assert Participation.objects.filter(answer=Answer.NOT_INVITED).count() == 1
    assert not Message.objects.exists()


def test_a_planned_event_is_not_there_for_the_public(client, consultation, sign_in):
    planned = plan(consultation.series, "TOR11")
    page = reverse("consultations:participants", args=[planned.code])
    assert client.get(page).status_code == 404
    shown = text_of(sign_in(make_staff()).get(page))
    assert "Nobody. Programme staff put people of the address book on the list." in shown


def test_an_empty_list_says_what_will_be_there(client, page):
    assert "Nobody is named here yet." in text_of(client.get(page))


@pytest.mark.parametrize("viewer", ["visitor", "staff"])
def test_the_same_number_of_queries_for_20_and_200(client, consultation, page, sign_in, viewer):
    if viewer == "staff":
        sign_in(make_staff())
    counts = []
    for number in [20, 180]:
        for _ in range(number):
            take_part(consultation, organisation=make_organisation(), may_be_listed=True)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page)
        counts.append(len(queries))
    assert len(response.context["page"]) == 50
    assert response.context["page"].paginator.count == 200
    assert counts[0] == counts[1]
