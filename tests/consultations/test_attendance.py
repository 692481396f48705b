from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from consultations import attendance
from consultations.models import Answer, Participation, Role
from outcomes.balance import balance_of
from stakeholders.models import Person
from stakeholders.refusals import Refused
from tests.factories import (
    bring_to,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    make_type,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db
MORNING = datetime(2011, 6, 28, 7, 12, tzinfo=UTC)
"""The first day, 9:12 in Johannesburg."""


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), "announced")


@pytest.fixture
def coming(consultation):
    return take_part(consultation, make_person("Ann Ash (sample)"), organisation=make_organisation())


@pytest.fixture
def at_door(consultation, sign_in, clock):
    """A client of an organiser, on the morning of the first day."""
    clock.move_to(MORNING)
    return sign_in(take_part(consultation, make_person("Otto (sample)"), role=Role.ORGANISER).person)


def test_who_comes_is_noted_with_when_and_by_whom(coming):
    staff = make_staff()
    attendance.check_in(coming, by=staff, at=MORNING)
    coming.refresh_from_db()
    assert (coming.attended, coming.checked_in_at, coming.checked_in_by) == (True, MORNING, staff)
    assert coming.history.latest().attended is True


def test_the_second_door_is_told_who_was_faster(coming):
    first, second = make_staff("First Door (sample)"), make_staff("Second Door (sample)")
    attendance.check_in(coming, by=first, at=MORNING)
    stale = Participation.objects.get(pk=coming.pk)
    with pytest.raises(Refused, match=r"Ann Ash \(sample\) is checked in already, at 09:12 by First Door \(sample\)\."):
        attendance.check_in(stale, by=second, at=MORNING + timedelta(minutes=1))
    stale.refresh_from_db()
    assert (stale.checked_in_by, stale.checked_in_at) == (first, MORNING)


@pytest.mark.parametrize("answer", [Answer.INVITED, Answer.WAITING, Answer.DECLINED, Answer.NOT_INVITED])
def test_coming_is_an_answer(consultation, answer):
    row = take_part(consultation, answer=answer)
    attendance.check_in(row, by=make_staff(), at=MORNING)
    row.refresh_from_db()
    assert (row.answer, row.answered_at) == ("accepted", MORNING)
    assert row.invited_at is not None


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (datetime(2011, 6, 26, 21, 59, tzinfo=UTC), "from the day before the consultation on"),
        (datetime(2011, 6, 26, 22, 0, tzinfo=UTC), None),
    ],
)
def test_the_door_opens_on_the_eve_by_the_clock_of_the_place(coming, at, refusal):
    if refusal:
        with pytest.raises(Refused, match=refusal):
            attendance.check_in(coming, by=make_staff(), at=at)
    else:
        attendance.check_in(coming, by=make_staff(), at=at)
    coming.refresh_from_db()
    assert coming.attended is (None if refusal else True)


def test_nobody_is_checked_in_once_it_is_concluded(consultation, coming):
    bring_to(consultation, "concluded")
    with pytest.raises(Refused, match="JHB11 is concluded, so nobody can be checked in"):
        attendance.check_in(coming, by=make_staff(), at=MORNING)


def test_a_mistake_is_taken_back(coming):
    attendance.check_in(coming, by=make_staff(), at=MORNING)
    attendance.take_back_check_in(coming, at=MORNING)
    coming.refresh_from_db()
    assert (coming.attended, coming.checked_in_at, coming.checked_in_by) == (None, None, None)
    with pytest.raises(Refused, match="This person is not checked in"):
        attendance.take_back_check_in(coming, at=MORNING)


def walk_in(consultation, **typed) -> Participation:
    given = {"name": "Wanda Walk (sample)", "email": "", "type": make_type("business")} | typed
    return attendance.add_walk_in(consultation, **given, by=make_staff(), at=MORNING)


def test_a_walk_in_takes_part_like_everybody_else(consultation):
    row = walk_in(consultation, email="Wanda@walk.example")
    row.refresh_from_db()
    assert (row.person.name, row.person.email) == ("Wanda Walk (sample)", "wanda@walk.example")
    assert (row.stakeholder_type, row.answer, row.attended) == (make_type("business"), "accepted", True)
    counts = {line.type.slug: line.counts for line in balance_of(consultation).types}
    assert (counts["business"].accepted, counts["business"].attended) == (1, 1)


def test_walk_ins_without_an_address_are_people_of_their_own(consultation):
    walk_in(consultation)
    walk_in(consultation)
    assert Person.objects.filter(name="Wanda Walk (sample)", email=None).count() == 2


def test_somebody_known_comes_as_themselves(consultation):
    known = make_person("Known (sample)", email="known@city.example", organisation=make_organisation())
    row = walk_in(consultation, email="KNOWN@city.example")
    assert (row.person, row.organisation) == (known, known.organisation)
    assert not Person.objects.filter(name="Wanda Walk (sample)").exists()


def test_somebody_on_the_list_is_checked_in_and_keeps_the_type(consultation, coming):
    row = walk_in(consultation, email=coming.person.email)
    assert (row.pk, row.stakeholder_type, row.attended) == (coming.pk, make_type("city"), True)
    with pytest.raises(Refused, match="is checked in already"):
        walk_in(consultation, email=coming.person.email)


def test_attendance_is_corrected_afterwards_also_when_it_is_concluded(consultation, coming):
    attendance.check_in(coming, by=make_staff(), at=MORNING)
    bring_to(consultation, "concluded")
    for attended in [False, None, True, True]:
        attendance.correct_attendance(coming, attended=attended, by=make_staff(), at=MORNING + timedelta(days=40))
        coming.refresh_from_db()
        assert (coming.attended, coming.checked_in_at) == (attended, None)


def test_nobody_was_there_before_the_first_day(coming):
    with pytest.raises(Refused, match="has not begun"):
        attendance.correct_attendance(
            coming, attended=True, by=make_staff(), at=datetime(2011, 6, 27, 21, 59, tzinfo=UTC)
        )


def test_the_rest_was_not_there(consultation, coming):
    came, declined = take_part(consultation), take_part(consultation, answer=Answer.DECLINED)
    attendance.check_in(came, by=make_staff(), at=MORNING)
    with pytest.raises(Refused, match="somebody may still come"):
        attendance.note_absent(consultation, by=make_staff(), at=MORNING)
    last_day = MORNING + timedelta(days=1)
    assert [attendance.note_absent(consultation, by=make_staff(), at=last_day) for _ in range(2)] == [1, 0]
    found = dict(Participation.objects.values_list("pk", "attended"))
    assert found == {coming.pk: False, came.pk: True, declined.pk: None}


def test_people_are_found_by_parts_of_name_and_organisation(consultation, coming):
    take_part(consultation, make_person("Bea (sample)"), organisation=make_organisation("Ash Trading", type="business"))
    take_part(consultation, make_person("Ash Declined (sample)"), answer=Answer.DECLINED)

    def found(words: str) -> list[str]:
        return [row.person.name.split()[0] for row in attendance.at_the_door(consultation, words)]

    assert found("") == ["Ann", "Bea"]
    assert found("ash") == ["Ann", "Bea"]
    assert found("ash utrecht") == ["Ann"]
    assert found("100%") == []


# At the door


def test_one_is_found_checked_in_and_counted(at_door, consultation, coming):
    path = reverse("consultations:door", args=["JHB11"])
    assert "0 of 2 who are expected have come." in text_of(at_door.get(path))
    assert "Ann Ash (sample)" in text_of(at_door.get(path, {"q": "ash"}))
    page = text_of(at_door.post(path, {"act": "check_in", "participation": coming.pk}, follow=True))
    assert "Ann Ash (sample) is checked in. Welcome!" in page
    assert "1 of 2 who are expected have come." in page
    assert "came at 09:12" in page
    assert "09:12, by Otto (sample)" in page
    again = text_of(at_door.post(path, {"act": "check_in", "participation": coming.pk}, follow=True))
    assert "Ann Ash (sample) is checked in already, at 09:12 by Otto (sample)." in again
    back = text_of(at_door.post(path, {"act": "undo", "participation": coming.pk}, follow=True))
    assert "Ann Ash (sample) is not checked in any more." in back


def test_a_walk_in_needs_three_fields(at_door, consultation):
    path = reverse("consultations:door", args=["JHB11"])
    typed = {"act": "walk_in", "name": "Wanda (sample)", "type": make_type("city").pk, "email": ""}
    assert "Wanda (sample) is on the list and checked in." in text_of(at_door.post(path, typed, follow=True))
    refused = text_of(at_door.post(path, typed | {"name": "", "type": "", "email": "wanda"}))
    assert "There are 3 things to mend" in refused
    assert consultation.participations.filter(checked_in_at__isnull=False).count() == 1


def test_the_code_on_a_badge_leads_to_its_person(at_door, coming):
    path = attendance.badge_path(coming)
    assert "Ann Ash (sample)" in text_of(at_door.get(path))
    coming.refresh_from_db()
    assert coming.attended is None
    assert "Ann Ash (sample) is checked in. Welcome!" in text_of(at_door.post(path, follow=True))
    assert "Checked in already, at 09:12 by Otto (sample)." in text_of(at_door.get(path))


@pytest.mark.parametrize("who", ["the person", "organiser elsewhere", "visitor"])
def test_the_code_tells_nothing_to_anybody_else(client, coming, sign_in, clock, who):
    clock.move_to(MORNING)
    path = attendance.badge_path(coming)
    match who:
        case "the person":
            client = sign_in(coming.person)
        case "organiser elsewhere":
            client = sign_in(take_part(plan(make_series("other"), "OTHER"), role=Role.ORGANISER).person)
    answer = client.get(path)
    assert answer.status_code == (302 if who == "visitor" else 404)
    assert "Ann Ash" not in answer.content.decode()
    coming.refresh_from_db()
    client.post(path)
    assert Participation.objects.get(pk=coming.pk).attended is None


@pytest.mark.parametrize("fault", ["forged", "old", "nonsense", "moved"])
def test_a_code_that_is_not_valid_opens_nothing(at_door, coming, fault, clock):
    path = attendance.badge_path(coming)
    match fault:
        case "forged":
            path = path[:-2] + ("a" if path[-2] != "a" else "b") + "/"
        case "old":
            clock.move_to(MORNING + timedelta(days=1 + attendance.BADGE_DAYS_AFTER + 1))
        case "nonsense":
            path = "/badge/x/"
        case "moved":
            Person.objects.filter(pk=coming.person_id).update(key="another")
    answer = at_door.get(path)
    assert answer.status_code == 404
    assert "Ann Ash" not in answer.content.decode()


def test_a_code_holds_nothing_personal(coming):
    path = attendance.badge_path(coming)
    for part in ["Ann", "Ash", coming.person.email, coming.person.key, "JHB11"]:
        assert part not in path


def test_attendance_is_corrected_on_its_page(at_door, consultation, coming, clock):
    clock.move_to(MORNING + timedelta(days=1))
    attendance.check_in(take_part(consultation), by=make_staff(), at=MORNING)
    page = reverse("consultations:attendance", args=["JHB11"])
    assert "There: 1. Not there: 0. Accepted, and not known: 2." in text_of(at_door.get(page))
    one = reverse("consultations:attendance_of_one", args=["JHB11", coming.pk])
    assert "Ann Ash (sample) was there." in text_of(at_door.post(one, {"attended": "yes"}, follow=True))
    told = text_of(at_door.post(page, follow=True))
    assert "1 person is noted as not there." in told
    assert "There: 2. Not there: 1. Accepted, and not known: 0." in told
    assert at_door.post(one, {"attended": "perhaps"}).status_code == 404


def test_the_same_number_of_queries_for_20_and_200(at_door, consultation, django_assert_max_num_queries):
    path = reverse("consultations:door", args=["JHB11"])
    for number in [20, 80]:
        for _ in range(number):
            take_part(consultation, organisation=make_organisation())
        with django_assert_max_num_queries(16):
            assert at_door.get(path).context["page"].object_list
