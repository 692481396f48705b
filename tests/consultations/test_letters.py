from datetime import timedelta

import pytest
from django.core import mail

from consultations import invitations, letters, tasks
from consultations.models import Answer, Dispatch, Letter, LetterKind, Participation
from consultations.wording import MEANINGS, standard_words, unknown_placeholders
from jobs.running import sweep
from stakeholders.messages import stop_reminders
from stakeholders.models import Message, Person
from stakeholders.refusals import Refused
from tests.factories import NOW, bring_to, make_organisation, make_person, make_series, make_staff, plan, take_part

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOUR = timedelta(hours=1)


@pytest.fixture
def consultation():
    return bring_to(plan(make_series(), languages=["en", "tr"]), "announced")


@pytest.fixture
def staff():
    return make_staff()


def write(consultation, kind=LetterKind.INVITATION, *, by, texts=None, to_everybody=True) -> Letter:
    letter = letters.write_letter(consultation, kind=kind, by=by, at=NOW)
    if texts:
        letters.set_words(letter, texts, to_everybody=to_everybody)
    return letter


def send_now(letter: Letter, *, by: Person) -> Dispatch:
    dispatch = letters.send(letter, due_at=NOW, by=by, at=NOW)
    tasks.dispatch_letter(pk=dispatch.pk)
    dispatch.refresh_from_db()
    return dispatch


def test_a_new_letter_has_the_standard_words(consultation, staff):
    letter = write(consultation, by=staff)
    (text,) = letter.texts.all()
    assert (text.language, text.subject) == ("en", "Invitation: {title}")
    assert unknown_placeholders(text.subject + text.text) == []


@pytest.mark.parametrize("kind", LetterKind)
def test_the_standard_words_use_placeholders_that_mean_something(kind):
    words = standard_words(kind, language="tr")
    assert words.language == "en"
    assert unknown_placeholders(words.subject + words.text) == []


def test_everybody_gets_the_own_words_with_the_own_facts_and_link(consultation, staff):
    ann = take_part(
        consultation, make_person("Ann Ash (sample)"), answer=Answer.NOT_INVITED, organisation=make_organisation()
    )
    bea = take_part(consultation, make_person("Bea Beech (sample)"), answer=Answer.NOT_INVITED)
    texts = {
        "en": ("{title}, {name}", "Dear {name} of {organisation},\n\n{type} {role} {dates} {place} {host} {series}")
    }
    dispatch = send_now(write(consultation, by=staff, texts=texts), by=staff)
    assert (dispatch.state, dispatch.sent, dispatch.left_out) == ("done", 2, 0)
    message = Message.objects.get(person=ann.person)
    assert message.subject == "Consultation JHB11, Ann Ash (sample)"
    assert message.text.startswith(
        "Dear Ann Ash (sample) of City of Utrecht,\n\n"
        "City participant 28–29 June 2011 Johannesburg, South Africa Host Organisation Cities and business\n"
    )
    for row in [ann, bea]:
        row.refresh_from_db()
        assert (row.answer, row.invited_at) == ("invited", NOW)
        assert invitations.invitation_path(row) in Message.objects.get(person=row.person).text


def test_what_is_typed_is_no_markup(consultation, staff):
    take_part(consultation, answer=Answer.NOT_INVITED)
    texts = {"en": ("Come", "<script>alert(1)</script> & more")}
    send_now(write(consultation, by=staff, texts=texts), by=staff)
    message = Message.objects.get()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in message.html
    assert "<script>" not in message.html


def test_each_reads_their_language_or_else_the_first(consultation, staff):
    rows = {
        language: take_part(consultation, make_person(language=language), answer=Answer.NOT_INVITED)
        for language in ["tr", "en", "fr", ""]
    }
    texts = {"en": ("Come, {name}", "In English."), "tr": ("Gelin, {name}", "Türkçe, {dates}.")}
    send_now(write(consultation, by=staff, texts=texts), by=staff)
    first_words = {
        language: Message.objects.get(person=row.person).subject.split(",")[0] for language, row in rows.items()
    }
    assert first_words == {"tr": "Gelin", "en": "Come", "fr": "Come", "": "Come"}
    turkish = Message.objects.get(person=rows["tr"].person)
    assert "Türkçe, 28–29 Haziran 2011." in turkish.text
    assert '<div lang="tr" dir="ltr">' in turkish.html


@pytest.mark.parametrize(
    ("texts", "refusal"),
    [
        ({}, "Write a subject and a text in at least one language."),
        ({"en": (" ", "")}, "Write a subject and a text in at least one language."),
        ({"en": ("Come", "")}, "A subject without a text, or a text without a subject, cannot be sent. Fill in both."),
        ({"en": ("Come", "{{ site_url }}")}, "{ site_url } means nothing here."),
        ({"en": ("Come {nmae}", "{x} {name} {nmae}")}, "{nmae}, {x} mean nothing here. What may stand in braces"),
    ],
)
def test_words_that_cannot_be_sent_are_refused_and_nothing_is_changed(consultation, staff, texts, refusal):
    letter = write(consultation, by=staff)
    before = list(letter.texts.values())
    with pytest.raises(Refused) as refused:
        letters.set_words(letter, texts, to_everybody=False)
    assert str(refused.value).startswith(refusal)
    letter.refresh_from_db()
    assert (list(letter.texts.values()), letter.to_everybody) == (before, True)


def test_every_placeholder_is_explained():
    assert all(str(meaning) for meaning, _value in MEANINGS.values())


def test_it_goes_to_the_chosen_alone(consultation, staff):
    chosen, other = (take_part(consultation, answer=Answer.NOT_INVITED) for _ in range(2))
    elsewhere = take_part(plan(consultation.series, "TOR12"), answer=Answer.NOT_INVITED)
    letter = write(consultation, by=staff)
    letters.choose(letter, add=[chosen.pk, other.pk, elsewhere.pk])
    letters.choose(letter, remove=[other.pk])
    assert not letter.to_everybody
    assert (send_now(letter, by=staff).sent, list(letter.recipients.all())) == (1, [chosen])
    assert list(Participation.objects.filter(answer="invited")) == [chosen]


def test_who_has_no_address_or_refuses_mail_is_left_out_and_counted(consultation, staff):
    take_part(consultation, answer=Answer.NOT_INVITED)
    walk_in = take_part(consultation, make_person("A (sample)", email=None), answer=Answer.NOT_INVITED)
    refuses = take_part(
        consultation, make_person("B (sample)", mail_refused_at=NOW, mail_refusal="no"), answer=Answer.NOT_INVITED
    )
    letter = write(consultation, by=staff)
    assert list(letters.left_out_of(letter)) == [walk_in, refuses]
    dispatch = send_now(letter, by=staff)
    assert (dispatch.sent, dispatch.left_out) == (1, 2)


def test_a_scheduled_letter_goes_at_its_time_to_those_to_whom_it_applies_then(consultation, staff, clock):
    early = take_part(consultation, answer=Answer.NOT_INVITED)
    letter = write(consultation, by=staff)
    dispatch = letters.send(letter, due_at=NOW + HOUR, by=staff, at=NOW)
    assert sweep(at=NOW) == 0
    tasks.dispatch_letter(pk=dispatch.pk)
    assert not Message.objects.exists()
    late = take_part(consultation, answer=Answer.NOT_INVITED)
    clock.move_to(NOW + HOUR)
    tasks.dispatch_letter(pk=dispatch.pk)
    assert {message.person for message in Message.objects.all()} == {early.person, late.person}


def test_a_reminder_goes_to_those_who_have_not_answered_by_then(consultation, staff, clock):
    silent, answers = (take_part(consultation, answer=Answer.INVITED) for _ in range(2))
    take_part(consultation, answer=Answer.DECLINED)
    take_part(consultation, answer=Answer.NOT_INVITED)
    stopped = take_part(consultation, answer=Answer.INVITED)
    stop_reminders(stopped.person, at=NOW)
    letter = write(consultation, LetterKind.REMINDER, by=staff)
    dispatch = letters.send(letter, due_at=NOW + HOUR, by=staff, at=NOW)
    invitations.accept(answers, may_be_listed=False, at=NOW)
    clock.move_to(NOW + HOUR)
    tasks.dispatch_letter(pk=dispatch.pk)
    message = Message.objects.get(occasion="reminder")
    assert (message.person, message.is_reminder) == (silent.person, True)
    assert message.subject == "Will you come? Consultation JHB11"
    assert "http://127.0.0.1:8000/reminders/stop/" in message.text
    dispatch.refresh_from_db()
    assert (dispatch.sent, dispatch.left_out) == (1, 1)


def test_a_worker_that_dies_after_writing_all_sends_nothing_twice(consultation, staff):
    take_part(consultation, answer=Answer.INVITED)
    dispatch = letters.send(write(consultation, LetterKind.REMINDER, by=staff), due_at=NOW, by=staff, at=NOW)
    for _ in range(2):
        letters.dispatch(dispatch, at=NOW)
    assert (Message.objects.count(), dispatch.sent) == (1, 1)


def test_one_letter_goes_to_nobody_twice_even_without_the_note(consultation, staff):
    take_part(consultation, answer=Answer.INVITED)
    dispatch = letters.send(write(consultation, LetterKind.REMINDER, by=staff), due_at=NOW, by=staff, at=NOW)
    letters.dispatch(dispatch, at=NOW)
    Dispatch.objects.update(sent=None)
    letters.dispatch(dispatch, at=NOW)
    assert Message.objects.count() == 1


def test_what_waits_can_be_taken_back_and_what_went_cannot(consultation, staff):
    take_part(consultation, answer=Answer.NOT_INVITED)
    letter = write(consultation, by=staff)
    dispatch = letters.send(letter, due_at=NOW + HOUR, by=staff, at=NOW)
    letters.take_back(letter)
    tasks.dispatch_letter(pk=dispatch.pk)
    assert not Message.objects.exists()
    letters.set_words(letter, {"en": ("Come", "Please.")}, to_everybody=True)
    send_now(letter, by=staff)
    for act in [
        lambda: letters.take_back(letter),
        lambda: letters.discard(letter),
        lambda: letters.set_words(letter, {"en": ("No", "No.")}, to_everybody=True),
        lambda: letters.choose(letter, add=[]),
        lambda: letters.send(letter, due_at=NOW, by=staff, at=NOW),
    ]:
        with pytest.raises(Refused, match=r"no draft any more|on its way already"):
            act()
    assert Message.objects.get().subject == "Come"


def test_a_draft_is_deleted_with_its_words(consultation, staff):
    letter = write(consultation, by=staff)
    letters.discard(letter)
    assert not Letter.objects.exists()


def test_nothing_goes_to_nobody(consultation, staff):
    letter = write(consultation, by=staff)
    with pytest.raises(Refused, match="Nobody would get this letter"):
        letters.send(letter, due_at=NOW, by=staff, at=NOW)
    assert letters.send(letter, due_at=NOW + HOUR, by=staff, at=NOW).due_at == NOW + HOUR


def test_letters_are_for_announced_consultations(staff, consultation):
    with pytest.raises(Refused, match="TOR12 is planned. Letters go out while"):
        letters.write_letter(plan(consultation.series, "TOR12"), kind=LetterKind.INVITATION, by=staff, at=NOW)


def test_one_that_waited_past_the_announcement_fails_in_words(consultation, staff, clock):
    take_part(consultation, answer=Answer.NOT_INVITED)
    dispatch = letters.send(write(consultation, by=staff), due_at=NOW + HOUR, by=staff, at=NOW)
    bring_to(consultation, "in_synthesis")
    clock.move_to(NOW + HOUR)
    tasks.dispatch_letter(pk=dispatch.pk)
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.error) == (
        "failed",
        "JHB11 is in synthesis. Letters go out while a consultation is announced.",
    )
    assert not Message.objects.exists()


def test_three_hundred_need_the_same_number_of_reads(consultation, staff, django_assert_max_num_queries):
    for _ in range(30):
        take_part(consultation, answer=Answer.INVITED)
    dispatch = letters.send(write(consultation, LetterKind.REMINDER, by=staff), due_at=NOW, by=staff, at=NOW)
    with django_assert_max_num_queries(10 + 30 * 4):
        letters.dispatch(dispatch, at=NOW)
    assert Message.objects.count() == 30
    assert not mail.outbox
