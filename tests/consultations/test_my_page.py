from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.models import Answer, ConsultationState, Role
from outcomes import synthesis
from tests.factories import (
    CLOSES,
    NOW,
    OPENS,
    SYNTHESIS,
    bring_to,
    draft_input,
    draft_outcome,
    give_input,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/me/"


@pytest.fixture
def series():
    return make_series()


@pytest.fixture
def consultation(series):
    return bring_to(plan(series), ConsultationState.ANNOUNCED)


@pytest.fixture
def person():
    return make_person("Naledi Mokoena (sample)", email="naledi@city.example")


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get(PAGE).url == f"{reverse('account_request_login_code')}?next={PAGE}"


def test_nothing_yet_says_what_will_be_here(sign_in, person):
    shown = text_of(sign_in(person).get(PAGE))
    assert "As soon as you are invited to a consultation, the invitation is here." in shown
    assert "What you contribute to a consultation is listed here, with what became of it." in shown


def test_open_invitations_come_first_then_the_newest_event(sign_in, person, series, consultation):
    later = bring_to(plan(series, "TOR11", starts_on=date(2011, 10, 1), ends_on=date(2011, 10, 2)), "announced")
    cancelled = bring_to(plan(series, "IST11", starts_on=date(2012, 1, 1), ends_on=date(2012, 1, 1)), "announced")
    type(cancelled).objects.filter(pk=cancelled.pk).update(
        state="cancelled", cancelled_at=NOW, cancelled_by=make_staff(), cancellation_reason="No funds."
    )
    take_part(consultation, person, answer=Answer.INVITED)
    take_part(later, person)
    take_part(cancelled, person, answer=Answer.INVITED)
    take_part(bring_to(plan(series, "ASI11"), "announced"), person, answer=Answer.NOT_INVITED)
    take_part(bring_to(plan(series, "LAT11"), "announced"))
    response = sign_in(person).get(PAGE)
    assert [event.consultation.code for event in response.context["events"]] == ["JHB11", "IST11", "TOR11"]
    assert [bool(event.waits) for event in response.context["events"]] == [True, False, False]
    assert text_of(response).count("See the invitation and answer") == 1


@pytest.mark.parametrize(
    ("at", "answer", "is_offered"),
    [
        (NOW, Answer.ACCEPTED, True),
        (NOW, Answer.DECLINED, False),
        (OPENS - timedelta(seconds=1), Answer.ACCEPTED, False),
        (CLOSES, Answer.ACCEPTED, False),
    ],
)
def test_the_form_is_offered_inside_the_window_to_those_who_accepted(
    sign_in, person, consultation, clock, at, answer, is_offered
):
    clock.move_to(at)
    take_part(consultation, person, answer=answer)
    take_part(consultation)
    offered = reverse("consultations:new_input", args=["JHB11"]) in sign_in(person).get(PAGE).content.decode()
    assert offered is is_offered


def test_each_input_with_reference_state_and_what_became_of_it(sign_in, person, consultation):
    staff = make_staff()
    participation = take_part(consultation, person)
    rapporteur = take_part(consultation, role=Role.RAPPORTEUR).person
    used, aside = give_input(participation, title="Used one"), give_input(participation, title="Spare one")
    draft_input(participation, title="Unfinished one")
    give_input(take_part(consultation), title="Of somebody else")
    bring_to(consultation, ConsultationState.IN_SYNTHESIS)
    outcome = draft_outcome(consultation, by=rapporteur, evidence=[used])
    synthesis.set_aside([aside], consultation=consultation, reason="Belongs to Toronto.", by=rapporteur, at=SYNTHESIS)
    client = sign_in(person)
    before = text_of(client.get(PAGE))
    assert outcome.reference not in before
    assert "Belongs to Toronto." not in before
    bring_to(consultation, ConsultationState.IN_VALIDATION, by=staff)
    response = client.get(PAGE)
    assert [input.title for input in response.context["inputs"]] == ["Unfinished one", "Used one", "Spare one"]
    shown = text_of(response)
    for words in ["JHB11-I-001", "JHB11-I-002", outcome.reference, "Belongs to Toronto.", "Say where you stand"]:
        assert words in shown
    assert "Of somebody else" not in shown


@pytest.mark.parametrize(
    ("role", "has_desk"), [(Role.PARTICIPANT, False), (Role.RAPPORTEUR, True), (Role.ORGANISER, True)]
)
def test_the_desk_is_offered_where_it_may_be_entered(sign_in, series, person, consultation, role, has_desk):
    take_part(consultation, person, role=role)
    take_part(bring_to(plan(series, "TOR11"), "announced"), person)
    shown = sign_in(person).get(PAGE).content.decode()
    assert (reverse("outcomes:desk", args=["JHB11"]) in shown) is has_desk
    assert reverse("outcomes:desk", args=["TOR11"]) not in shown


def test_staff_are_shown_the_way_to_the_admin(sign_in):
    assert "Go to the admin" in text_of(sign_in(make_staff()).get(PAGE))


def test_the_same_number_of_queries_for_20_and_200_inputs(sign_in, series, person, consultation):
    rapporteur = take_part(consultation, role=Role.RAPPORTEUR).person
    participation = take_part(consultation, person)
    given = [give_input(participation) for _ in range(200)]
    few = take_part(consultation, make_person())
    given += [give_input(few) for _ in range(20)]
    bring_to(consultation, ConsultationState.IN_SYNTHESIS)
    for input in [*given[:3], given[200]]:
        draft_outcome(consultation, by=rapporteur, evidence=[input])
    synthesis.set_aside(
        [*given[3:40], *given[201:210]], consultation=consultation, reason="Said.", by=rapporteur, at=SYNTHESIS
    )
    for number in range(20):
        take_part(bring_to(plan(series, f"EV{number}"), "announced"), person)
    bring_to(consultation, ConsultationState.IN_VALIDATION)
    counts = []
    for somebody in [few.person, person]:
        client = sign_in(somebody)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(PAGE)
        counts.append(len(queries))
    assert len(response.context["inputs"]) == 50
    assert response.context["inputs"].paginator.count == 200
    assert counts[0] == counts[1]
    assert "Page 1 of 4" in text_of(response)
    assert [input.number for input in client.get(f"{PAGE}?page=2").context["inputs"]][:2] == [51, 52]


def test_many_events_come_in_pages(sign_in, series, person):
    for number in range(52):
        take_part(bring_to(plan(series, f"EV{number:02}"), "announced"), person)
    client = sign_in(person)
    assert len(client.get(PAGE).context["events"]) == 50
    assert "?events=2" in client.get(PAGE).content.decode()
    assert len(client.get(f"{PAGE}?events=2").context["events"]) == 2
