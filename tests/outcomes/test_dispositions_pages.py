"""The pages on which an event says what becomes of the outcomes that were laid before it."""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.models import Consultation, ConsultationKind, ConsultationState, Role
from outcomes.models import Consideration, Descent, Outcome
from stakeholders.models import Person
from tests import factories

pytestmark = pytest.mark.django_db


@dataclass
class Table:
    """Toronto in synthesis with two outcomes of Johannesburg before it."""

    consultation: Consultation
    rapporteur: Person
    organiser: Person
    first: Outcome
    second: Outcome

    def path(self, name: str, *args: object, query: str = "") -> str:
        return reverse(f"outcomes:{name}", args=[self.consultation.code, *args]) + query

    def of(self, outcome: Outcome) -> Consideration:
        return Consideration.objects.get(consultation=self.consultation, outcome=outcome)


def lay(kind: ConsultationKind, outcomes: int = 2) -> Table:
    series = factories.make_series()
    receiver = factories.plan(series, "TOR12", title="Toronto", order=20, kind=kind)
    origin = factories.plan(series, "JHB11", title="Johannesburg", order=10, feeds_into=receiver)
    staff, drafter = factories.make_staff(), factories.make_person("Drafter (sample)")
    for consultation in [receiver, origin]:
        factories.bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=staff)
    born = [
        factories.draft_outcome(origin, by=drafter, title=f"Title {number}", statement=f"Statement {number} is long.")
        for number in range(1, outcomes + 1)
    ]
    factories.conclude_and_carry(origin, by=staff)
    rapporteur = factories.take_part(receiver, factories.make_person("Rita (sample)"), role=Role.RAPPORTEUR).person
    organiser = factories.take_part(receiver, factories.make_person("Otto (sample)"), role=Role.ORGANISER).person
    return Table(receiver, rapporteur, organiser, born[0], born[1])


@pytest.fixture
def table(db, clock) -> Table:
    clock.move_to(factories.CONCLUSION)
    return lay(ConsultationKind.EXPERT_CONSULTATION)


@pytest.fixture
def hearing(db, clock) -> Table:
    clock.move_to(factories.CONCLUSION)
    return lay(ConsultationKind.HEARING)


def test_the_list_shows_each_outcome_in_the_words_it_came_in(table, sign_in):
    page = sign_in(table.rapporteur).get(table.path("desk_before"))
    assert [row.outcome for row in page.context["page"]] == [table.first, table.second]
    text = page.content.decode()
    for words in ["JHB11-KT-01", "Title 1", "Statement 1 is long.", "carried from Johannesburg"]:
        assert words in text


@pytest.mark.parametrize(
    ("act", "typed", "disposition", "reason"),
    [
        ("reaffirm", {}, "reaffirmed", ""),
        ("contest", {"contest-reason": "It is too early."}, "contested", "It is too early."),
        ("retire", {"retire-reason": "It is done."}, "retired", "It is done."),
        ("not_considered", {"not_considered-reason": "No time."}, "not_considered", "No time."),
    ],
)
def test_a_disposition_is_given_on_the_page(table, sign_in, act, typed, disposition, reason):
    url = table.path("consideration", table.first.reference)
    answer = sign_in(table.rapporteur).post(url, {"act": act, **typed})
    assert answer.url == table.path("desk_before") + "#JHB11-KT-01"
    row = table.of(table.first)
    assert (row.disposition, row.reason, row.disposed_by) == (disposition, reason, table.rapporteur)
    assert row.version_after == row.version_before


@pytest.mark.parametrize("act", ["contest", "retire"])
def test_what_needs_a_reason_says_so(table, sign_in, act):
    url = table.path("consideration", table.first.reference)
    page = sign_in(table.rapporteur).post(url, {"act": act, f"{act}-reason": " "})
    assert "Reason: This field is required." in page.content.decode()
    assert table.of(table.first).disposition == ""


def test_a_new_text_is_shown_before_it_is_kept(table, sign_in):
    client = sign_in(table.rapporteur)
    url = table.path("consideration", table.first.reference)
    assert "Statement 1 is long." in client.get(url).content.decode()
    typed = {
        "act": "refine",
        "refine-title": "Title 1",
        "refine-statement": "Statement 1 is short.",
        "refine-change_note": "Shorter.",
    }
    page = client.post(url, {**typed, "preview": "1"}).content.decode()
    assert "<del>long</del><ins>short</ins>" in page
    assert "<p>Statement 1 is short.</p>" in page
    assert table.of(table.first).disposition == ""
    client.post(url, typed)
    row = table.of(table.first)
    assert (row.disposition, row.reason) == ("refined", "Shorter.")
    assert row.version_after.statement == "Statement 1 is short."
    assert "<del>long</del><ins>short</ins>" in client.get(url).content.decode()


def test_the_same_text_is_refused_and_what_was_typed_kept(table, sign_in):
    url = table.path("consideration", table.first.reference)
    typed = {
        "act": "refine",
        "refine-title": "Title 1",
        "refine-statement": "Statement 1 is long.",
        "refine-change_note": "Nothing at all.",
    }
    page = sign_in(table.rapporteur).post(url, typed).content.decode()
    assert "That is the text it came with. Change it, or stand by it as it is." in page
    assert "Nothing at all." in page
    assert table.of(table.first).disposition == ""


def test_who_comes_second_is_told(table, sign_in):
    url = table.path("consideration", table.first.reference)
    client = sign_in(table.rapporteur)
    client.post(url, {"act": "reaffirm"})
    page = client.post(url, {"act": "retire", "retire-reason": "It is done."}).content.decode()
    assert table.of(table.first).disposition == "reaffirmed"
    assert "JHB11-KT-01 is reaffirmed already: " in page
    assert "It is done." in page


def test_a_disposition_is_undone(table, sign_in):
    client = sign_in(table.rapporteur)
    client.post(table.path("consideration", table.first.reference), {"act": "reaffirm"})
    answer = client.post(table.path("undo", table.first.reference), follow=True)
    assert "JHB11-KT-01 is open again: it has no disposition." in answer.content.decode()
    assert table.of(table.first).disposition == ""


def test_outcomes_are_merged(table, sign_in):
    client = sign_in(table.rapporteur)
    url = table.path("merge", query="?outcome=JHB11-KT-01&outcome=JHB11-KT-02")
    page = client.get(url).content.decode()
    assert "Statement 1 is long." in page
    assert "Statement 2 is long." in page
    area = table.consultation.areas.get(code="KT")
    data = {"area": area.pk, "kind": "finding", "title": "Both", "statement": ""}
    kept = client.post(url, data).content.decode()
    assert 'value="Both"' in kept
    preview = client.post(url, {**data, "statement": "- both\r\n- together", "preview": "1"}).content.decode()
    assert "<ul>\n<li>both</li>\n<li>together</li>\n</ul>" in preview
    assert not Descent.objects.exists()
    done = client.post(url, {**data, "statement": "Both together."}, follow=True)
    assert "JHB11-KT-01, JHB11-KT-02 are merged into TOR12-KT-01." in done.content.decode()
    child = Outcome.objects.get(reference="TOR12-KT-01")
    assert set(Descent.objects.values_list("parent", "child", "kind")) == {
        (table.first.pk, child.pk, "merge"),
        (table.second.pk, child.pk, "merge"),
    }
    listed = client.get(table.path("desk_before")).content.decode()
    assert "It goes on in" in listed
    assert "TOR12-KT-01" in listed


@pytest.mark.parametrize("query", ["", "?outcome=JHB11-KT-01", "?outcome=JHB11-KT-01&outcome=nothing"])
def test_a_merge_needs_two(table, sign_in, query):
    answer = sign_in(table.rapporteur).get(table.path("merge", query=query), follow=True)
    assert "Choose at least two outcomes to merge: tick the boxes beside them." in answer.content.decode()


def part(number: int, title: str, statement: str, table: Table) -> dict[str, object]:
    area = table.consultation.areas.get(code="KT")
    return {
        f"part-{number}-area": area.pk,
        f"part-{number}-kind": "finding",
        f"part-{number}-title": title,
        f"part-{number}-statement": statement,
    }


def test_an_outcome_is_split(table, sign_in):
    client = sign_in(table.rapporteur)
    url = table.path("split", table.first.reference)
    assert len(client.get(url).context["parts"]) == 2
    typed = {"parts": "2", **part(1, "First", "First half.", table), **part(2, "Second", "Second half.", table)}
    more = client.post(url, {**typed, "more": "1"})
    assert len(more.context["parts"]) == 3
    assert "First half." in more.content.decode()
    assert "This field is required." not in more.content.decode()
    preview = client.post(url, {**typed, "part-2-statement": "- second\r\n- half", "preview": "1"}).content.decode()
    assert "<p>First half.</p>" in preview
    assert "<ul>\n<li>second</li>\n<li>half</li>\n</ul>" in preview
    missing = client.post(url, {**typed, "part-2-statement": ""}).content.decode()
    assert "First half." in missing
    assert table.of(table.first).disposition == ""
    client.post(url, typed)
    assert table.of(table.first).disposition == "split"
    assert list(Outcome.objects.filter(born_at=table.consultation).values_list("reference", flat=True)) == [
        "TOR12-KT-01",
        "TOR12-KT-02",
    ]
    client.post(table.path("undo", table.first.reference))
    assert not Outcome.objects.filter(born_at=table.consultation, dropped_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("act", "typed", "disposition"),
    [
        ("adopt", {}, "adopted"),
        ("refer", {"refer-reason": "To the follow-up."}, "referred"),
        ("reject", {"reject-reason": "No majority."}, "not_adopted"),
        (
            "amend",
            {"amend-title": "New", "amend-statement": "New words.", "amend-change_note": "Asked for."},
            "adopted_as_amended",
        ),
        ("not_considered", {}, "not_considered"),
    ],
)
def test_a_hearing_gives_its_own_dispositions(hearing, sign_in, act, typed, disposition):
    url = hearing.path("consideration", hearing.first.reference)
    sign_in(hearing.rapporteur).post(url, {"act": act, **typed})
    assert hearing.of(hearing.first).disposition == disposition


@pytest.mark.parametrize("act", ["reaffirm", "refine", "contest", "retire", "nonsense"])
def test_a_hearing_has_no_other_acts(hearing, sign_in, act):
    url = hearing.path("consideration", hearing.first.reference)
    assert sign_in(hearing.rapporteur).post(url, {"act": act}).status_code == 400
    assert hearing.of(hearing.first).disposition == ""


def test_the_organiser_reads_and_decides_nothing(table, sign_in):
    client = sign_in(table.organiser)
    url = table.path("consideration", table.first.reference)
    assert "What becomes of it here?" not in client.get(url).content.decode()
    assert client.post(url, {"act": "reaffirm"}).status_code == 403
    assert client.post(table.path("undo", table.first.reference)).status_code == 403
    assert client.get(table.path("merge")).status_code == 403
    assert table.of(table.first).disposition == ""


def test_an_outcome_of_another_table_is_not_found(table, sign_in):
    staff = factories.make_staff()
    url = reverse("outcomes:consideration", args=["JHB11", table.first.reference])
    assert sign_in(staff).get(url).status_code == 404


def test_contested_outcomes_come_visibly_contested(table, sign_in):
    later = factories.plan(table.consultation.series, "IST12", title="Istanbul", order=30)
    table.consultation.feeds_into = later
    table.consultation.save()
    client = sign_in(table.rapporteur)
    client.post(table.path("consideration", table.first.reference), {"act": "contest", "contest-reason": "Too early."})
    client.post(table.path("consideration", table.second.reference), {"act": "reaffirm"})
    staff = factories.make_staff()
    factories.conclude_and_carry(table.consultation, by=staff)
    page = sign_in(staff).get(reverse("outcomes:desk_before", args=[later.code]))
    assert {row.outcome.reference: row.carried_as for row in page.context["page"]} == {
        "JHB11-KT-01": "contested",
        "JHB11-KT-02": "reaffirmed",
    }
    assert page.content.decode().count("came contested") == 1


def test_the_list_needs_as_many_queries_for_many_rows_as_for_few(db, clock, sign_in):
    clock.move_to(factories.CONCLUSION)
    table = lay(ConsultationKind.EXPERT_CONSULTATION, outcomes=60)
    client = sign_in(table.rapporteur)
    counts = []
    for page in [1, 2]:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(table.path("desk_before", query=f"?page={page}"))
        counts.append((len(answer.context["page"]), len(queries)))
    assert [rows for rows, _ in counts] == [50, 10]
    assert counts[0][1] == counts[1][1]
