"""The page of an area's lineage: what concluded events have published, in as many queries for many as for few."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from outcomes import dispositions
from outcomes.models import Outcome
from outcomes.patterns import area_pattern
from tests.factories import SYNTHESIS, make_series, plan
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = "/series/thp/outcomes/KT/lineage/"


@pytest.fixture
def at_toronto(chain) -> dict[str, Outcome]:
    """Three outcomes of Johannesburg, one of them of another area; at Toronto two are merged and one is refined."""
    who = {"by": chain.rapporteur, "at": SYNTHESIS}
    chain.in_synthesis("JHB11")
    other = chain["JHB11"].areas.get(code="CP")
    made = {"one": chain.draft("JHB11", "one"), "three": chain.draft("JHB11", "three")}
    made["two"] = chain.draft("JHB11", "two", area=other)
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    parents = [chain.before("TOR", made[name]) for name in ["one", "two"]]
    made["merged"] = dispositions.merge(
        parents, area=made["one"].area, kind="finding", title="Merged", statement="Merged.", addressees=[], **who
    )
    third = chain.before("TOR", made["three"])
    dispositions.refine(third, title="three", statement="Finer.", change_note="Clearer.", **who)
    return made


def marks(page) -> set[str]:
    return {f"{mark.reference} {mark.event} {mark.kind}" for mark in page.context["chart"].marks}


def test_what_an_open_event_works_on_is_not_drawn(chain, at_toronto, client):
    page = client.get(PAGE)
    assert marks(page) == {"JHB11-KT-01 JHB11 proposed", "JHB11-KT-02 JHB11 proposed"}
    assert [head.code for head in page.context["chart"].heads] == ["JHB11"]
    for hidden in ["Merged", "TOR-KT-01", "refined", "JHB11-CP-01"]:
        assert hidden not in page.content.decode()


def test_every_outcome_of_the_area_is_drawn_with_its_kin_elsewhere(chain, at_toronto, client):
    chain.conclude("TOR")
    page = client.get(PAGE)
    assert [(row.reference, row.title, row.is_guest) for row in page.context["chart"].rows] == [
        ("JHB11-KT-01", "one", False),
        ("JHB11-CP-01", "two", True),
        ("TOR-KT-01", "Merged", False),
        ("JHB11-KT-02", "three", False),
    ]
    assert marks(page) == {
        "JHB11-KT-01 JHB11 proposed", "JHB11-KT-01 TOR merged", "JHB11-CP-01 JHB11 proposed", "JHB11-CP-01 TOR merged",
        "TOR-KT-01 TOR proposed", "JHB11-KT-02 JHB11 proposed", "JHB11-KT-02 TOR refined",
    }  # fmt: skip
    assert [head.code for head in page.context["chart"].heads] == ["JHB11", "TOR"]
    text = page.content.decode()
    assert text.count('href="/outcomes/TOR-KT-01/"') == 2
    assert "<title>JHB11-CP-01 at TOR: merged, goes on in TOR-KT-01</title>" in text
    assert "2 outcomes in this area" not in text_of(page)
    assert "3 outcomes in this area. 1 of another area, in brackets, is shown" in text_of(page)
    assert [(row.reference, row.cells, row.children) for row in page.context["table"].rows] == [
        ("JHB11-KT-01", ["proposed", "merged"], "TOR-KT-01"),
        ("JHB11-CP-01", ["proposed", "merged"], "TOR-KT-01"),
        ("TOR-KT-01", ["", "proposed"], ""),
        ("JHB11-KT-02", ["proposed", "refined"], ""),
    ]


def test_an_outcome_that_a_merge_brought_into_an_area_is_drawn_there_too(chain, at_toronto, client):
    chain.conclude("TOR")
    rows = client.get("/series/thp/outcomes/CP/lineage/").context["chart"].rows
    assert [(row.reference, row.is_guest) for row in rows] == [
        ("JHB11-CP-01", False), ("JHB11-KT-01", True), ("TOR-KT-01", False),
    ]  # fmt: skip


def test_dropped_drafts_are_not_drawn(chain, at_toronto, client):
    dispositions.undo(chain.before("TOR", at_toronto["one"]), by=chain.rapporteur, at=SYNTHESIS)
    chain.conclude("TOR")
    assert marks(client.get(PAGE)) == {
        "JHB11-KT-01 JHB11 proposed", "JHB11-KT-01 TOR not_considered", "JHB11-KT-02 JHB11 proposed",
        "JHB11-KT-02 TOR refined",
    }  # fmt: skip


def test_a_withdrawn_outcome_ends_as_withdrawn(chain, at_toronto, client):
    Outcome.objects.filter(pk=at_toronto["three"].pk).update(
        withdrawn_at=SYNTHESIS, withdrawn_by=chain.staff.pk, withdrawal_reason="It rested on a mistake."
    )
    assert "JHB11-KT-02 JHB11 withdrawn" in marks(client.get(PAGE))


def test_an_event_that_was_held_before_its_place_in_the_plan_stands_where_it_was(chain, at_toronto):
    type(chain["TOR"]).objects.filter(pk=chain["TOR"].pk).update(order=0)
    chain.conclude("TOR")
    pattern = area_pattern(at_toronto["one"].area)
    assert [event.code for event in pattern.events] == ["JHB11", "TOR"]


def test_an_area_without_outcomes_says_so_and_unknown_ones_are_not_there(chain, client, sign_in):
    chain.conclude("JHB11")
    assert "No outcome of this area is published yet." in client.get(PAGE).content.decode()
    assert client.get("/series/thp/outcomes/XX/lineage/").status_code == 404
    plan(make_series("secret"), "SEC12")
    assert sign_in(None).get("/series/secret/outcomes/KT/lineage/").status_code == 404
    assert sign_in(chain.staff).get("/series/secret/outcomes/KT/lineage/").status_code == 200


def test_the_ways_to_it(chain, at_toronto, client):
    assert f'href="{PAGE}"' in client.get("/series/thp/outcomes/").content.decode()
    assert f'href="{PAGE}"' in client.get("/outcomes/JHB11-KT-01/").content.decode()


def test_a_long_area_is_drawn_in_parts_with_as_many_queries(chain):
    chain.in_synthesis("JHB11")
    few_outcomes = [chain.draft("JHB11", f"few {number}") for number in range(3)]
    chain.conclude("JHB11")
    few = queries()
    area = few_outcomes[0].area
    Outcome.objects.bulk_create(
        Outcome(
            born_at=chain["JHB11"], area=area, number=number, reference=f"JHB11-KT-{number}", kind="finding",
            created_at=SYNTHESIS,
        )
        for number in range(100, 400)
    )  # fmt: skip
    assert queries() == few
    parts = [Client().get(f"{PAGE}?page={number}") for number in [1, 2]]
    assert [len(page.context["chart"].rows) for page in parts] == [300, 3]
    assert "Part 2 of 2" in parts[1].content.decode()


def queries() -> int:
    Client().get(PAGE)
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(PAGE).status_code == 200
    return len(captured)
