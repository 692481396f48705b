import pytest

from outcomes import corrections, dispositions
from outcomes.dispositions import Part
from outcomes.models import Consideration, Descent, Outcome, Version
from stakeholders.refusals import Refused
from tests.factories import SYNTHESIS

pytestmark = pytest.mark.django_db


@pytest.fixture
def laid(chain) -> list[Outcome]:
    """Three outcomes of Johannesburg before Toronto, which is in synthesis."""
    chain.in_synthesis("JHB11")
    made = [chain.draft("JHB11", title) for title in ["Skills", "Plans", "Homes"]]
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    return made


@pytest.fixture
def who(chain):
    return {"by": chain.rapporteur, "at": SYNTHESIS}


def shape(row: Consideration) -> tuple[str, str, int | None, int | None]:
    row.refresh_from_db()
    before, after = row.version_before, row.version_after
    return row.disposition, row.reason, before and before.number, after and after.number


def test_standing_by_it_contesting_retiring_and_passing_over_keep_the_text(chain, laid, who):
    rows = [chain.before("TOR", outcome) for outcome in laid]
    dispositions.reaffirm(rows[0], **who)
    dispositions.contest(rows[1], reason=" Not here. ", **who)
    dispositions.retire(rows[2], reason="Done.", **who)
    assert [shape(row) for row in rows] == [
        ("reaffirmed", "", 1, 1),
        ("contested", "Not here.", 1, 1),
        ("retired", "Done.", 1, 1),
    ]
    dispositions.undo(rows[0], **who)
    dispositions.leave_unconsidered(rows[0], reason="No time.", **who)
    assert shape(rows[0]) == ("not_considered", "No time.", 1, 1)
    assert Version.objects.count() == 3


@pytest.mark.parametrize("act", [dispositions.contest, dispositions.retire])
def test_contesting_and_retiring_need_a_reason(chain, laid, who, act):
    row = chain.before("TOR", laid[0])
    with pytest.raises(Refused, match="Give a reason: it is printed with the outcome"):
        act(row, reason="  ", **who)
    assert shape(row) == ("", "", 1, None)


def test_refining_makes_a_new_version_and_keeps_the_old_one(chain, laid, who):
    row = chain.before("TOR", laid[0])
    version = dispositions.refine(row, title="Skills", statement="Skills for all.", change_note="Wider.", **who)
    assert shape(row) == ("refined", "Wider.", 1, 2)
    assert list(laid[0].versions.order_by("number").values_list("statement", "consultation__code", "change_note")) == [
        ("Skills, and soon.", "JHB11", ""),
        ("Skills for all.", "TOR", "Wider."),
    ]
    assert version.frozen_at is None


def test_a_refinement_that_says_the_same_is_refused(chain, laid, who):
    row = chain.before("TOR", laid[0])
    with pytest.raises(Refused, match="That is the text it came with"):
        dispositions.refine(row, title=" Skills", statement="Skills,  and soon.", change_note="None.", **who)
    with pytest.raises(Refused, match="Say what changed and why"):
        dispositions.refine(row, title="Skills", statement="Other.", change_note=" ", **who)
    assert shape(row) == ("", "", 1, None)
    assert Version.objects.count() == 3


def test_of_two_dispositions_the_second_is_told(chain, laid, who):
    row, stale = chain.before("TOR", laid[0]), chain.before("TOR", laid[0])
    dispositions.reaffirm(row, **who)
    with pytest.raises(
        Refused, match="JHB11-KT-01 is reaffirmed already: Rapporteur .sample. has decided that. Undo it first"
    ):
        dispositions.retire(stale, reason="Done.", **who)
    assert shape(row)[0] == "reaffirmed"


def test_a_merge_ends_its_parents_in_one_new_outcome(chain, laid, who):
    areas = {area.code: area for area in chain["TOR"].areas.all()}
    Outcome.objects.filter(pk=laid[1].pk).update(area=areas["CP"])
    rows = [chain.before("TOR", outcome) for outcome in laid[:2]]
    child = dispositions.merge(
        rows, area=areas["KT"], kind="recommendation", title="Both", statement="Both at once.", addressees=[], **who
    )
    assert child.reference == "TOR-KT-01"
    assert [shape(row)[0] for row in rows] == ["merged", "merged"]
    assert set(Descent.objects.values_list("parent__reference", "child__reference", "kind")) == {
        ("JHB11-KT-01", "TOR-KT-01", "merge"),
        ("JHB11-KT-02", "TOR-KT-01", "merge"),
    }
    assert list(child.further_areas.values_list("code", flat=True)) == ["CP"]


@pytest.mark.parametrize("parents", [[0], [0, 0], []])
def test_a_merge_needs_two(chain, laid, who, parents):
    rows = [chain.before("TOR", laid[place]) for place in parents]
    with pytest.raises(Refused, match="Choose at least two outcomes to merge"):
        dispositions.merge(rows, area=laid[0].area, kind="finding", title="T", statement="S", addressees=[], **who)
    assert Outcome.objects.count() == 3


def test_a_merge_with_a_disposed_parent_changes_nothing(chain, laid, who):
    rows = [chain.before("TOR", outcome) for outcome in laid[:2]]
    dispositions.reaffirm(rows[1], **who)
    with pytest.raises(Refused, match="JHB11-KT-02 is reaffirmed already"):
        dispositions.merge(rows, area=laid[0].area, kind="finding", title="T", statement="S", addressees=[], **who)
    assert shape(rows[0]) == ("", "", 1, None)
    assert (Outcome.objects.count(), Descent.objects.count()) == (3, 0)


def test_a_split_ends_one_outcome_in_several(chain, laid, who):
    row = chain.before("TOR", laid[0])
    parts = [Part("Train", "Train people."), Part("Certify", "Certify skills.", kind="open_question")]
    children = dispositions.split(row, parts=parts, **who)
    assert [(child.reference, child.kind) for child in children] == [
        ("TOR-KT-01", "recommendation"),
        ("TOR-KT-02", "open_question"),
    ]
    assert shape(row) == ("split", "", 1, 1)
    with pytest.raises(Refused, match="at least two parts"):
        dispositions.split(chain.before("TOR", laid[1]), parts=parts[:1], **who)


@pytest.mark.parametrize("number", [0, 1])
def test_undoing_a_merge_frees_all_parents_and_drops_the_child(chain, laid, who, number):
    rows = [chain.before("TOR", outcome) for outcome in laid[:2]]
    child = dispositions.merge(rows, area=laid[0].area, kind="finding", title="T", statement="S", addressees=[], **who)
    dispositions.undo(rows[number], **who)
    assert [shape(row) for row in rows] == [("", "", 1, None), ("", "", 1, None)]
    child.refresh_from_db()
    assert child.dropped_at == SYNTHESIS
    assert not Descent.objects.exists()


def test_undoing_a_refinement_takes_its_text_away(chain, laid, who):
    row = chain.before("TOR", laid[0])
    dispositions.refine(row, title="T", statement="Other.", change_note="Why.", **who)
    dispositions.undo(row, **who)
    assert shape(row) == ("", "", 1, None)
    assert list(laid[0].versions.filter(discarded_at__isnull=True).values_list("number", flat=True)) == [1]
    assert list(laid[0].versions.filter(discarded_by=who["by"]).values_list("statement", flat=True)) == ["Other."]
    again = dispositions.refine(row, title="T", statement="Another.", change_note="Why.", **who)
    assert (again.number, shape(row)) == (3, ("refined", "Why.", 1, 3))


def test_what_was_born_here_is_dropped_instead_of_undone(chain, laid, who):
    own = chain.before("TOR", chain.draft("TOR", "New"))
    with pytest.raises(Refused, match="Drop the draft instead"):
        dispositions.undo(own, **who)
    with pytest.raises(Refused, match="drafted here. Edit the draft instead"):
        dispositions.refine(own, title="T", statement="S", change_note="W", **who)


@pytest.mark.parametrize("disposition", ["adopted", "referred", "not_adopted"])
def test_only_a_hearing_decides(chain, laid, who, disposition):
    with pytest.raises(Refused, match="Only a hearing can adopt, refer or not adopt"):
        dispositions.decide(chain.before("TOR", laid[0]), disposition=disposition, reason="So.", **who)


def test_a_hearing_gives_its_own_decisions_and_no_others(chain, laid, who):
    for code in ["TOR", "IST"]:
        chain.conclude(code)
    chain.in_synthesis("HEAR")
    rows = [chain.before("HEAR", outcome) for outcome in laid]
    with pytest.raises(Refused, match="A hearing decides"):
        dispositions.reaffirm(rows[0], **who)
    dispositions.decide(rows[0], disposition="adopted", **who)
    dispositions.decide(
        rows[1], disposition="adopted_as_amended", title="Plans", statement="Plans now.", reason="Sooner.", **who
    )
    with pytest.raises(Refused, match="Give a reason"):
        dispositions.decide(rows[2], disposition="not_adopted", **who)
    dispositions.leave_unconsidered(rows[2], **who)
    assert [shape(row) for row in rows] == [
        ("adopted", "", 1, 1),
        ("adopted_as_amended", "Sooner.", 1, 2),
        ("not_considered", "", 1, 1),
    ]


def test_an_outcome_leaves_with_the_text_that_lies_before_the_event_when_it_is_decided(chain, laid, who):
    """A correction may have come between reading the outcome and deciding about it."""
    read_before = chain.before("TOR", laid[0])
    row = chain.before("JHB11", laid[0])
    version = corrections.propose_correction(
        row, title="Skills", statement="Corrected.", reason="Miscounted.", by=chain.rapporteur, at=SYNTHESIS
    )
    corrections.carry(corrections.sign_correction(version, by=chain.staff, at=SYNTHESIS), at=SYNTHESIS)
    dispositions.reaffirm(read_before, **who)
    assert shape(chain.before("TOR", laid[0])) == ("reaffirmed", "", 2, 2)
