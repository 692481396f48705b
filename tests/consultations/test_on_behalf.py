"""Inputs that programme staff write down for somebody."""

import pytest
from django.urls import reverse

from consultations import inputs
from consultations.models import Answer, Input, Role
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests.factories import (
    NOW,
    SYNTHESIS,
    VALIDATION,
    bring_to,
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


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), "announced")


@pytest.fixture
def speaker(consultation):
    return take_part(consultation, make_person("Paula Paper (sample)"))


def test_it_is_handed_in_at_once_and_marked(consultation, speaker):
    staff = make_staff()
    give_input(take_part(consultation))
    bring_to(consultation, "in_synthesis")
    entered = inputs.enter(speaker, fields=fields_of_input(consultation), by=staff, at=SYNTHESIS)
    assert (entered.state, entered.reference, entered.participation, entered.entered_by, entered.is_late) == (
        "submitted", "JHB11-I-002", speaker, staff, True,
    )  # fmt: skip
    receipt = Message.objects.get(person=speaker.person)
    for text in [receipt.text, receipt.html]:
        assert "The programme staff have written down the input that you gave" in text
        assert "Until then you can change it" not in text
        assert entered.text in text


def test_its_author_can_change_it_while_the_window_is_open(consultation, speaker):
    entered = inputs.enter(speaker, fields=fields_of_input(consultation), by=make_staff(), at=NOW)
    assert not entered.is_late
    assert "Until then you can change it or take it back here" in Message.objects.get().text
    inputs.change(entered, fields={"title": "What I meant"}, by=speaker.person, at=NOW)
    assert Input.objects.get().title == "What I meant"


def test_one_copy_of_the_form_gives_one_input(consultation, speaker):
    for _time in range(2):
        inputs.enter(speaker, fields=fields_of_input(consultation), by=make_staff(), at=NOW, form_key="one")
    assert Input.objects.count() == Message.objects.count() == 1


@pytest.mark.parametrize("missing", ["title", "text", "kind", "area"])
def test_nothing_may_be_missing(consultation, speaker, missing):
    fields = {**fields_of_input(consultation), missing: None if missing == "area" else ""}
    with pytest.raises(Refused):
        inputs.enter(speaker, fields=fields, by=make_staff(), at=NOW)
    assert not Input.objects.exists()
    assert not Message.objects.exists()


def test_from_whoever_accepted_or_was_there(consultation):
    fields, staff = fields_of_input(consultation), make_staff()
    came = take_part(consultation, answer=Answer.INVITED, attended=True)
    inputs.enter(came, fields=fields, by=staff, at=NOW)
    for answer in [Answer.INVITED, Answer.DECLINED, Answer.NOT_INVITED]:
        with pytest.raises(Refused, match="accepted the invitation, or were there"):
            inputs.enter(take_part(consultation, answer=answer), fields=fields, by=staff, at=NOW)
    assert Input.objects.get().participation == came


def test_not_after_the_drafts_were_laid_open(consultation, speaker):
    bring_to(consultation, "in_validation")
    with pytest.raises(Refused, match="JHB11 is in validation, so no inputs can be given any more"):
        inputs.enter(speaker, fields=fields_of_input(consultation), by=make_staff(), at=VALIDATION)


@pytest.mark.usefixtures("clock")
def test_staff_reach_the_form_from_the_list_and_everybody_sees_the_mark(consultation, speaker, sign_in):
    rapporteur = take_part(consultation, role=Role.RAPPORTEUR).person
    people = reverse("consultations:participants", args=[consultation.code])
    page = reverse("consultations:enter_input", args=[consultation.code, speaker.pk])
    staff = sign_in(make_staff())
    assert page in staff.get(people).content.decode()
    assert "An input of Paula Paper (sample)" in text_of(staff.get(page))
    typed = {**fields_of_input(consultation), "area": consultation.areas.first().pk, "submit": "", "form_key": "a"}
    faulty = staff.post(page, {**typed, "title": ""})
    assert "Give it a title, so that it can be found again." in text_of(faulty)
    assert f"{typed['text']}</textarea>" in faulty.content.decode()
    told = text_of(staff.post(page, typed, follow=True))
    assert "JHB11-I-001 is entered for Paula Paper (sample), who gets a receipt by mail." in told
    for viewer, address in [
        (speaker.person, Input.objects.get().get_absolute_url()),
        (rapporteur, reverse("outcomes:desk_inputs", args=[consultation.code])),
    ]:
        assert "entered by programme staff" in text_of(sign_in(viewer).get(address))
