from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from consultations import invitations, places
from consultations.models import Answer, Consultation, Participation, Role
from outcomes import conclusion
from stakeholders.models import Message
from tests.factories import CONCLUSION, NOW, bring_to, make_person, make_series, make_staff, plan, take_part

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def consultation():
    return bring_to(plan(make_series(), places=1), "announced")


def accept(participation: Participation, *, at=NOW) -> str:
    invitations.accept(participation, may_be_listed=True, at=at)
    return participation.answer


def told(participation: Participation) -> list[str]:
    return list(participation.person.messages.order_by("pk").values_list("occasion", flat=True))


def entry(message: Message) -> tuple[str, str, str]:
    """Give METHOD, UID and STATUS of the calendar entry of a message."""
    calendar = Calendar.from_ical(message.calendar)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), str(event["UID"]), str(event["STATUS"])


def test_who_accepts_gets_the_entry_for_the_calendar(consultation):
    first = take_part(consultation, answer=Answer.INVITED)
    assert accept(first) == "accepted"
    message = Message.objects.get()
    assert (message.occasion, message.subject) == ("accepted", "You take part: Consultation JHB11")
    assert entry(message) == ("REQUEST", "JHB11@127.0.0.1", "CONFIRMED")
    (event,) = Calendar.from_ical(message.calendar).walk("VEVENT")
    assert event["ATTENDEE"] == f"mailto:{first.person.email}"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert event["ORGANIZER"].params["CN"] == "Host Organisation"
    assert (str(event["DTSTART"].dt), str(event["DTEND"].dt)) == ("2011-06-28", "2011-06-30")


def test_who_comes_after_the_last_place_waits_and_moves_up_by_itself(consultation):
    first, second, third = (take_part(consultation, answer=Answer.INVITED) for _ in range(3))
    assert [accept(row, at=NOW + number * MINUTE) for number, row in enumerate([first, second, third])] == [
        "accepted",
        "waiting",
        "waiting",
    ]
    assert (told(second), second.answered_at) == (["waiting"], NOW + MINUTE)
    invitations.decline(first, reason="Ill.", at=NOW + 5 * MINUTE)
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.answer, third.answer) == ("accepted", "waiting")
    assert second.answered_at == NOW + MINUTE
    assert told(second) == ["waiting", "place_free"]
    assert entry(second.person.messages.get(occasion="place_free"))[0] == "REQUEST"
    assert told(third) == ["waiting"]
    assert told(first) == ["accepted", "place_given_back"]
    assert entry(first.person.messages.get(occasion="place_given_back")) == ("CANCEL", "JHB11@127.0.0.1", "CANCELLED")


def test_who_changes_their_mind_goes_to_the_end_of_the_list(consultation):
    first, second = (take_part(consultation, answer=Answer.INVITED) for _ in range(2))
    accept(first)
    accept(second)
    invitations.decline(first, reason="", at=NOW + MINUTE)
    assert accept(first, at=NOW + 2 * MINUTE) == "waiting"


def test_saying_yes_twice_keeps_the_turn_and_tells_nothing_anew(consultation):
    take_part(consultation, answer=Answer.ACCEPTED)
    waits = take_part(consultation, answer=Answer.INVITED)
    accept(waits)
    invitations.accept(waits, may_be_listed=False, at=NOW + MINUTE)
    assert (waits.answer, waits.answered_at, waits.may_be_listed) == ("waiting", NOW, False)
    assert told(waits) == ["waiting"]


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.RAPPORTEUR])
def test_organisers_and_rapporteurs_take_no_place(consultation, role):
    guest = take_part(consultation, answer=Answer.INVITED)
    assert accept(take_part(consultation, role=role, answer=Answer.INVITED)) == "accepted"
    assert accept(guest) == "accepted"
    assert accept(take_part(consultation, role=role, answer=Answer.INVITED)) == "accepted"


def test_more_places_let_the_first_who_wait_in(consultation):
    take_part(consultation, answer=Answer.ACCEPTED)
    rows = [take_part(consultation, answer=Answer.INVITED) for _ in range(3)]
    for number, row in enumerate(rows):
        accept(row, at=NOW + number * MINUTE)
    Consultation.objects.update(places=3)
    assert places.fill_places(consultation, at=NOW) == 2
    assert places.fill_places(consultation, at=NOW) == 0
    assert list(places.waiting(consultation)) == rows[2:]


def test_without_a_limit_nobody_waits(consultation):
    Consultation.objects.update(places=None)
    assert {accept(take_part(consultation, answer=Answer.INVITED)) for _ in range(3)} == {"accepted"}


@pytest.mark.parametrize("over", ["the last day has passed", "concluded"])
def test_nobody_moves_up_once_it_is_over(consultation, over):
    coming = take_part(consultation, answer=Answer.ACCEPTED)
    waits = take_part(consultation, answer=Answer.INVITED)
    accept(waits)
    if over == "concluded":
        Participation.objects.filter(pk=coming.pk).delete()
        bring_to(consultation, "concluded")
        assert places.fill_places(consultation, at=NOW) == 0
    else:
        invitations.decline(coming, reason="", at=CONCLUSION)
    waits.refresh_from_db()
    assert (waits.answer, told(waits)) == ("waiting", ["waiting"])


def test_who_is_cancelled_on_is_told_why_and_the_entry_goes(consultation):
    coming, waits, asked = (take_part(consultation, answer=Answer.INVITED) for _ in range(3))
    accept(coming)
    accept(waits)
    declined = take_part(consultation, answer=Answer.DECLINED)
    unasked = take_part(consultation, answer=Answer.NOT_INVITED)
    without = take_part(consultation, make_person(email=None), answer=Answer.ACCEPTED)
    conclusion.cancel(consultation, reason="The hall has burnt down.", by=make_staff(), at=NOW)
    messages = {message.person: message for message in Message.objects.filter(occasion="cancelled")}
    assert set(messages) == {coming.person, waits.person, asked.person}
    assert not {declined.person, unasked.person, without.person} & set(messages)
    for message in messages.values():
        assert "The hall has burnt down." in message.text
        assert "The hall has burnt down." in message.html
    assert entry(messages[coming.person]) == ("CANCEL", "JHB11@127.0.0.1", "CANCELLED")
    assert [messages[row.person].calendar for row in [waits, asked]] == ["", ""]


acts = st.lists(st.tuples(st.sampled_from(["accept", "decline"]), st.integers(0, 5)), max_size=14)


@settings(max_examples=25, deadline=None)
@given(acts=acts, limit=st.integers(1, 4))
def test_never_more_than_there_are_places_and_nobody_waits_beside_a_free_one(acts, limit):
    with transaction.atomic():
        consultation = bring_to(plan(make_series("hypothesis"), "HYP", places=limit), "announced")
        people = [take_part(consultation, answer=Answer.INVITED) for _ in range(6)]
        turn: list[int] = []
        for number, (act, who) in enumerate(acts):
            at = NOW + number * MINUTE
            if act == "accept":
                accept(people[who], at=at)
                turn += [who] if who not in turn else []
            else:
                invitations.decline(people[who], reason="", at=at)
                turn = [other for other in turn if other != who]
        rows = {number: Participation.objects.get(pk=row.pk).answer for number, row in enumerate(people)}
        assert [rows[who] for who in turn] == ["accepted"] * min(limit, len(turn)) + ["waiting"] * (len(turn) - limit)
        transaction.set_rollback(True)
