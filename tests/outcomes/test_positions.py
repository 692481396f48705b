"""Taking positions, correcting facts, and what a change of the text does to what was said."""

from datetime import timedelta

import pytest

from consultations.models import Attribution, ConsultationState, Role
from outcomes import conclusion, dispositions, drafting, positions
from outcomes.agreement import Counts, tallies_of
from outcomes.lineage import lineage_of
from outcomes.models import FactualCorrection, Position
from outcomes.positions import Seen, TextChanged, asked_about, text_of
from outcomes.results import open_objections, results_by_event, results_of
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, VALIDATION, bring_to, make_person, take_part

pytestmark = pytest.mark.django_db
AT = VALIDATION + timedelta(hours=1)


@pytest.fixture
def round_(chain):
    """Johannesburg in validation with one draft, and two who are asked: a city and a business."""
    chain.in_synthesis("JHB11")
    outcome = chain.draft("JHB11", "One fund")
    chain.city = take_part(chain["JHB11"], make_person("Cara City (sample)"))
    chain.business = take_part(chain["JHB11"], type="business")
    bring_to(chain["JHB11"], ConsultationState.IN_VALIDATION, by=chain.staff)
    chain.row = chain.before("JHB11", outcome)
    chain.outcome = outcome
    return chain


def say(chain, stance, who=None, *, at=AT, by=None, **said):
    who = who or chain.city
    row = asked_about(chain["JHB11"]).get(pk=chain.row.pk)
    fields = {"attribution": Attribution.TYPE, "seen": Seen.of(text_of(row)), **said}
    return positions.take_position(row, who, stance=stance, by=by or who.person, at=at, **fields)


def test_everybody_who_comes_is_asked_by_mail_but_no_rapporteur(round_):
    asked = Message.objects.filter(occasion="positions_asked")
    assert {message.person for message in asked} == {round_.city.person, round_.business.person}
    text = asked.get(person=round_.city.person).text
    assert "/consultations/JHB11/validation/" in text
    assert "20 July 2011, 11:00 (Africa/Johannesburg)" in text


def test_the_last_word_counts_and_the_earlier_one_is_kept(round_):
    first = say(round_, "support", holds="partly")
    assert say(round_, "support", holds="partly") == first
    later = say(round_, "object", reason="It costs us twice.", at=AT + timedelta(minutes=1))
    first.refresh_from_db()
    assert (first.superseded_at, later.superseded_at) == (AT + timedelta(minutes=1), None)
    assert list(Position.objects.counted()) == [later]
    assert tallies_of([round_["JHB11"]])[round_.row.pk].asked == 2


@pytest.mark.parametrize("stance", ["disagree", "object"])
def test_dissent_needs_a_reason(round_, stance):
    with pytest.raises(Refused, match="Say why you disagree or object"):
        say(round_, stance, reason=" ")
    assert not Position.objects.exists()


def test_who_is_not_asked_takes_no_position(round_):
    rapporteur = take_part(round_["JHB11"], role=Role.RAPPORTEUR)
    invited = take_part(round_["JHB11"], answer="invited")
    absent = take_part(round_["JHB11"], attended=False)
    foreign = take_part(round_["TOR"])
    for who in [rapporteur, invited, absent, foreign]:
        with pytest.raises(Refused, match="taken by those who have accepted"):
            say(round_, "support", who)


def test_positions_are_taken_until_the_moment_that_was_told(round_):
    say(round_, "support", at=CONCLUSION - timedelta(seconds=1))
    with pytest.raises(Refused, match="The time for answers ended on 20 July 2011, 11:00"):
        say(round_, "abstain", at=CONCLUSION)
    closes_at = CONCLUSION + timedelta(days=1)
    conclusion.extend_validation(round_["JHB11"], closes_at=closes_at, by=round_.staff, at=CONCLUSION)
    assert say(round_, "abstain", at=CONCLUSION).stance == "abstain"
    with pytest.raises(Refused, match="after the present end"):
        conclusion.extend_validation(round_["JHB11"], closes_at=closes_at, by=round_.staff, at=CONCLUSION)


def test_nobody_is_asked_about_what_the_consultation_does_not_stand_by(round_):
    round_.conclude("JHB11")
    round_.in_synthesis("TOR")
    laid = round_.before("TOR", round_.outcome)
    assert list(asked_about(round_["TOR"])) == [laid]
    dispositions.retire(laid, reason="Done.", by=round_.rapporteur, at=AT)
    assert list(asked_about(round_["TOR"])) == []


def test_staff_take_a_position_for_somebody_and_it_is_marked(round_):
    assert say(round_, "support", by=round_.staff).entered_by == round_.staff


def test_a_changed_text_leaves_positions_behind_and_asks_again(round_):
    said = say(round_, "object", reason="Not like this.")
    say(round_, "support", round_.business)
    version = round_.outcome.versions.get()
    before = Seen.of(version)
    drafting.edit_draft(version, title="One fund", statement="Only cities pay.", revision=1, by=round_.staff, at=AT)
    said.refresh_from_db()
    assert said.outdated_at == AT
    assert tallies_of([round_["JHB11"]]) == {}
    voices = results_of([asked_about(round_["JHB11"]).select_related("consultation").get()])[round_.row.pk].voices
    assert [(voice.reason, voice.on_earlier_text) for voice in voices] == [("Not like this.", True)]
    again = Message.objects.filter(occasion="positions_asked_again")
    assert {message.person for message in again} == {round_.city.person, round_.business.person}
    with pytest.raises(TextChanged, match="changed while you were reading"):
        say(round_, "support", seen=before)
    say(round_, "support")
    assert tallies_of([round_["JHB11"]])[round_.row.pk].asked == 2
    version.refresh_from_db()
    drafting.edit_draft(version, title="One fund", statement="Nobody pays.", revision=2, by=round_.staff, at=AT)
    assert again.filter(person=round_.city.person).count() == 1, "once a day"


def test_mending_white_space_or_the_note_asks_nobody_again(round_):
    said = say(round_, "support")
    version = round_.outcome.versions.get()
    drafting.edit_draft(
        version, title=version.title + " ", statement=version.statement, revision=1, by=round_.staff, at=AT
    )
    said.refresh_from_db()
    assert said.outdated_at is None


def test_refining_and_taking_it_back_leaves_positions_with_the_text_they_were_given_on(round_):
    round_.conclude("JHB11")
    consultation = round_.in_synthesis("TOR")
    who = take_part(consultation)
    bring_to(consultation, ConsultationState.IN_VALIDATION, by=round_.staff)
    row = asked_about(consultation).get()

    def support():
        found = asked_about(consultation).get()
        seen = Seen.of(text_of(found))
        return positions.take_position(
            found, who, stance="support", seen=seen, attribution="type", by=who.person, at=AT
        )

    on_the_old = support()
    by = {"by": round_.rapporteur, "at": AT}
    version = dispositions.refine(row, title="One fund", statement="Another text.", change_note="Clearer.", **by)
    on_the_new = support()
    assert (on_the_old.version.number, on_the_new.version) == (1, version)
    dispositions.undo(row, **by)
    on_the_new.refresh_from_db()
    assert on_the_new.outdated_at == AT
    assert list(Position.objects.counted()) == []
    dispositions.reaffirm(row, **by)
    support()
    assert Position.objects.counted().get().version.number == 1


def test_an_objection_stands_until_its_author_withdraws_it_and_on_every_descendant(round_):
    said = say(round_, "object", reason="It costs us twice.")
    say(round_, "disagree", round_.business, reason="Kept to myself.", attribution=Attribution.UNPUBLISHED)
    round_.conclude("JHB11")
    round_.in_synthesis("TOR")
    row = round_.before("TOR", round_.outcome)
    parts = [dispositions.Part(title=title, statement=title) for title in ["Cities", "Firms"]]
    children = dispositions.split(row, parts=parts, by=round_.rapporteur, at=AT)
    round_.conclude("TOR")
    for child in children:
        child = type(child).objects.select_related("born_at__series").get(pk=child.pk)
        assert [(voice.reason, voice.source, voice.through) for voice in open_objections([child])[child.pk]] == [
            ("It costs us twice.", "City", round_.outcome.reference)
        ]
    tally = results_by_event([round_.outcome])[round_.outcome.pk][0].result.tally
    positions.withdraw_position(said, by=round_.city.person, at=CONCLUSION + timedelta(days=9))
    assert open_objections([child])[child.pk] == []
    assert results_by_event([round_.outcome])[round_.outcome.pk][0].result.tally == tally, "that event is over"


def test_positions_of_two_events_are_never_added_up(round_):
    say(round_, "support")
    say(round_, "support", round_.business)
    round_.conclude("JHB11")
    consultation = round_.in_synthesis("TOR")
    who = take_part(consultation, round_.city.person)
    bring_to(consultation, ConsultationState.IN_VALIDATION, by=round_.staff)
    row = asked_about(consultation).get()
    positions.take_position(
        row, who, stance="support", seen=Seen.of(text_of(row)), attribution="type", by=who.person, at=AT
    )
    found = tallies_of([round_["JHB11"], round_["TOR"]])
    assert {key: tally.asked for key, tally in found.items()} == {round_.row.pk: 2, row.pk: 1}
    assert len(lineage_of(round_.outcome).steps) == 1


def test_a_position_that_was_withdrawn_in_validation_does_not_count(round_):
    said = say(round_, "support")
    positions.withdraw_position(said, by=round_.city.person, at=AT)
    assert tallies_of([round_["JHB11"]]) == {}
    round_.conclude("JHB11")
    assert tallies_of([round_["JHB11"]]) == {}


def test_small_groups_are_not_shown(round_):
    for _number in range(4):
        say(round_, "support", take_part(round_["JHB11"]))
    say(round_, "support", round_.business)
    tally = tallies_of([round_["JHB11"]])[round_.row.pk]
    assert [(cell.type, cell.counts) for cell in tally.cells] == [("city", None), ("business", None)]
    assert tally.total == Counts(support=5)


def test_factual_corrections_are_answered_and_their_authors_told(round_):
    row = asked_about(round_["JHB11"]).get()
    seen = Seen.of(text_of(row))
    given = [
        positions.correct_facts(row, round_.city, text=text, seen=seen, by=round_.city.person, at=AT)
        for text in ["It is ten cities.", "It is ten cities.", "Lagos, not Abuja."]
    ]
    assert given[0] == given[1]
    assert FactualCorrection.objects.count() == 2
    assert "2 factual corrections wait for an answer" in " ".join(
        conclusion.obstacles(round_["JHB11"], by=round_.staff)
    )
    who = {"by": round_.rapporteur, "at": AT}
    positions.answer_correction(given[0], is_accepted=True, answer="", **who)
    with pytest.raises(Refused, match="Give a reason"):
        positions.answer_correction(given[2], is_accepted=False, answer=" ", **who)
    positions.answer_correction(given[2], is_accepted=False, answer="The report says Abuja.", **who)
    with pytest.raises(Refused, match="answered this correction already"):
        positions.answer_correction(given[2], is_accepted=True, answer="", **who)
    told = Message.objects.filter(occasion="factual_correction_answered").order_by("pk")
    assert ["accepted" in told[0].text, "The report says Abuja." in told[1].text] == [True, True]
    assert not [line for line in conclusion.obstacles(round_["JHB11"], by=round_.staff) if "factual" in line]


def test_two_rapporteurs_never_overwrite_each_other(chain):
    chain.in_synthesis("JHB11")
    version = chain.draft("JHB11", "One fund").versions.get()
    drafting.edit_draft(version, title="A", statement="By staff.", revision=1, by=chain.staff, at=AT)
    with pytest.raises(drafting.Overtaken, match="has changed this text while you were writing") as refusal:
        drafting.edit_draft(version, title="B", statement="By me.", revision=1, by=chain.rapporteur, at=AT)
    assert (refusal.value.stored.statement, refusal.value.stored.revision) == ("By staff.", 2)
    drafting.edit_draft(version, title="B", statement="Both.", revision=2, by=chain.rapporteur, at=AT)
    assert list(version.history.order_by("history_id").values_list("revision", "statement")) == [
        (1, "One fund, and soon."), (2, "By staff."), (3, "Both."),
    ]  # fmt: skip
