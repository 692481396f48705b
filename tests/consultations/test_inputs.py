from datetime import timedelta

import pytest

from consultations import inputs, lifecycle
from consultations.models import Answer, Attribution, ConsultationState, Input
from consultations.window import window_sentence
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests.factories import (
    CLOSES,
    NOW,
    OPENS,
    bring_to,
    draft_input,
    fields_of_input,
    give_input,
    make_series,
    make_staff,
    plan,
    take_part,
)

pytestmark = pytest.mark.django_db
CLOSED = r"The time for inputs ended on 26 June 2011, 00:00 \(Africa/Johannesburg\)"


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), ConsultationState.ANNOUNCED)


@pytest.fixture
def participation(consultation):
    return take_part(consultation)


def test_a_draft_has_no_number_and_sends_no_mail(participation):
    draft = draft_input(participation)
    assert (draft.state, draft.number, draft.reference) == ("draft", None, "")
    assert not Message.objects.exists()


def test_saving_a_draft_again_keeps_one_row(participation):
    draft = draft_input(participation)
    inputs.save_draft(participation, fields={"title": "Better"}, at=NOW, input=draft)
    assert list(Input.objects.values_list("title", "state")) == [("Better", "draft")]


def test_submitting_gives_number_reference_and_receipt(participation):
    first, second = give_input(participation), give_input(participation, title="Second")
    assert [first.reference, second.reference] == ["JHB11-I-001", "JHB11-I-002"]
    receipts = list(Message.objects.order_by("pk").values_list("person", "occasion", "subject"))
    assert receipts == [
        (participation.person_id, "input_receipt", "We have your input JHB11-I-001"),
        (participation.person_id, "input_receipt", "We have your input JHB11-I-002"),
    ]


def test_a_walk_in_without_address_gets_no_receipt(participation):
    participation.person.email = None
    participation.person.save()
    assert give_input(participation).state == "submitted"
    assert not Message.objects.exists()


def test_a_number_is_never_given_twice(participation):
    first = give_input(participation)
    inputs.withdraw(first, by=participation.person, at=NOW)
    assert give_input(participation).number == 2


def test_changing_keeps_the_reference(participation):
    given = give_input(participation)
    inputs.change(given, fields={"text": "Now shorter."}, by=participation.person, at=NOW + timedelta(hours=1))
    stored = Input.objects.get()
    assert (stored.text, stored.number, stored.changed_at) == ("Now shorter.", 1, NOW + timedelta(hours=1))
    assert list(given.history.order_by("history_id").values_list("text", flat=True))[-1] == "Now shorter."


def test_withdrawing_keeps_the_row_and_tells_the_author(participation):
    given = give_input(participation)
    inputs.withdraw(given, by=participation.person, at=NOW)
    assert list(Input.objects.values_list("state", "number", "withdrawn_at")) == [("withdrawn", 1, NOW)]
    assert Message.objects.latest("pk").subject == "Your input JHB11-I-001 was withdrawn"


def test_withdrawing_a_draft_is_silent(participation):
    draft = draft_input(participation)
    inputs.withdraw(draft, by=participation.person, at=NOW)
    assert list(Input.objects.values_list("state", "number")) == [("withdrawn", None)]
    assert not Message.objects.exists()


@pytest.mark.parametrize("act", ["save_draft", "submit", "change", "withdraw"])
def test_nothing_goes_after_the_window(participation, act):
    draft, given = draft_input(participation), give_input(participation, title="Given")
    acts = {
        "save_draft": lambda: draft_input(participation, at=CLOSES),
        "submit": lambda: inputs.submit(draft, by=participation.person, at=CLOSES),
        "change": lambda: inputs.change(given, fields={"title": "X"}, by=participation.person, at=CLOSES),
        "withdraw": lambda: inputs.withdraw(given, by=participation.person, at=CLOSES),
    }
    before = list(Input.objects.order_by("pk").values())
    with pytest.raises(Refused, match=CLOSED):
        acts[act]()
    assert list(Input.objects.order_by("pk").values()) == before


def test_the_last_moment_of_the_window_counts(participation):
    assert give_input(participation, at=CLOSES - timedelta(microseconds=1)).state == "submitted"


def test_an_extension_reopens_the_window(consultation, participation):
    lifecycle.extend_window(
        consultation, closes_at=CLOSES + timedelta(days=1), by=make_staff(), at=CLOSES + timedelta(minutes=1)
    )
    assert give_input(participation, at=CLOSES + timedelta(hours=1)).number == 1


def test_nothing_goes_before_the_window(participation):
    with pytest.raises(Refused, match=r"Inputs are taken from 1 May 2011, 02:00 \(Africa/Johannesburg\)"):
        draft_input(participation, at=OPENS - timedelta(seconds=1))


@pytest.mark.parametrize("answer", [Answer.INVITED, Answer.DECLINED, Answer.NOT_INVITED])
def test_only_those_who_accepted_give_inputs(consultation, answer):
    with pytest.raises(Refused, match="Accept the invitation first"):
        draft_input(take_part(consultation, answer=answer))


def test_an_area_of_another_series_is_refused(consultation, participation):
    foreign = make_series("other").areas.first()
    with pytest.raises(Refused, match="JHB11 does not work on the area “Knowledge transfer”"):
        inputs.save_draft(participation, fields=fields_of_input(consultation, area=foreign), at=NOW)
    assert not Input.objects.exists()


def test_a_stale_page_cannot_submit_twice(participation):
    draft = draft_input(participation)
    stale = Input.objects.get()
    inputs.submit(draft, by=participation.person, at=NOW)
    with pytest.raises(Refused, match="This input is submitted by now"):
        inputs.submit(stale, by=participation.person, at=NOW)
    assert list(Input.objects.values_list("number", flat=True)) == [1]


def test_window_sentences(consultation):
    at = [OPENS - timedelta(days=1), NOW, CLOSES]
    assert [window_sentence(consultation, at=moment) for moment in at] == [
        "Inputs are taken from 1 May 2011, 02:00 (Africa/Johannesburg).",
        "Inputs are taken until 26 June 2011, 00:00 (Africa/Johannesburg).",
        "The time for inputs ended on 26 June 2011, 00:00 (Africa/Johannesburg).",
    ]


def test_the_receipt_says_how_it_may_be_quoted_and_until_when_it_can_be_changed(participation):
    given = give_input(participation, attribution=Attribution.TYPE)
    receipt = Message.objects.get()
    for part in [receipt.text, receipt.html]:
        assert given.reference in part
        assert "by stakeholder type only" in part
        assert "26 June 2011, 00:00 (Africa/Johannesburg)" in part


def test_a_draft_may_lack_everything_and_what_is_submitted_nothing(participation):
    draft = inputs.save_draft(participation, fields={"text": "Half a thou"}, at=NOW)
    assert (draft.area, draft.kind, draft.title) == (None, "", "")
    with pytest.raises(Refused) as refusal:
        inputs.submit(draft, by=participation.person, at=NOW)
    assert refusal.value.reasons == [
        "Choose the cooperation area that it belongs to.",
        "Choose what kind of input it is.",
        "Give it a title, so that it can be found again.",
    ]
    given = give_input(participation)
    with pytest.raises(Refused, match="Give it a title"):
        inputs.change(given, fields={"title": " "}, by=participation.person, at=NOW)
    given.refresh_from_db()
    assert given.title == "A joint training fund"


def test_what_was_saved_elsewhere_is_not_written_over(participation):
    draft = draft_input(participation)
    read_here = draft.revision
    elsewhere = Input.objects.get(pk=draft.pk)
    inputs.save_draft(participation, fields={"text": "From the phone."}, at=NOW, input=elsewhere, revision=read_here)
    with pytest.raises(inputs.Overtaken) as fault:
        inputs.save_draft(participation, fields={"text": "From the desk."}, at=NOW, input=draft, revision=read_here)
    assert fault.value.stored.text == "From the phone."
    assert Input.objects.get().text == "From the phone."
    revision = fault.value.stored.revision
    inputs.save_draft(participation, fields={"text": "From the desk."}, at=NOW, input=draft, revision=revision)
    assert Input.objects.get().text == "From the desk."


def test_a_change_that_was_overtaken_changes_nothing_either(participation):
    given = give_input(participation)
    inputs.change(given, fields={"title": "New"}, by=participation.person, at=NOW, revision=given.revision)
    with pytest.raises(inputs.Overtaken):
        inputs.change(given, fields={"title": "Old"}, by=participation.person, at=NOW, revision=1)
    assert Input.objects.get().title == "New"


def test_one_copy_of_the_form_gives_one_input(participation, consultation):
    fields = fields_of_input(consultation)
    for _time in range(2):
        inputs.give(participation, fields=fields, by=participation.person, at=NOW, form_key="one", revision=0)
    assert list(Input.objects.values_list("state", "number")) == [("submitted", 1)]
    assert Message.objects.count() == 1


def test_nobody_else_reads_how_a_draft_came_about(participation):
    draft = draft_input(participation, text="A first thought that I would not stand by.")
    assert not Input.history.exists()
    inputs.save_draft(participation, fields={"text": "A better one."}, at=NOW, input=draft)
    inputs.submit(draft, by=participation.person, at=NOW)
    assert list(Input.history.values_list("text", flat=True)) == ["A better one."]
