import pytest

from consultations.models import Attribution, ConsultationState, Input
from outcomes import drafting, synthesis
from outcomes.drafting import NewEvidence
from outcomes.fates import coverage
from outcomes.models import Consideration, Evidence, Outcome, Version
from stakeholders.kept import FrozenError
from stakeholders.refusals import Refused
from tests.factories import SYNTHESIS, bring_to, draft_outcome, give_input, make_person, make_series, plan, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation(chain):
    consultation = bring_to(chain["JHB11"], ConsultationState.ANNOUNCED, by=chain.staff)
    author = take_part(consultation)
    give_input(author)
    give_input(author, title="Second", attribution=Attribution.UNPUBLISHED)
    return bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=chain.staff)


@pytest.fixture
def first(consultation) -> Input:
    return consultation.inputs.get(number=1)


def test_a_draft_is_identity_version_consideration_and_evidence(chain, consultation, first):
    passage = "pay into one fund for training"
    outcome = chain.draft("JHB11", "One fund", evidence=[NewEvidence(first, quote=passage, note="At its heart.")])
    assert outcome.reference == "JHB11-KT-01"
    version = outcome.versions.get()
    assert (version.number, version.title, version.drafted_by, version.frozen_at) == (
        1,
        "One fund",
        chain.rapporteur,
        None,
    )
    row = Consideration.objects.get()
    assert (row.disposition, row.version_before, row.version_after, row.consultation) == (
        "proposed", None, version, consultation,
    )  # fmt: skip
    assert list(Evidence.objects.values_list("input", "relation", "quote", "note", "linked_by")) == [
        (first.pk, "supports", passage, "At its heart.", chain.rapporteur.pk)
    ]


def test_references_count_per_area_and_are_never_used_again(chain, consultation):
    other = consultation.areas.get(code="SC")
    made = [chain.draft("JHB11", "A"), chain.draft("JHB11", "B"), chain.draft("JHB11", "C", area=other)]
    drafting.drop_draft(made[1], by=chain.rapporteur, at=SYNTHESIS)
    made.append(chain.draft("JHB11", "D"))
    assert [outcome.reference for outcome in made] == ["JHB11-KT-01", "JHB11-KT-02", "JHB11-SC-01", "JHB11-KT-03"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quote": "pay into two funds"}, "The passage is not literally in JHB11-I-001. Copy it exactly"),
        ({"quote": "PAY INTO ONE FUND"}, "The passage is not literally in JHB11-I-001"),
    ],
)
def test_a_passage_must_be_literal(chain, first, changes, sentence):
    with pytest.raises(Refused, match=sentence):
        chain.draft("JHB11", "One fund", evidence=[NewEvidence(first, **changes)])
    assert not Outcome.objects.exists()


def test_what_may_only_be_counted_cannot_be_quoted(chain, consultation):
    second = consultation.inputs.get(number=2)
    with pytest.raises(Refused, match="JHB11-I-002 may be counted but not quoted"):
        chain.draft("JHB11", "One fund", evidence=[NewEvidence(second, quote="one fund")])
    chain.draft("JHB11", "One fund", evidence=[second])
    assert coverage(consultation).used == 1


def test_a_foreign_input_is_no_evidence(chain, first):
    elsewhere = bring_to(plan(make_series("other"), "OTHER"), ConsultationState.ANNOUNCED)
    foreign = give_input(take_part(elsewhere))
    with pytest.raises(Refused, match="Only submitted inputs of this consultation can be evidence"):
        chain.draft("JHB11", "One fund", evidence=[foreign])


def test_what_is_set_aside_must_be_taken_back_first(chain, consultation, first):
    synthesis.set_aside([first], consultation=consultation, reason="Said.", by=chain.rapporteur, at=SYNTHESIS)
    with pytest.raises(Refused, match="JHB11-I-001 is set aside. Take it back first"):
        chain.draft("JHB11", "One fund", evidence=[first])
    synthesis.take_back(first, by=chain.rapporteur, at=SYNTHESIS)
    assert chain.draft("JHB11", "One fund", evidence=[first]).evidence.count() == 1


def test_the_same_passage_is_linked_once_until_it_is_withdrawn(chain, consultation, first):
    outcome = chain.draft("JHB11", "One fund", evidence=[first])
    again = {"consultation": consultation, "evidence": NewEvidence(first), "by": chain.rapporteur, "at": SYNTHESIS}
    with pytest.raises(Refused, match="JHB11-I-001 is evidence of JHB11-KT-01 already"):
        drafting.link_evidence(outcome, **again)
    drafting.withdraw_evidence(outcome.evidence.get(), reason="Misread.", by=chain.rapporteur, at=SYNTHESIS)
    drafting.link_evidence(outcome, **again)
    assert list(outcome.evidence.order_by("pk").values_list("withdrawal_reason", flat=True)) == ["Misread.", ""]


def test_evidence_is_withdrawn_with_a_reason_and_never_deleted(chain, first):
    evidence = chain.draft("JHB11", "One fund", evidence=[first]).evidence.get()
    with pytest.raises(Refused, match="Say why the evidence is withdrawn"):
        drafting.withdraw_evidence(evidence, reason=" ", by=chain.rapporteur, at=SYNTHESIS)
    for deletion in [evidence.delete, Evidence.objects.all().delete]:
        with pytest.raises(FrozenError):
            deletion()
    assert Evidence.objects.standing().count() == 1


def test_editing_takes_the_signature_off(chain, consultation):
    outcome = chain.draft("JHB11", "One fund")
    Version.objects.update(signed_at=SYNTHESIS, signed_by=chain.staff)
    drafting.edit_draft(
        outcome.versions.get(), title=" Two funds ", statement="Changed.", kind="finding", revision=1, by=chain.staff,
        at=SYNTHESIS,
    )  # fmt: skip
    version = outcome.versions.get()
    assert (version.title, version.statement, version.drafted_by, version.signed_at, version.signed_by) == (
        "Two funds", "Changed.", chain.staff, None, None,
    )  # fmt: skip
    assert Outcome.objects.get().kind == "finding"


def test_a_final_text_is_never_changed(chain, consultation):
    outcome = chain.draft("JHB11", "One fund")
    chain.conclude("JHB11")
    version = outcome.versions.get()
    version.title = "Other"
    for change in [version.save, version.delete, Version.objects.all().delete]:
        with pytest.raises(FrozenError):
            change()
    with pytest.raises(FrozenError):
        Version.objects.update(title="Other")
    with pytest.raises(Refused, match="JHB11 is concluded"):
        drafting.edit_draft(version, title="X", statement="Y", revision=1, by=chain.rapporteur, at=SYNTHESIS)
    assert outcome.versions.get().title == "One fund"


def test_a_dropped_draft_frees_its_inputs(chain, consultation, first):
    outcome = chain.draft("JHB11", "One fund", evidence=[first])
    assert coverage(consultation).used == 1
    drafting.drop_draft(outcome, by=chain.rapporteur, at=SYNTHESIS)
    assert (coverage(consultation).used, coverage(consultation).open) == (0, 2)
    with pytest.raises(Refused, match="dropped already"):
        drafting.drop_draft(outcome, by=chain.rapporteur, at=SYNTHESIS)


def test_a_draft_needs_a_text_and_an_area_of_the_consultation(chain, consultation):
    with pytest.raises(Refused, match="needs a title and a statement"):
        draft_outcome(consultation, by=chain.rapporteur, statement="  ")
    foreign = make_series("other").areas.first()
    with pytest.raises(Refused, match="JHB11 does not work on the area"):
        draft_outcome(consultation, by=chain.rapporteur, area=foreign)
    assert not Outcome.objects.exists()


def test_nothing_is_drafted_before_the_inputs_are_closed(chain):
    bring_to(chain["JHB11"], ConsultationState.ANNOUNCED, by=chain.staff)
    with pytest.raises(Refused, match="JHB11 is announced. Rapporteurs work on it in synthesis and in validation"):
        chain.draft("JHB11", "Too early")


def test_setting_aside_names_what_is_used(chain, consultation, first):
    chain.draft("JHB11", "One fund", evidence=[first])
    rows = list(consultation.inputs.all())
    with pytest.raises(Refused, match="they cannot be set aside: JHB11-I-001"):
        synthesis.set_aside(rows, consultation=consultation, reason="Said.", by=chain.rapporteur, at=SYNTHESIS)
    with pytest.raises(Refused, match="Give a reason: the authors will read it"):
        synthesis.set_aside(rows[1:], consultation=consultation, reason=" ", by=chain.rapporteur, at=SYNTHESIS)
    assert coverage(consultation).set_aside == 0
    made = [
        synthesis.set_aside(rows[1:], consultation=consultation, reason=reason, by=make_person(), at=SYNTHESIS)
        for reason in ["Said elsewhere.", "Another reason."]
    ]
    assert made == [1, 0]
    assert rows[1].settings_aside.get().reason == "Said elsewhere."


def test_tags_are_one_codebook_for_the_series(chain, consultation):
    rows = list(consultation.inputs.all())
    tagged = [
        synthesis.tag(rows, consultation=consultation, name=name, by=chain.rapporteur, at=SYNTHESIS)
        for name in [" skills  gap ", "Skills gap"]
    ]
    assert tagged == [2, 0]
    assert list(consultation.series.tags.values_list("name", flat=True)) == ["skills gap"]
    with pytest.raises(Refused, match="at most 60 characters"):
        synthesis.tag(rows, consultation=consultation, name="x" * 61, by=chain.rapporteur, at=SYNTHESIS)
