"""The public pages of outcomes: the list of a series, and one outcome with its whole way."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consultations.models import ConsultationState
from outcomes import dispositions
from outcomes.drafting import NewEvidence, link_evidence
from outcomes.models import Consideration, Outcome
from tests import factories
from tests.outcomes.conftest import HIDDEN_NAME, TELLING_NAME, TELLING_ORGANISATION

pytestmark = pytest.mark.django_db


def path(outcome: Outcome) -> str:
    return reverse("outcomes:outcome", args=[outcome.reference])


def listing(query: str = "") -> str:
    return reverse("outcomes:outcomes", args=["thp"]) + query


@pytest.fixture
def drafted(event):
    """Two drafts: one in each of two areas, resting on all three inputs."""
    event.fund = factories.draft_outcome(
        event.consultation,
        by=event.rapporteur,
        evidence=[NewEvidence(input=event.by_type, quote="one fund for training"), event.unpublished, event.named],
    )
    event.fund.addressees.add(factories.make_type("city"))
    event.plan = factories.draft_outcome(
        event.consultation,
        by=event.rapporteur,
        area=event.consultation.areas.get(code="CP"),
        kind="finding",
        title="Plan together",
        statement="Cities and firms plan too little together.",
    )
    return event


@pytest.fixture
def carried(drafted, clock):
    """Johannesburg concluded, its outcomes before Toronto, which is in synthesis."""
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    clock.move_to(factories.CONCLUSION)
    factories.bring_to(drafted.later, ConsultationState.IN_SYNTHESIS, by=drafted.staff)
    return drafted


def before_toronto(event, outcome: Outcome) -> Consideration:
    return Consideration.objects.get(consultation=event.later, outcome=outcome)


def merge_both(event) -> Outcome:
    """Have Toronto merge the two outcomes that came from Johannesburg."""
    return dispositions.merge(
        [before_toronto(event, event.fund), before_toronto(event, event.plan)],
        area=event.fund.area,
        kind="recommendation",
        title="Plan and pay together",
        statement="Plan and pay together.",
        addressees=[],
        by=event.foreign_rapporteur,
        at=timezone.now(),
    )


def test_drafts_are_not_there_for_outsiders(drafted, sign_in):
    for person in [None, drafted.participant.person, drafted.foreign_rapporteur]:
        assert sign_in(person).get(path(drafted.fund)).status_code == 404
        assert "Pay into one training fund" not in sign_in(person).get(listing()).content.decode()
    for person in [drafted.rapporteur, drafted.organiser, drafted.staff]:
        page = sign_in(person).get(path(drafted.fund))
        assert "draft, not public" in page.content.decode()


def test_a_statement_is_shown_with_its_lists_and_without_what_could_do_harm(event, client, sign_in, clock):
    statement = "Two **pay**:\n\n- cities\n- [firms](https://firms.example/)\n\n<script>alert(1)</script>"
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur, statement=statement)
    html = (
        "<p>Two <strong>pay</strong>:</p>\n<ul>\n<li>cities</li>\n"
        '<li><a href="https://firms.example/" rel="nofollow noopener">firms</a></li>\n</ul>\n'
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    )
    words = "Two pay: • cities • firms &lt;script&gt;alert(1)&lt;/script&gt;"
    drafts = reverse("outcomes:desk_drafts", args=[event.consultation.code])
    assert words in " ".join(sign_in(event.rapporteur).get(drafts).content.decode().split())
    factories.conclude_and_carry(event.consultation, by=event.staff)
    clock.move_to(factories.CONCLUSION)
    page = client.get(path(outcome)).content.decode()
    # As it stands, and under the event that made it.
    assert page.count(html) == 2
    assert "<script>alert" not in page
    assert words in " ".join(client.get(listing()).content.decode().split())
    laid = reverse("consultations:consultation", args=[event.later.code])
    assert html in client.get(laid).content.decode()
    correct = reverse("outcomes:correct", args=[event.consultation.code, outcome.reference])
    typed = {"title": "One fund", "statement": "1. firms\n2. cities", "reason": "In order."}
    page = sign_in(event.staff).post(correct, typed | {"preview": "1"}).content.decode()
    assert html in page
    assert "<ol>\n<li>firms</li>\n<li>cities</li>\n</ol>" in page
    assert outcome.versions.count() == 1


def test_an_outcome_tells_what_it_says_and_what_it_rests_on(carried, client):
    page = client.get(path(carried.fund)).content.decode()
    for told in [
        "JHB11-KT-01",
        "recommendation",
        "Pay into one training fund",
        "Cities and businesses pay into one training fund that newcomers can use from the first day.",
        "Knowledge transfer",
        "Cities",
        "Johannesburg",
        "one fund for training",
        "Business · Johannesburg",
        "Nora Named (sample), City of Utrecht · Johannesburg",
        "It also rests on 1 input that its author allows to be counted, not to be published.",
    ]:
        assert told in page, told


def test_what_was_said_in_confidence_is_on_no_page(carried, client):
    merge_both(carried)
    factories.bring_to(carried.later, ConsultationState.CONCLUDED, by=carried.staff)
    child = Outcome.objects.get(reference="TOR12-KT-01")
    addresses = [listing(), path(carried.fund), path(carried.plan), path(child)]
    pages = [client.get(address).content.decode() for address in addresses]
    assert all("Plan" in page for page in pages)
    for secret in [TELLING_NAME, TELLING_ORGANISATION, HIDDEN_NAME, "A fear that I voice here", "We are afraid"]:
        assert not [address for address, page in zip(addresses, pages, strict=True) if secret in page]


def test_what_an_open_event_works_on_is_not_public_yet(carried, client):
    dispositions.refine(
        before_toronto(carried, carried.fund),
        title="Pay into two funds",
        statement="Two funds.",
        change_note="One was too few.",
        by=carried.foreign_rapporteur,
        at=timezone.now(),
    )
    for address in [path(carried.fund), listing(), listing("?q=two")]:
        page = client.get(address).content.decode()
        for hidden in ["Pay into two funds", "One was too few."]:
            assert hidden not in page


def test_the_evidence_of_an_open_event_is_not_public_yet(event, client, clock):
    fund = factories.draft_outcome(event.consultation, by=event.rapporteur)
    factories.conclude_and_carry(event.consultation, by=event.staff)
    said = factories.give_input(factories.take_part(event.later), text="Said behind doors in Toronto.")
    factories.bring_to(event.later, ConsultationState.IN_SYNTHESIS, by=event.staff)
    link_evidence(
        fund,
        consultation=event.later,
        evidence=NewEvidence(input=said, quote="Said behind doors"),
        by=event.foreign_rapporteur,
        at=factories.CONCLUSION,
    )
    assert "Said behind doors" not in client.get(path(fund)).content.decode()
    dispositions.reaffirm(before_toronto(event, fund), by=event.foreign_rapporteur, at=factories.CONCLUSION)
    factories.bring_to(event.later, ConsultationState.CONCLUDED, by=event.staff)
    assert "Said behind doors" in client.get(path(fund)).content.decode()


def test_its_way_is_told_with_every_change_of_the_text(carried, client):
    at, by = timezone.now(), carried.foreign_rapporteur
    dispositions.refine(
        before_toronto(carried, carried.fund),
        title="Pay into two training funds",
        statement="Cities and businesses pay into two training funds that newcomers can use from the first day.",
        change_note="One was too few.",
        by=by,
        at=at,
    )
    dispositions.retire(before_toronto(carried, carried.plan), reason="It is done.", by=by, at=at)
    factories.bring_to(carried.later, ConsultationState.CONCLUDED, by=carried.staff)
    page = client.get(path(carried.fund))
    assert [
        (told.step.code, told.step.disposition, told.step.reason, [bool(made.changes) for made in told.texts])
        for told in page.context["steps"]
    ] == [("JHB11", "proposed", "", [False]), ("TOR12", "refined", "One was too few.", [True])]
    text = page.content.decode()
    assert "<h1>Pay into two training funds</h1>" in text
    assert "<del>one</del><ins>two</ins>" in text
    assert "<svg" in text
    assert "Toronto retired it: It is done." in client.get(path(carried.plan)).content.decode()


def test_merged_outcomes_lead_to_each_other(carried, client):
    child = merge_both(carried)
    assert client.get(path(child)).status_code == 404
    assert child.reference not in client.get(path(carried.fund)).content.decode()
    factories.bring_to(carried.later, ConsultationState.CONCLUDED, by=carried.staff)
    parent = client.get(path(carried.fund)).content.decode()
    assert "Toronto merged it with others. It goes on in:" in parent
    assert f'href="{path(child)}"' in parent
    page = client.get(path(child)).content.decode()
    for ancestor in [carried.fund, carried.plan]:
        assert f'href="{path(ancestor)}"' in page
    assert "Through JHB11-KT-01, which it came out of" in page
    assert "one fund for training" in page


def test_the_chart_draws_an_outcome_with_its_kin(carried, client):
    assert "lineage-chart" not in client.get(path(carried.plan)).content.decode()
    merge_both(carried)
    factories.bring_to(carried.later, ConsultationState.CONCLUDED, by=carried.staff)
    child = Outcome.objects.get(reference="TOR12-KT-01")
    for outcome in [child, carried.fund]:
        chart = client.get(path(outcome)).context["chart"]
        assert {(mark.reference, mark.event, mark.kind) for mark in chart.marks} >= {
            ("JHB11-KT-01", "JHB11", "proposed"),
            ("JHB11-KT-01", "TOR12", "merged"),
            ("TOR12-KT-01", "TOR12", "proposed"),
        }
        assert [row.reference for row in chart.rows if row.is_own] == [outcome.reference]


def test_the_list_is_filtered(carried, client):
    at, by = timezone.now(), carried.foreign_rapporteur
    dispositions.contest(before_toronto(carried, carried.fund), reason="Too dear.", by=by, at=at)
    dispositions.leave_unconsidered(before_toronto(carried, carried.plan), by=by, at=at)
    new = factories.draft_outcome(carried.later, by=by, title="Born in Toronto", at=at)
    factories.bring_to(carried.later, ConsultationState.CONCLUDED, by=carried.staff)
    expected = {
        "": [carried.fund, new, carried.plan],
        "?area=CP": [carried.plan],
        "?kind=finding": [carried.plan],
        "?event=JHB11": [carried.fund, carried.plan],
        "?event=TOR12": [carried.fund, new, carried.plan],
        "?status=contested": [carried.fund],
        "?status=proposed": [new, carried.plan],
        "?status=withdrawn": [],
        "?q=plan+too+little": [carried.plan],
        "?q=tor12-kt": [new],
        "?q=nothing+like+it": [],
        "?area=nonsense&status=nonsense": [carried.fund, new, carried.plan],
    }
    for query, outcomes in expected.items():
        assert list(client.get(listing(query)).context["page"].object_list) == outcomes, query


def test_a_withdrawn_outcome_is_shown_as_withdrawn(carried, client):
    Outcome.objects.filter(pk=carried.plan.pk).update(
        withdrawn_at=timezone.now(), withdrawn_by=carried.staff.pk, withdrawal_reason="It rested on a mistake."
    )
    assert "It rested on a mistake." in client.get(path(carried.plan)).content.decode()
    assert list(client.get(listing("?status=withdrawn")).context["page"].object_list) == [carried.plan]


def test_a_series_that_nobody_announced_has_no_page(carried, sign_in):
    factories.plan(factories.make_series("secret"), "SEC12")
    url = reverse("outcomes:outcomes", args=["secret"])
    assert sign_in(None).get(url).status_code == 404
    assert sign_in(carried.staff).get(url).status_code == 200


def test_pages_need_as_many_queries_for_many_rows_as_for_few(event, client):
    def counts() -> tuple[int, int]:
        found = []
        for address in [listing(), path(first)]:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found[0], found[1]

    def conclude(code: str, number: int) -> Outcome:
        consultation = factories.plan(event.consultation.series, code, order=number)
        factories.bring_to(consultation, ConsultationState.ANNOUNCED, by=event.staff)
        participation = factories.take_part(consultation)
        inputs = [factories.give_input(participation, title=f"Input {each}") for each in range(number)]
        factories.bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=event.staff)
        drafted = [
            factories.draft_outcome(consultation, by=event.rapporteur, evidence=inputs, title=f"{code} {each}")
            for each in range(number)
        ]
        factories.bring_to(consultation, ConsultationState.CONCLUDED, by=event.staff)
        return drafted[0]

    first = conclude("FEW11", 3)
    few = counts()
    first = conclude("MANY11", 20)
    assert counts() == few
