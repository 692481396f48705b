"""Correcting and withdrawing after the conclusion (domain.md, roll-forward, rule 5)."""

import pytest

from jobs.models import JobState
from outcomes import conclusion, corrections, dispositions, rollforward
from outcomes.agreement import tallies_of
from outcomes.models import Consideration, Correction, Flag, Position
from outcomes.positions import Seen, asked_about, take_position, text_of
from outcomes.tasks import correct
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests import factories
from tests.factories import CONCLUSION, SYNTHESIS, bring_to, take_part

pytestmark = pytest.mark.django_db
AT = CONCLUSION


@pytest.fixture
def concluded(chain):
    """Johannesburg is concluded with one outcome, which lies before Toronto."""
    chain.in_synthesis("JHB11")
    chain.outcome = chain.draft("JHB11", "One fund")
    chain.conclude("JHB11")
    return chain


def correct_text(chain, code="JHB11", title="Two funds", outcome=None):
    row = chain.before(code, outcome or chain.outcome)
    who = {"by": chain.rapporteur, "at": AT}
    version = corrections.propose_correction(row, title=title, statement=f"{title}.", reason="Miscounted.", **who)
    correction = corrections.sign_correction(version, by=chain.staff, at=AT)
    corrections.carry(correction, at=AT)
    return correction


def withdraw(chain, code="JHB11"):
    correction = corrections.withdraw(chain.before(code, chain.outcome), reason="Never said.", by=chain.staff, at=AT)
    corrections.carry(correction, at=AT)
    return correction


def texts(chain, code):
    """The titles before and after at an event."""
    row = Consideration.objects.with_texts().get(consultation=chain[code], outcome=chain.outcome)
    return [text and text.title for text in [row.version_before, row.version_after]]


def test_a_correction_is_signed_by_somebody_else_and_what_nobody_worked_on_follows(concluded):
    row = concluded.before("JHB11", concluded.outcome)
    assert corrections.sentences(corrections.consequences(row)) == [
        "1 later event takes it by itself: Consultation TOR."
    ]
    who = {"by": concluded.staff, "at": AT}
    version = corrections.propose_correction(row, title="Two funds", statement="Two.", reason="Miscounted.", **who)
    assert texts(concluded, "JHB11") == [None, "One fund"], "nothing is public before the signature"
    with pytest.raises(Refused, match="waits for its signature"):
        corrections.propose_correction(row, title="Three", statement="Three.", reason="No.", **who)
    with pytest.raises(Refused, match="You wrote it yourself"):
        corrections.sign_correction(version, **who)
    correction = corrections.sign_correction(version, by=concluded.rapporteur, at=AT)
    assert texts(concluded, "JHB11") == [None, "Two funds"]
    assert texts(concluded, "TOR") == ["One fund", None], "the job carries it"
    corrections.carry(correction, at=AT)
    assert texts(concluded, "TOR") == ["Two funds", None]
    assert (correction.followed, correction.asked, Flag.objects.count()) == (1, 0, 0)
    assert list(concluded.outcome.versions.values_list("title", "is_correction")) == [
        ("One fund", False), ("Two funds", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "statement", "reason", "words"),
    [
        ("One  fund", "One fund, and soon.", "Why.", "That is the text as it stands"),
        ("Two funds", "Two.", " ", "Give a reason"),
        ("", "Two.", "Why.", "needs a title"),
    ],
)
def test_what_is_no_correction_is_refused(concluded, title, statement, reason, words):
    row = concluded.before("JHB11", concluded.outcome)
    with pytest.raises(Refused, match=words):
        corrections.propose_correction(row, title=title, statement=statement, reason=reason, by=concluded.staff, at=AT)
    assert concluded.outcome.versions.count() == 1


def test_before_the_conclusion_texts_are_edited_instead(concluded):
    concluded.in_synthesis("TOR")
    row = concluded.before("TOR", concluded.outcome)
    dispositions.reaffirm(row, by=concluded.rapporteur, at=SYNTHESIS)
    with pytest.raises(Refused, match="corrections are for concluded ones"):
        corrections.propose_correction(row, title="T", statement="S", reason="R", by=concluded.staff, at=AT)


def test_a_dropped_proposal_changes_nothing_and_makes_room(concluded):
    row = concluded.before("JHB11", concluded.outcome)
    who = {"by": concluded.rapporteur, "at": AT}
    version = corrections.propose_correction(row, title="Two funds", statement="Two.", reason="Miscounted.", **who)
    corrections.drop_correction(version, **who)
    for late in [corrections.drop_correction, corrections.sign_correction]:
        with pytest.raises(Refused, match="signed or dropped already"):
            late(version, by=concluded.staff, at=AT)
    assert texts(concluded, "JHB11") == [None, "One fund"]
    correct_text(concluded)
    assert texts(concluded, "TOR") == ["Two funds", None]


def test_it_goes_through_events_that_did_not_get_to_it_and_stops_where_somebody_worked(concluded):
    concluded.conclude("TOR")
    concluded.in_synthesis("IST")
    row = concluded.before("IST", concluded.outcome)
    dispositions.contest(row, reason="Not here.", by=concluded.rapporteur, at=SYNTHESIS)
    found = corrections.consequences(concluded.before("JHB11", concluded.outcome))
    assert [(one.consultation.code, one.is_asked) for one in found] == [("TOR", False), ("IST", True)]
    assert corrections.sentences(found) == [
        "1 later event takes it by itself: Consultation TOR.",
        "1 has worked on what stands now and is asked: Consultation IST.",
    ]
    correction = correct_text(concluded)
    assert (correction.followed, correction.asked) == (1, 1)
    assert texts(concluded, "TOR") == ["Two funds", "Two funds"]
    assert texts(concluded, "IST") == ["One fund", "One fund"]
    assert "corrected or withdrawn where it came from" in " ".join(
        obstacle.sentence for obstacle in conclusion.unfinished(concluded["IST"], by=concluded.staff)
    )
    asked = Message.objects.filter(occasion="desk_asked")
    assert [message.person for message in asked] == [concluded.rapporteur]


def test_a_desk_takes_it_and_what_it_did_not_rewrite_leaves_with_it(concluded):
    concluded.conclude("TOR")
    concluded.in_synthesis("IST")
    row = concluded.before("IST", concluded.outcome)
    dispositions.contest(row, reason="Not here.", by=concluded.rapporteur, at=SYNTHESIS)
    flag = correct_text(concluded).flags.get()
    corrections.resolve(flag, is_taken=True, by=concluded.rapporteur, at=AT)
    assert texts(concluded, "IST") == ["Two funds", "Two funds"]
    with pytest.raises(Refused, match="decided this already"):
        corrections.resolve(flag, is_taken=False, reason="No.", by=concluded.rapporteur, at=AT)
    flag.correction.refresh_from_db()
    assert (flag.correction.followed, flag.correction.asked) == (2, 1)
    concluded.conclude("IST")
    assert texts(concluded, "HEAR") == ["Two funds", None]


def test_a_desk_keeps_what_it_had_with_a_reason(concluded):
    concluded.in_synthesis("TOR")
    row = concluded.before("TOR", concluded.outcome)
    dispositions.reaffirm(row, by=concluded.rapporteur, at=SYNTHESIS)
    flag = correct_text(concluded).flags.get()
    with pytest.raises(Refused, match="Give a reason for keeping"):
        corrections.resolve(flag, is_taken=False, by=concluded.rapporteur, at=AT)
    corrections.resolve(flag, is_taken=False, reason="We meant one.", by=concluded.rapporteur, at=AT)
    assert texts(concluded, "TOR") == ["One fund", "One fund"]
    corrections.carry(flag.correction, at=AT)
    assert Flag.objects.get().is_taken is False, "nobody is asked twice"


def test_a_text_of_ones_own_stays_and_nothing_after_it_changes(concluded):
    concluded.in_synthesis("TOR")
    row = concluded.before("TOR", concluded.outcome)
    note = {"change_note": "Clearer.", "by": concluded.rapporteur, "at": SYNTHESIS}
    dispositions.refine(row, title="A fund for all", statement="All pay.", **note)
    concluded.conclude("TOR")
    flag = correct_text(concluded).flags.get()
    corrections.resolve(flag, is_taken=True, by=concluded.staff, at=AT)
    assert texts(concluded, "TOR") == ["Two funds", "A fund for all"]
    assert texts(concluded, "IST") == ["A fund for all", None]


def test_a_concluded_event_that_takes_it_hands_it_on(concluded):
    concluded.in_synthesis("TOR")
    dispositions.reaffirm(concluded.before("TOR", concluded.outcome), by=concluded.rapporteur, at=SYNTHESIS)
    concluded.conclude("TOR")
    flag = correct_text(concluded).flags.get()
    assert texts(concluded, "IST") == ["One fund", None]
    corrections.resolve(flag, is_taken=True, by=concluded.staff, at=AT)
    assert texts(concluded, "TOR") == ["Two funds", "Two funds"]
    assert texts(concluded, "IST") == ["Two funds", None]


def test_positions_on_the_old_text_stay_with_it_and_start_again(concluded):
    consultation = concluded.in_synthesis("TOR")
    who = take_part(consultation)
    bring_to(consultation, "in_validation", by=concluded.staff)
    row = asked_about(consultation).get()
    said = take_position(
        row, who, stance="support", seen=Seen.of(text_of(row)), attribution="type", by=who.person, at=SYNTHESIS
    )
    flag = correct_text(concluded).flags.get()
    corrections.resolve(flag, is_taken=True, by=concluded.rapporteur, at=AT)
    said.refresh_from_db()
    assert (said.version.title, said.outdated_at) == ("One fund", AT)
    assert tallies_of([consultation]) == {}


def test_positions_of_a_concluded_event_stay_counted_where_its_own_text_is_corrected(chain):
    consultation = chain.in_synthesis("JHB11")
    chain.outcome = chain.draft("JHB11", "One fund")
    who = take_part(consultation)
    bring_to(consultation, "in_validation", by=chain.staff)
    row = asked_about(consultation).get()
    take_position(
        row, who, stance="support", seen=Seen.of(text_of(row)), attribution="type", by=who.person, at=SYNTHESIS
    )
    chain.conclude("JHB11")
    correct_text(chain)
    assert Position.objects.counted().get().version.title == "One fund"


def test_a_withdrawal_ends_it_where_nobody_worked_on_it(concluded):
    correction = withdraw(concluded)
    concluded.outcome.refresh_from_db()
    assert (concluded.outcome.withdrawn_by, concluded.outcome.withdrawal_reason) == (concluded.staff, "Never said.")
    assert (correction.followed, correction.asked) == (1, 0)
    concluded.in_synthesis("TOR")
    with pytest.raises(Refused, match="was withdrawn where it came from, so it needs no disposition"):
        dispositions.reaffirm(concluded.before("TOR", concluded.outcome), by=concluded.rapporteur, at=SYNTHESIS)
    concluded.conclude("TOR")
    assert concluded.references_before("IST") == []
    with pytest.raises(Refused, match="withdrawn already"):
        corrections.withdraw(concluded.before("JHB11", concluded.outcome), reason="Again.", by=concluded.staff, at=AT)


@pytest.mark.parametrize("is_taken", [True, False])
def test_who_has_worked_on_it_is_asked_before_it_ends(concluded, is_taken):
    concluded.in_synthesis("TOR")
    dispositions.reaffirm(concluded.before("TOR", concluded.outcome), by=concluded.rapporteur, at=SYNTHESIS)
    flag = withdraw(concluded).flags.get()
    concluded.outcome.refresh_from_db()
    assert concluded.outcome.withdrawn_at is None
    corrections.resolve(flag, is_taken=is_taken, reason="We stand by it.", by=concluded.rapporteur, at=AT)
    concluded.outcome.refresh_from_db()
    assert (concluded.outcome.withdrawn_at is not None) == is_taken
    concluded.conclude("TOR")
    assert concluded.references_before("IST") == ([] if is_taken else [concluded.outcome.reference])


def test_a_later_correction_settles_the_question_about_an_older_one(concluded):
    concluded.in_synthesis("TOR")
    dispositions.reaffirm(concluded.before("TOR", concluded.outcome), by=concluded.rapporteur, at=SYNTHESIS)
    older = correct_text(concluded).flags.get()
    newer = correct_text(concluded, title="Three funds").flags.get()
    older.refresh_from_db()
    assert (older.is_taken, older.reason) == (False, "A later correction took its place.")
    assert corrections.open_flags(concluded["TOR"]) == [newer]
    corrections.resolve(newer, is_taken=True, by=concluded.rapporteur, at=AT)
    assert texts(concluded, "TOR") == ["Three funds", "Three funds"]


def test_the_job_runs_twice_and_changes_nothing_the_second_time(concluded):
    concluded.conclude("TOR")
    row = concluded.before("JHB11", concluded.outcome)
    version = corrections.propose_correction(
        row, title="Two funds", statement="Two.", reason="Miscounted.", by=concluded.rapporteur, at=AT
    )
    correction = corrections.sign_correction(version, by=concluded.staff, at=AT)
    correct(pk=correction.pk)
    correction.refresh_from_db()
    assert (correction.state, correction.followed) == (JobState.DONE, 2)
    before = list(Consideration.objects.order_by("pk").values())
    correct(pk=correction.pk)
    concluded.in_synthesis("IST")
    dispositions.reaffirm(concluded.before("IST", concluded.outcome), by=concluded.rapporteur, at=SYNTHESIS)
    corrections.carry(correction, at=AT)
    assert not Flag.objects.exists(), "it has the corrected text already"
    assert len(before) == Consideration.objects.count()


def test_what_is_carried_later_is_the_corrected_text(chain):
    chain.in_synthesis("JHB11")
    chain.outcome = chain.draft("JHB11", "One fund")
    factories.bring_to(chain["JHB11"], "concluded", by=chain.staff)
    correct_text(chain)
    rollforward.roll_forward(chain["JHB11"], at=AT)
    assert texts(chain, "TOR") == ["Two funds", None]


def test_those_whose_words_it_concerns_are_told_once(chain):
    consultation = bring_to(chain["JHB11"], "announced", by=chain.staff)
    author, other = take_part(consultation), take_part(consultation)
    used, aside = factories.give_input(author), factories.give_input(other)
    chain.in_synthesis("JHB11")
    chain.outcome = chain.draft("JHB11", "One fund", evidence=[used])
    assert aside.participation == other
    chain.conclude("JHB11")
    correction = correct_text(chain)
    corrections.carry(correction, at=AT)
    told = Message.objects.filter(occasion="outcome_corrected")
    assert [message.person for message in told] == [author.person]
    assert "Miscounted." in told.get().text
    assert f"/outcomes/{chain.outcome.reference}/" in told.get().text
    assert Correction.objects.get().made_by == chain.staff


def test_what_went_on_in_others_is_corrected_there(concluded):
    concluded.in_synthesis("TOR")
    parts = [dispositions.Part(title=title, statement=title) for title in ["A", "B"]]
    row = concluded.before("TOR", concluded.outcome)
    children = dispositions.split(row, parts=parts, by=concluded.rapporteur, at=SYNTHESIS)
    concluded.conclude("TOR")
    with pytest.raises(Refused, match="went on in other outcomes here"):
        corrections.propose_correction(
            concluded.before("TOR", concluded.outcome), title="T", statement="S", reason="R", by=concluded.staff, at=AT
        )
    correct_text(concluded, "TOR", title="A and more", outcome=children[0])
    row = Consideration.objects.with_texts().get(consultation=concluded["IST"], outcome=children[0])
    assert row.version_before.title == "A and more"


def test_a_correction_that_comes_late_does_not_bring_back_the_text_that_was_corrected_since(concluded):
    """Its job may be done after that of the next one, or once more because its worker died when it was done."""
    row, versions = concluded.before("JHB11", concluded.outcome), []
    for title in ["Two funds", "Three funds"]:
        version = corrections.propose_correction(
            row, title=title, statement=title, reason="Miscounted.", by=concluded.rapporteur, at=AT
        )
        versions.append(corrections.sign_correction(version, by=concluded.staff, at=AT))
    older, newer = versions
    corrections.carry(newer, at=AT)
    assert texts(concluded, "TOR") == ["Three funds", None]
    corrections.carry(older, at=AT)
    assert texts(concluded, "TOR") == ["Three funds", None]


def test_a_withdrawal_that_waits_for_a_desk_is_not_settled_by_a_correction(concluded):
    concluded.in_synthesis("TOR")
    dispositions.reaffirm(concluded.before("TOR", concluded.outcome), by=concluded.rapporteur, at=SYNTHESIS)
    row = concluded.before("JHB11", concluded.outcome)
    change = {"title": "Two funds", "statement": "Two.", "reason": "Miscounted."}
    proposed = corrections.propose_correction(row, **change, by=concluded.rapporteur, at=AT)
    flag = withdraw(concluded).flags.get()
    with pytest.raises(Refused, match="Its withdrawal waits for the decision of a later event"):
        corrections.sign_correction(proposed, by=concluded.staff, at=AT)
    corrections.drop_correction(proposed, by=concluded.staff, at=AT)
    with pytest.raises(Refused, match="Its withdrawal waits for the decision of a later event"):
        corrections.propose_correction(row, **change, by=concluded.rapporteur, at=AT)
    assert corrections.open_flags(concluded["TOR"]) == [flag]
    corrections.resolve(flag, is_taken=False, reason="We stand by it.", by=concluded.rapporteur, at=AT)
    correct_text(concluded)
    assert [flag.correction.version.title for flag in corrections.open_flags(concluded["TOR"])] == ["Two funds"]
