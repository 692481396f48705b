"""More time for inputs than the window: for everybody, or for one person."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from consultations import inputs, lifecycle, window
from consultations.models import Answer, Consultation, Input, Participation, Role
from outcomes import conclusion
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests.factories import (
    CLOSES,
    CONCLUSION,
    NOW,
    SYNTHESIS,
    VALIDATION,
    bring_to,
    draft_input,
    fields_of_input,
    give_input,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db
UNTIL = SYNTHESIS + timedelta(days=2)


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), "announced")


@pytest.fixture
def late(consultation):
    return take_part(consultation, make_person("Leyla Late (sample)"))


def test_one_person_gives_changes_and_withdraws_after_the_window(consultation, late):
    draft = draft_input(late)
    window.give_more_time(late, until=UNTIL, by=make_staff(), at=NOW)
    lifecycle.close_inputs(consultation, by=make_staff(), at=SYNTHESIS)
    other = take_part(consultation)
    after = SYNTHESIS + timedelta(days=1)
    with pytest.raises(Refused, match="The time for inputs ended"):
        draft_input(other, at=after)
    inputs.submit(draft, by=late.person, at=after)
    inputs.change(draft, fields={"title": "Later"}, by=late.person, at=after)
    assert Input.objects.get().title == "Later"
    inputs.withdraw(draft, by=late.person, at=UNTIL - timedelta(seconds=1))
    with pytest.raises(Refused, match="The time for inputs ended"):
        give_input(late, at=UNTIL)


def test_it_ends_when_the_drafts_are_laid_open(consultation, late):
    staff = make_staff()
    window.give_more_time(late, until=CONCLUSION, by=staff, at=NOW)
    lifecycle.close_inputs(consultation, by=staff, at=SYNTHESIS)
    conclusion.open_validation(consultation, closes_at=CONCLUSION, by=staff, at=VALIDATION)
    late.refresh_from_db()
    with pytest.raises(Refused, match="The time for inputs ended"):
        inputs.save_draft(late, fields=fields_of_input(consultation), at=VALIDATION)
    with pytest.raises(Refused, match="JHB11 is in validation, so no inputs can be given any more"):
        window.give_more_time(late, until=CONCLUSION, by=staff, at=VALIDATION)


def test_the_person_is_told(consultation, late):
    window.give_more_time(late, until=UNTIL, by=make_staff(), at=NOW)
    mail = Message.objects.get()
    assert (mail.person, mail.subject) == (late.person, "More time for your inputs to Consultation JHB11")
    for text in [mail.text, mail.html]:
        assert "2 July 2011, 11:00 (Africa/Johannesburg)" in text
    sentence = window.window_sentence(consultation, at=SYNTHESIS, participation=late)
    assert sentence == "The organisers take inputs from you until 2 July 2011, 11:00 (Africa/Johannesburg)."


@pytest.mark.parametrize("until", [NOW, CLOSES])
def test_more_time_is_more(late, until):
    with pytest.raises(Refused, match="Choose a moment that lies in the future and after the end of the window"):
        window.give_more_time(late, until=until, by=make_staff(), at=NOW)
    assert Participation.objects.get(pk=late.pk).more_time_until is None


def test_it_is_for_those_who_have_accepted(consultation):
    invited = take_part(consultation, answer=Answer.INVITED)
    with pytest.raises(Refused, match="Inputs are taken from those who have accepted the invitation"):
        window.give_more_time(invited, until=UNTIL, by=make_staff(), at=NOW)


@pytest.mark.usefixtures("clock")
class TestPages:
    @pytest.fixture
    def organiser(self, consultation, sign_in):
        organiser = make_person("Olga Organiser (sample)")
        take_part(consultation, organiser, role=Role.ORGANISER)
        return sign_in(organiser)

    def test_the_organiser_gives_one_person_more_time(self, organiser, consultation, late, sign_in, clock):
        people = reverse("consultations:participants", args=[consultation.code])
        page = reverse("consultations:more_time_for_one", args=[consultation.code, late.pk])
        assert page in organiser.get(people).content.decode()
        response = organiser.post(page, {"day": "2011-07-02", "time": "11:00"}, follow=True)
        until = "2 July 2011, 11:00"
        assert f"Inputs are taken from Leyla Late (sample) until {until} (Africa/Johannesburg)." in text_of(response)
        assert f"inputs until {until}" in text_of(response)

        clock.move_to(SYNTHESIS)
        own = sign_in(late.person)
        event = reverse("consultations:consultation", args=[consultation.code])
        assert f"You can give, change and withdraw inputs until {until} (Africa/Johannesburg)." in text_of(
            own.get(event)
        )
        new = reverse("consultations:new_input", args=[consultation.code])
        assert new in own.get(reverse("consultations:my_page")).content.decode()
        assert f"The organisers take inputs from you until {until}" in text_of(own.get(new))
        typed = {**fields_of_input(consultation), "area": consultation.areas.first().pk, "submit": ""}
        own.post(new, typed)
        assert Input.objects.get().participation == late

    def test_the_organiser_gives_everybody_more_time(self, organiser, consultation):
        page = reverse("consultations:more_time", args=[consultation.code])
        response = organiser.post(page, {"day": "2011-06-27", "time": "09:00"}, follow=True)
        assert "Inputs are taken from everybody until 27 June 2011, 09:00 (Africa/Johannesburg)." in text_of(response)
        assert (Consultation.objects.get().inputs_close_at - CLOSES) == timedelta(days=1, hours=9)

    def test_a_refusal_keeps_what_was_typed(self, organiser, consultation, late):
        for page in [
            reverse("consultations:more_time", args=[consultation.code]),
            reverse("consultations:more_time_for_one", args=[consultation.code, late.pk]),
        ]:
            response = organiser.post(page, {"day": "2011-06-01", "time": "11:00"})
            assert "Choose a moment that lies in the future" in text_of(response)
            assert 'value="2011-06-01"' in response.content.decode()

    def test_not_for_people_of_another_event(self, organiser, consultation):
        elsewhere = take_part(bring_to(plan(make_series("other"), "OTHER"), "announced"))
        page = reverse("consultations:more_time_for_one", args=[consultation.code, elsewhere.pk])
        assert organiser.post(page, {"day": "2011-07-02", "time": "11:00"}).status_code == 404


def test_the_database_wants_it_told_whole(late):
    late.more_time_until = UNTIL
    with pytest.raises(ValidationError, match="consultations_participation_more_time_is_told_whole"):
        late.full_clean()
