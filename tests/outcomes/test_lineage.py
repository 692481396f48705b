import pytest

from outcomes import dispositions
from outcomes.lineage import ancestors_of, lineage_of, lineages
from outcomes.models import Outcome
from tests.factories import SYNTHESIS

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(chain) -> dict[str, Outcome]:
    """Two outcomes of Johannesburg merged at Toronto, their child split at Istanbul; a third one refined on its way."""
    who = {"by": chain.rapporteur, "at": SYNTHESIS}
    chain.in_synthesis("JHB11")
    made = {name: chain.draft("JHB11", name) for name in ["one", "two", "three"]}
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    parents = [chain.before("TOR", made[name]) for name in ["one", "two"]]
    made["merged"] = dispositions.merge(
        parents, area=made["one"].area, kind="finding", title="Merged", statement="Merged.", addressees=[], **who
    )
    third = chain.before("TOR", made["three"])
    dispositions.refine(third, title="three", statement="Finer.", change_note="Clearer.", **who)
    chain.conclude("TOR")
    chain.in_synthesis("IST")
    parts = [dispositions.Part("Left", "Left."), dispositions.Part("Right", "Right.")]
    row = chain.before("IST", made["merged"])
    made["left"], made["right"] = dispositions.split(row, parts=parts, **who)
    return made


def test_the_way_of_a_refined_outcome(chain, family):
    told = lineage_of(family["three"])
    assert [(step.code, step.disposition, step.reason, step.changed_text) for step in told.steps] == [
        ("JHB11", "proposed", "", False),
        ("TOR", "refined", "Clearer.", True),
    ]
    assert (told.steps[1].before.statement, told.steps[1].after.statement) == ("three, and soon.", "Finer.")
    assert told.current.number == 2


def test_ancestors_and_descendants_over_generations(chain, family):
    chain.conclude("IST")
    told = lineage_of(family["one"])
    assert [(kin.reference, kin.kind, kin.code) for kin in told.children] == [("TOR-KT-01", "merge", "TOR")]
    assert told.descendants == ["IST-KT-01", "IST-KT-02", "TOR-KT-01"]
    youngest = lineage_of(family["right"])
    assert [(kin.reference, kin.kind) for kin in youngest.parents] == [("TOR-KT-01", "split")]
    assert youngest.ancestors == ["JHB11-KT-01", "JHB11-KT-02", "TOR-KT-01"]
    assert [row.reference for row in ancestors_of(family["right"])] == youngest.ancestors


def test_what_an_event_still_works_on_is_not_told(chain, family):
    public = lineage_of(family["merged"])
    assert (public.children, public.descendants, [step.code for step in public.steps]) == ([], [], ["TOR"])
    desk = lineage_of(family["merged"], with_drafts=True)
    assert [kin.reference for kin in desk.children] == ["IST-KT-01", "IST-KT-02"]
    assert [(step.code, step.disposition) for step in desk.steps] == [("TOR", "proposed"), ("IST", "split")]


def test_a_whole_series_takes_two_queries(chain, family, django_assert_num_queries):
    rows = list(Outcome.objects.select_related("born_at__series"))
    series = chain["JHB11"].series
    with django_assert_num_queries(2):
        found = lineages(rows, series=series, with_drafts=True)
    assert {row.reference: found[row.pk].ancestors for row in rows if found[row.pk].ancestors} == {
        "TOR-KT-01": ["JHB11-KT-01", "JHB11-KT-02"],
        "IST-KT-01": ["JHB11-KT-01", "JHB11-KT-02", "TOR-KT-01"],
        "IST-KT-02": ["JHB11-KT-01", "JHB11-KT-02", "TOR-KT-01"],
    }
