import pytest

from consultations import inputs
from consultations.models import ConsultationState, Input
from outcomes import dispositions, drafting, synthesis
from outcomes.drafting import NewEvidence
from outcomes.fates import (
    Coverage,
    Fate,
    FateKind,
    add_fates_at_the_desk,
    coverage,
    coverage_by,
    coverage_table,
    fates_of,
    types_on_the_list,
)
from outcomes.queries import reason_set_aside
from tests.factories import (
    NOW,
    SYNTHESIS,
    VALIDATION,
    bring_to,
    draft_input,
    draft_outcome,
    give_input,
    take_part,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(chain) -> dict[str, Input]:
    """One input of each fate, at Johannesburg in synthesis."""
    consultation = bring_to(chain["JHB11"], ConsultationState.ANNOUNCED, by=chain.staff)
    author = take_part(consultation)
    made = {name: give_input(author, title=name) for name in ["used", "set aside", "withdrawn", "open"]}
    made["draft"] = draft_input(author, title="draft")
    inputs.withdraw(made["withdrawn"], by=author.person, at=NOW)
    bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=chain.staff)
    chain.draft("JHB11", "One fund", evidence=[NewEvidence(made["used"], "qualifies", "one fund for training")])
    synthesis.set_aside(
        [made["set aside"]], consultation=consultation, reason="Said elsewhere.", by=chain.rapporteur, at=SYNTHESIS
    )
    return made


def rows() -> list[Input]:
    return list(Input.objects.select_related("consultation"))


def rows_at_the_desk() -> list[Input]:
    return list(Input.objects.select_related("consultation").annotate(reason_set_aside=reason_set_aside()))


def fates_at_the_desk() -> dict[int, Fate]:
    found = rows_at_the_desk()
    add_fates_at_the_desk(found)
    return {row.pk: row.fate for row in found}


def test_the_desk_sees_every_fate(given):
    fates = fates_at_the_desk()
    assert fates == fates_of(rows(), at_the_desk=True)
    assert {name: fates[input.pk].kind for name, input in given.items()} == {
        "used": FateKind.USED,
        "set aside": FateKind.SET_ASIDE,
        "withdrawn": FateKind.WITHDRAWN,
        "open": FateKind.OPEN,
        "draft": FateKind.DRAFT,
    }
    use = fates[given["used"].pk].uses[0]
    assert (use.reference, use.title, use.relation, use.quote, use.later) == (
        "JHB11-KT-01", "One fund", "qualifies", "one fund for training", [],
    )  # fmt: skip
    assert fates[given["set aside"].pk].reason == "Said elsewhere."


def test_authors_learn_it_when_validation_opens(chain, given):
    early = fates_of(rows())
    assert {early[given[name].pk].kind for name in ["used", "set aside", "open"]} == {FateKind.OPEN}
    assert early[given["set aside"].pk].reason == ""
    bring_to(chain["JHB11"], ConsultationState.IN_VALIDATION, by=chain.staff)
    told = fates_of(rows())
    assert (told[given["used"].pk].kind, told[given["set aside"].pk].reason) == (FateKind.USED, "Said elsewhere.")


def test_the_way_of_an_outcome_is_told_on(chain, given):
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    outcome = given["used"].evidence.get().outcome
    dispositions.contest(chain.before("TOR", outcome), reason="No.", by=chain.rapporteur, at=SYNTHESIS)
    assert fates_of(rows())[given["used"].pk].uses[0].later == []
    chain.conclude("TOR")
    later = fates_of(rows())[given["used"].pk].uses[0].later
    assert [(step.consultation, step.disposition) for step in later] == [("Consultation TOR", "contested")]


def test_withdrawn_evidence_leaves_the_input_open(chain, given):
    evidence = given["used"].evidence.get()
    drafting.withdraw_evidence(evidence, reason="Misread.", by=chain.rapporteur, at=SYNTHESIS)
    assert fates_at_the_desk()[given["used"].pk].kind == FateKind.OPEN


def test_coverage_adds_up(chain, given):
    found = coverage(chain["JHB11"])
    assert found == Coverage(used=1, set_aside=1, withdrawn=1, open=1)
    assert (found.total, found.decided_percent) == (4, 75)
    area = given["used"].area_id
    assert coverage_by(chain["JHB11"], "area") == {area: found}
    assert coverage(chain["TOR"]) == Coverage()
    assert coverage(chain["TOR"]).decided_percent == 100


@pytest.mark.parametrize("number", [5, 200])
def test_the_number_of_queries_does_not_depend_on_the_number_of_inputs(chain, given, number, django_assert_num_queries):
    template = Input.objects.get(pk=given["open"].pk)
    fields = {
        field.name: getattr(template, field.name)
        for field in Input._meta.concrete_fields
        if field.name not in {"id", "number", "form_key"}
    }
    made = Input.objects.bulk_create(Input(number=100 + place, **fields) for place in range(number))
    for row in made[:2]:
        synthesis.set_aside([row], consultation=chain["JHB11"], reason="Said.", by=chain.rapporteur, at=VALIDATION)
    loaded = rows_at_the_desk()
    assert len(loaded) == number + 5
    with django_assert_num_queries(1):
        add_fates_at_the_desk(loaded)
    bring_to(chain["JHB11"], ConsultationState.IN_VALIDATION, by=chain.staff)
    loaded = rows()
    with django_assert_num_queries(4):
        fates_of(loaded)
    johannesburg = chain["JHB11"]
    with django_assert_num_queries(1):
        assert coverage(johannesburg).total == number + 4


def test_the_coverage_is_told_by_area_and_type_and_adds_up(chain):
    consultation = chain["JHB11"]
    bring_to(consultation, "announced", by=chain.staff)
    city, business = take_part(consultation, type="city"), take_part(consultation, type="business")
    take_part(consultation, type="trade-union")
    roads, skills = consultation.areas.get(code="IN"), consultation.areas.get(code="KT")
    used = give_input(city, area=roads)
    aside = give_input(business, area=roads)
    give_input(business, area=roads)
    give_input(business, area=skills)
    chain.in_synthesis("JHB11")
    draft_outcome(chain["JHB11"], by=chain.rapporteur, evidence=[used])
    synthesis.set_aside([aside], consultation=consultation, reason="Said.", by=chain.rapporteur, at=SYNTHESIS)

    consultation = chain["JHB11"]
    found = coverage_table(
        consultation, areas=list(consultation.areas.all()), types=list(types_on_the_list(consultation))
    )
    assert found.all == coverage(chain["JHB11"]) == Coverage(used=1, set_aside=1, open=2)
    by_type = {type.slug: counts for type, counts, _by_area in found.types}
    assert by_type["business"] == Coverage(set_aside=1, open=2)
    assert by_type["trade-union"] == Coverage()
    cells = {
        (area.code, type.slug): cell for type, _counts, by_area in found.types for area, cell in by_area if cell.total
    }
    assert cells == {
        ("IN", "city"): Coverage(used=1),
        ("IN", "business"): Coverage(set_aside=1, open=1),
        ("KT", "business"): Coverage(open=1),
    }
    assert {area.code: counts.open for area, counts in found.areas} == {"KT": 1, "CP": 0, "IN": 1, "SC": 0}
