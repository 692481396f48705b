"""The plan of a running series changes, and the outcomes follow it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from consultations.models import Consultation, ConsultationState
from jobs.models import JobState
from outcomes import conclusion, corrections, dispositions, drafting, positions, replanning, rollforward
from outcomes.consequences import consequences
from outcomes.models import Consideration, Outcome, RollForward
from outcomes.plan import Plan
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, SYNTHESIS, bring_to, give_input, make_series, make_themes, plan, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(chain) -> list[str]:
    """Johannesburg is concluded, and its two outcomes lie before Toronto; gives their references."""
    chain.in_synthesis("JHB11")
    references = [chain.draft("JHB11", title).reference for title in ["Skills", "Housing"]]
    chain.conclude("JHB11")
    assert chain.references_before("TOR") == references
    return references


def who(chain) -> dict:
    return {"by": chain.staff, "at": CONCLUSION}


def carry(chain) -> None:
    """Do what waits in the queue."""
    for run in RollForward.objects.filter(state=JobState.QUEUED).order_by("pk"):
        rollforward.roll_forward(run.consultation, at=CONCLUSION, run=run)
        RollForward.objects.filter(pk=run.pk).update(state=JobState.DONE, finished_at=CONCLUSION)


def foreseen(chain, change: Callable[[Plan], Plan]) -> list[str]:
    before = Plan.of(chain["JHB11"].series_id)
    return consequences(before, change(before)).sentences()


def reaffirm(chain, code: str, reference: str) -> None:
    row = Consideration.objects.get(consultation=chain[code], outcome__reference=reference)
    dispositions.reaffirm(row, by=chain.rapporteur, at=SYNTHESIS)


# Re-feeding


def test_untouched_outcomes_follow_the_plan_at_once(chain, held):
    replanning.feed_into(chain["JHB11"], following=chain["IST"], **who(chain))
    assert (chain.references_before("TOR"), chain.references_before("IST")) == ([], held)
    carry(chain)
    run = RollForward.objects.latest("pk")
    assert (run.consultation, run.receiver, run.carried, run.already_there, run.skipped) == (
        chain["JHB11"], chain["IST"], 2, 0, 0,
    )  # fmt: skip
    rows = Consideration.objects.filter(consultation=chain["IST"])
    assert {(row.laid_from, row.roll_forward, row.disposition) for row in rows} == {(chain["JHB11"], run, "")}
    assert chain["JHB11"].history.latest().feeds_into == chain["IST"]


def test_the_consequences_are_told_before_and_change_nothing(chain, held):
    told = foreseen(chain, lambda it: it.feeding("JHB11", "IST"))
    assert told == [
        "Consultation JHB11 feeds into Consultation IST.",
        "2 outcomes of Consultation JHB11 move from Consultation TOR to Consultation IST: JHB11-KT-01, JHB11-KT-02.",
    ]
    assert foreseen(chain, lambda it: it.feeding("JHB11", "")) == [
        "Consultation JHB11 feeds into no other consultation.",
        "2 outcomes of Consultation JHB11 leave Consultation TOR and wait for a consultation that takes them up: "
        "JHB11-KT-01, JHB11-KT-02.",
    ]
    assert foreseen(chain, lambda it: it.feeding("TOR", "HEAR")) == [
        "Consultation TOR feeds into Consultation HEAR.",
        "No outcome moves by it.",
    ]
    assert (chain.references_before("TOR"), chain["JHB11"].feeds_into) == (held, chain["TOR"])


def test_what_was_worked_on_forbids_the_change_by_name(chain, held):
    chain.in_synthesis("TOR")
    reaffirm(chain, "TOR", held[1])
    with pytest.raises(Refused, match=f"Work on these outcomes has begun at Consultation TOR: {held[1]}. Undo"):
        replanning.feed_into(chain["JHB11"], following=chain["IST"], **who(chain))
    assert (chain.references_before("TOR"), chain["JHB11"].feeds_into) == (held, chain["TOR"])
    assert not RollForward.objects.filter(state=JobState.QUEUED).exists()


def test_evidence_is_work_as_well(chain, held):
    bring_to(chain["TOR"], ConsultationState.ANNOUNCED, by=chain.staff)
    input = give_input(take_part(chain["TOR"]))
    chain.in_synthesis("TOR")
    drafting.link_evidence(
        Outcome.objects.get(reference=held[0]),
        consultation=chain["TOR"], evidence=drafting.NewEvidence(input=input), by=chain.rapporteur, at=SYNTHESIS,
    )  # fmt: skip
    with pytest.raises(Refused, match=held[0]):
        replanning.feed_into(chain["JHB11"], following=None, **who(chain))


def test_many_that_were_worked_on_are_named_in_part(chain):
    chain.in_synthesis("JHB11")
    references = [chain.draft("JHB11", f"Outcome {number}").reference for number in range(7)]
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    for reference in references:
        reaffirm(chain, "TOR", reference)
    with pytest.raises(Refused, match=f"{', '.join(references[:5])} and more. Undo"):
        replanning.feed_into(chain["JHB11"], following=None, **who(chain))


def test_a_cancelled_consultation_in_the_middle_is_re_fed_for_those_before_it(chain, held):
    conclusion.cancel(chain["TOR"], reason="No venue.", **who(chain))
    carry(chain)
    assert chain.references_before("IST") == held
    replanning.feed_into(chain["TOR"], following=chain["HEAR"], **who(chain))
    carry(chain)
    assert (chain.references_before("IST"), chain.references_before("HEAR")) == ([], held)


def test_without_a_receiver_outcomes_wait_until_one_is_planned(chain, held):
    replanning.feed_into(chain["JHB11"], following=None, **who(chain))
    carry(chain)
    assert not Consideration.objects.filter(laid_from=chain["JHB11"]).exists()
    assert RollForward.objects.latest("pk").skipped_reasons == {"no_receiver": 2}
    replanning.feed_into(chain["JHB11"], following=chain["HEAR"], **who(chain))
    carry(chain)
    assert chain.references_before("HEAR") == held


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("JHB11", "The plan would run in a circle: Consultation JHB11 already feeds into Consultation HEAR."),
        ("OTHER", "That consultation belongs to another series."),
        ("HEAR", "The plan would run in a circle"),
    ],
)
def test_circles_and_foreign_series_are_refused(chain, target, sentence):
    plan(make_series("other"), "OTHER")
    with pytest.raises(Refused, match=sentence):
        replanning.feed_into(chain["HEAR"], following=Consultation.objects.get(code=target), **who(chain))
    assert chain["HEAR"].feeds_into == chain["AFTER"]


def test_of_parallel_events_only_what_came_from_the_one_moves(chain):
    """Two regional events feed the hearing; one of them is fed elsewhere."""
    for code in ["JHB11", "TOR"]:
        replanning.feed_into(chain[code], following=chain["HEAR"], **who(chain))
        chain.in_synthesis(code)
        chain.draft(code, "Skills")
        chain.conclude(code)
    assert chain.references_before("HEAR") == ["JHB11-KT-01", "TOR-KT-01"]
    chain.in_synthesis("HEAR")
    row = chain.before("HEAR", Outcome.objects.get(reference="TOR-KT-01"))
    dispositions.decide(row, disposition="adopted", by=chain.rapporteur, at=SYNTHESIS)
    replanning.feed_into(chain["JHB11"], following=chain["IST"], **who(chain))
    carry(chain)
    assert (chain.references_before("HEAR"), chain.references_before("IST")) == (["TOR-KT-01"], ["JHB11-KT-01"])
    row.refresh_from_db()
    assert row.disposition == "adopted"


# Inserting and moving


def test_a_new_consultation_between_two_takes_over_what_nobody_has_worked_on(chain, held):
    new = Consultation(series=chain["JHB11"].series, code="NAI", title="Nairobi", kind="roundtable")
    told = foreseen(chain, lambda it: it.inserting(new, after="JHB11"))
    assert told == [
        "Nairobi is added to the plan.",
        "Consultation JHB11 feeds into Nairobi.",
        "Nairobi feeds into Consultation TOR.",
        "2 outcomes of Consultation JHB11 move from Consultation TOR to Nairobi: JHB11-KT-01, JHB11-KT-02.",
    ]
    replanning.insert_after(chain["JHB11"], placed=new, **who(chain))
    carry(chain)
    nairobi = Consultation.objects.get(code="NAI")
    assert list(nairobi.considerations.values_list("outcome__reference", flat=True).order_by("outcome")) == held
    assert (nairobi.feeds_into, chain["JHB11"].feeds_into) == (chain["TOR"], nairobi)
    assert chain.references_before("TOR") == []
    codes = Consultation.objects.in_order().values_list("code", flat=True)
    assert list(codes)[:3] == ["JHB11", "NAI", "TOR"]


def test_inserting_where_work_has_begun_is_refused_and_adds_nothing(chain, held):
    chain.in_synthesis("TOR")
    reaffirm(chain, "TOR", held[0])
    new = Consultation(series=chain["JHB11"].series, code="NAI", title="Nairobi")
    with pytest.raises(Refused, match=held[0]):
        replanning.insert_after(chain["JHB11"], placed=new, **who(chain))
    assert not Consultation.objects.filter(code="NAI").exists()


def test_a_consultation_is_moved_to_another_place(chain, held):
    """Toronto comes after Istanbul now: Johannesburg, Istanbul, Toronto, hearing."""
    replanning.insert_after(chain["IST"], placed=chain["TOR"], **who(chain))
    carry(chain)
    assert [chain[code].feeds_into for code in ["JHB11", "IST", "TOR"]] == [chain["IST"], chain["TOR"], chain["HEAR"]]
    assert (chain.references_before("TOR"), chain.references_before("IST")) == ([], held)
    assert list(Consultation.objects.in_order().values_list("code", flat=True))[:3] == ["JHB11", "IST", "TOR"]


def test_a_consultation_cannot_stand_after_itself_nor_in_another_series(chain):
    other = plan(make_series("other"), "OTHER")
    with pytest.raises(Refused, match="Choose another consultation"):
        replanning.insert_after(chain["TOR"], placed=chain["TOR"], **who(chain))
    with pytest.raises(Refused, match="belongs to another series"):
        replanning.insert_after(chain["TOR"], placed=other, **who(chain))


# Cancelling


def test_cancelling_takes_untouched_outcomes_along_at_once(chain, held):
    conclusion.cancel(chain["TOR"], reason="No venue.", **who(chain))
    assert (chain.references_before("TOR"), chain.references_before("IST")) == ([], held)


# Concluded late, and after the hearing


def test_what_was_asked_of_a_desk_or_said_of_a_text_stays_where_it_is(chain, held):
    """Though the disposition was undone: the question and the words are about the outcome at this event."""
    asked, disputed = (Outcome.objects.get(reference=reference) for reference in held)
    chain.in_synthesis("TOR")
    reaffirm(chain, "TOR", held[0])
    version = corrections.propose_correction(
        chain.before("JHB11", asked),
        title="Skill",
        statement="S.",
        reason="Miscounted.",
        by=chain.rapporteur,
        at=SYNTHESIS,
    )
    corrections.carry(corrections.sign_correction(version, by=chain.staff, at=SYNTHESIS), at=SYNTHESIS)
    dispositions.undo(chain.before("TOR", asked), by=chain.rapporteur, at=SYNTHESIS)
    somebody = take_part(chain["TOR"])
    bring_to(chain["TOR"], ConsultationState.IN_VALIDATION, by=chain.staff)
    row = positions.asked_about(chain["TOR"]).get(outcome=disputed)
    seen = positions.Seen.of(positions.text_of(row))
    positions.correct_facts(row, somebody, text="It was 2009.", seen=seen, by=somebody.person, at=SYNTHESIS)
    for following in [None, chain["IST"]]:
        with pytest.raises(
            Refused, match="Work on these outcomes has begun at Consultation TOR: JHB11-KT-01, JHB11-KT-02"
        ):
            replanning.feed_into(chain["JHB11"], following=following, **who(chain))
    assert chain.references_before("TOR") == held


def test_an_event_that_is_concluded_late_rolls_to_the_first_open_receiver(chain):
    for code in ["TOR", "JHB11"]:
        chain.in_synthesis(code)
        chain.draft(code, "Skills")
        chain.conclude(code)
    assert (chain.references_before("TOR"), chain.references_before("IST")) == ([], ["JHB11-KT-01", "TOR-KT-01"])


def test_what_a_later_event_has_ended_does_not_come_back_by_an_earlier_one(chain, held):
    chain.in_synthesis("TOR")
    row = Consideration.objects.get(consultation=chain["TOR"], outcome__reference=held[0])
    dispositions.retire(row, reason="Done.", by=chain.rapporteur, at=SYNTHESIS)
    chain.conclude("TOR")
    again = rollforward.roll_forward(chain["JHB11"], at=CONCLUSION)
    assert (again.carried, again.already_there, chain.references_before("IST")) == (0, 2, held[1:])


def adopt_at_the_hearing(chain, held: list[str]) -> None:
    for code in ["TOR", "IST"]:
        chain.conclude(code)
    chain.in_synthesis("HEAR")
    row = Consideration.objects.get(consultation=chain["HEAR"], outcome__reference=held[0])
    dispositions.decide(row, disposition="adopted", by=chain.rapporteur, at=SYNTHESIS)
    chain.conclude("HEAR")


def test_a_follow_up_inserted_after_the_hearing_takes_what_it_adopted(chain, held):
    replanning.feed_into(chain["HEAR"], following=None, **who(chain))
    adopt_at_the_hearing(chain, held)
    assert Consideration.objects.filter(laid_from=chain["HEAR"]).count() == 0
    assert foreseen(chain, lambda it: it.feeding("HEAR", "AFTER"))[1:] == [
        "2 outcomes of Consultation HEAR are laid before Consultation AFTER: JHB11-KT-01, JHB11-KT-02.",
    ]
    replanning.feed_into(chain["HEAR"], following=chain["AFTER"], **who(chain))
    carry(chain)
    assert chain.references_before("AFTER") == held


def test_a_follow_up_that_becomes_something_else_gives_back_what_was_adopted(chain, held):
    adopt_at_the_hearing(chain, held)
    assert chain.references_before("AFTER") == held
    assert foreseen(chain, lambda it: it.becoming("AFTER", "roundtable")) == [
        "Consultation AFTER is no follow-up any more: what a hearing has adopted does not go there.",
        "1 outcome that Consultation HEAR adopted leaves Consultation AFTER, for only a follow-up takes it up: "
        "JHB11-KT-01.",
    ]
    replanning.change_kind(chain["AFTER"], kind="roundtable", **who(chain))
    carry(chain)
    assert chain.references_before("AFTER") == held[1:]
    replanning.change_kind(chain["AFTER"], kind="follow_up", **who(chain))
    carry(chain)
    assert chain.references_before("AFTER") == held


def test_a_kind_that_was_announced_stays(chain):
    bring_to(chain["AFTER"], ConsultationState.ANNOUNCED, by=chain.staff)
    with pytest.raises(Refused, match="Its kind has been announced"):
        replanning.change_kind(chain["AFTER"], kind="roundtable", **who(chain))


def test_a_hearing_that_has_themes_stays_one(chain):
    (theme,) = make_themes(chain["HEAR"], T1=["KT"])
    with pytest.raises(Refused, match="It has themes, which only a hearing has. Take them away first"):
        replanning.change_kind(chain["HEAR"], kind="roundtable", **who(chain))
    chain["HEAR"].refresh_from_db()
    assert chain["HEAR"].is_hearing
    theme.delete()
    replanning.change_kind(chain["HEAR"], kind="roundtable", **who(chain))
    assert not chain["HEAR"].is_hearing


def test_an_event_that_was_held_already_is_put_after_the_hearing(chain, held):
    """Istanbul was held beside the series and concluded; now it stands between the hearing and the follow-up."""
    replanning.feed_into(chain["TOR"], following=chain["HEAR"], **who(chain))
    replanning.feed_into(chain["IST"], following=None, **who(chain))
    chain.in_synthesis("IST")
    chain.draft("IST", "Crafts")
    chain.conclude("IST")
    chain.conclude("TOR")
    chain.conclude("HEAR")
    assert chain.references_before("AFTER") == held
    replanning.insert_after(chain["HEAR"], placed=chain["IST"], **who(chain))
    carry(chain)
    assert chain.references_before("AFTER") == ["IST-KT-01", *held]
    assert chain.references_before("IST") == []


# Size, and two at once


@pytest.mark.parametrize("number", [3, 60])
def test_the_number_of_queries_does_not_depend_on_the_number_of_outcomes(chain, number):
    chain.in_synthesis("JHB11")
    for place in range(number):
        chain.draft("JHB11", f"Outcome {place}")
    chain.conclude("JHB11")
    with CaptureQueriesContext(connection) as captured:
        replanning.feed_into(chain["JHB11"], following=chain["IST"], **who(chain))
    assert len(chain.references_before("IST")) == number
    assert len(captured) == QUERIES


QUERIES = 17


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all in the same moment, each in a thread of its own; gives what each returned or was told."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait()
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(run, acts))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(5))
def test_a_disposition_and_a_change_of_plan_at_once(chain, held, _time):
    """One wins, the other is told; nothing is disposed of at an event before which it does not lie."""
    chain.in_synthesis("TOR")
    row = Consideration.objects.get(consultation=chain["TOR"], outcome__reference=held[0])
    johannesburg, istanbul, staff = chain["JHB11"], chain["IST"], chain.staff
    disposed, moved = at_once(
        lambda: dispositions.reaffirm(row, by=chain.rapporteur, at=SYNTHESIS),
        lambda: replanning.feed_into(johannesburg, following=istanbul, by=staff, at=CONCLUSION),
    )
    assert isinstance(disposed, Refused) != isinstance(moved, Refused)
    row = Consideration.objects.get(pk=row.pk)
    if isinstance(moved, Refused):
        assert held[0] in str(moved)
        assert (row.consultation.code, row.disposition) == ("TOR", "reaffirmed")
    else:
        assert "is not before TOR any more" in str(disposed)
        assert (row.consultation.code, row.disposition) == ("IST", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(5))
def test_two_changes_that_would_make_a_circle_at_once(chain, _time):
    replanning.feed_into(chain["TOR"], following=None, **who(chain))
    replanning.feed_into(chain["IST"], following=None, **who(chain))
    toronto, istanbul = chain["TOR"], chain["IST"]
    told = at_once(
        lambda: replanning.feed_into(toronto, following=istanbul, **who(chain)),
        lambda: replanning.feed_into(istanbul, following=toronto, **who(chain)),
    )
    assert sum(isinstance(one, Refused) and "circle" in str(one) for one in told) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(5))
def test_a_receiver_is_concluded_while_its_feeder_is_carried(chain, _time):
    """Either the outcomes are before it, and its conclusion is refused; or they go to the next one. None is lost."""
    chain.in_synthesis("JHB11")
    reference = chain.draft("JHB11", "Skills").reference
    johannesburg = bring_to(chain["JHB11"], ConsultationState.CONCLUDED, by=chain.staff)
    run = RollForward.objects.get()
    toronto = bring_to(chain["TOR"], ConsultationState.IN_VALIDATION, by=chain.staff)
    concluded, _carried = at_once(
        lambda: conclusion.conclude(
            toronto, seen=conclusion.texts_as_they_stand(toronto), by=chain.staff, at=CONCLUSION
        ),
        lambda: rollforward.roll_forward(johannesburg, at=CONCLUSION, run=run),
    )
    before = chain.references_before("TOR"), chain.references_before("IST")
    if isinstance(concluded, Refused):
        assert reference in str(concluded)
        assert before == ([reference], [])
    else:
        assert before == ([], [reference])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(5))
def test_the_plan_changes_while_outcomes_are_carried(chain, _time):
    chain.in_synthesis("JHB11")
    reference = chain.draft("JHB11", "Skills").reference
    johannesburg = bring_to(chain["JHB11"], ConsultationState.CONCLUDED, by=chain.staff)
    run, istanbul, again = RollForward.objects.get(), chain["IST"], chain["JHB11"]
    at_once(
        lambda: rollforward.roll_forward(johannesburg, at=CONCLUSION, run=run),
        lambda: replanning.feed_into(again, following=istanbul, **who(chain)),
    )
    carry(chain)
    assert (chain.references_before("TOR"), chain.references_before("IST")) == ([], [reference])


def test_the_clock_takes_up_whatever_was_left_behind(chain, held):
    """However it came about: here somebody has written rows past the operations."""
    Consideration.objects.filter(outcome__reference=held[0], consultation=chain["TOR"]).delete()
    assert rollforward.roll_waiting(at=CONCLUSION) == 1
    assert rollforward.roll_waiting(at=CONCLUSION) == 0
    carry(chain)
    assert chain.references_before("TOR") == held
    assert rollforward.roll_waiting(at=CONCLUSION) == 0
