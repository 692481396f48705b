import json

import pytest

from consultations.models import Attribution, Consultation
from outcomes.models import Outcome
from reports.models import Edition
from reports.snapshot import canonical, gather, sha256
from stakeholders.models import Person
from tests.factories import (
    CONCLUSION,
    bring_to,
    conclude_and_carry,
    draft_outcome,
    give_input,
    make_person,
    make_series,
    make_staff,
    make_themes,
    plan,
    take_part,
)
from tests.reports.conftest import SECRETS

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(scene):
    return gather(scene.hearing, number=1, at=CONCLUSION)


def one(rows, **wanted):
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1, wanted
    return found[0]


def test_the_secrets_are_there_to_leak(scene):
    names = " ".join(Person.objects.values_list("name", flat=True))
    assert "Secretia Typeonly" in names
    assert scene.inputs["unpublished"].attribution == Attribution.UNPUBLISHED


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_in_the_snapshot(data, secret):
    assert secret not in canonical(data)


def test_quotes_stand_under_the_lines_that_their_authors_allowed(data):
    fund = one(data["outcomes"], reference="JHB11-KT-01")
    assert [(line["input"], line["quote"], line["source"], line["relation"]) for line in fund["evidence"]] == [
        ("JHB11-I-001", "one fund for training", "Ada Named (sample), City of Utrecht", "supports"),
        ("JHB11-I-002", "only if small firms pay less", "Business", "qualifies"),
    ]
    assert fund["counted_only"] == 1


def test_an_outcome_tells_its_way_and_its_present_text(data):
    fund = one(data["outcomes"], reference="JHB11-KT-01")
    assert (fund["statement"], fund["standing"], fund["is_live"]) == ("Every city pays into one fund.", "refined", True)
    assert [(step["event"], step["disposition"], step["reason"]) for step in fund["steps"]] == [
        ("JHB11", "proposed", ""),
        ("TOR", "refined", "Cities asked to be named."),
    ]
    assert [version["event"] for version in fund["versions"]] == ["JHB11", "TOR"]
    assert {row["reference"]: row["is_live"] for row in data["outcomes"]} == {
        "JHB11-KT-01": True,
        "JHB11-KT-02": True,
        "JHB11-KT-03": False,
    }


def test_only_what_may_be_published_is_among_the_inputs(data):
    assert [(row["reference"], row["source"], row["fate"], row["reason"]) for row in data["inputs"]] == [
        ("JHB11-I-001", "Ada Named (sample), City of Utrecht", "used", ""),
        ("JHB11-I-002", "Business", "used", ""),
        ("JHB11-I-004", "City of Utrecht", "set_aside", "It is about another series."),
    ]
    johannesburg = one(data["events"], code="JHB11")
    assert johannesburg["unpublished_inputs"] == 1
    assert johannesburg["inputs"] == {"used": 3, "set_aside": 1, "withdrawn": 1, "open": 0}


def test_only_those_who_agreed_are_listed(data):
    listed = {event["code"]: [row["name"] for row in event["participants"]] for event in data["events"]}
    assert listed == {"JHB11": ["Ada Named (sample)"], "TOR": [], "HEAR": []}


def test_the_balance_counts_people_by_type(data):
    cities = one(one(data["events"], code="JHB11")["balance"]["types"], type="city")
    assert cities == {
        "type": "city", "target": 5, "invited": 2, "accepted": 2, "attended": 1, "contributed": 1, "quoted": 1,
    }  # fmt: skip


def test_what_is_planned_or_still_in_work_stays_out(scene):
    staff = scene.staff
    secret_plan = plan(scene.hearing.series, "SECRET", title="A secret plan", city="Atlantis", feeds_into=scene.hearing)
    running = plan(scene.hearing.series, "RUN", title="Running", feeds_into=scene.hearing)
    bring_to(running, "announced", by=staff)
    give_input(take_part(running), title="Not yet public")
    bring_to(running, "in_synthesis", by=staff)
    draft_outcome(running, by=scene.rapporteur, title="A draft in work")
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    assert [event["code"] for event in data["events"]] == ["JHB11", "TOR", "HEAR", "RUN"]
    told = canonical(data)
    for words in ["A secret plan", "Atlantis", "Not yet public", "A draft in work"]:
        assert words not in told
    assert secret_plan.announced_at is None


def test_the_snapshot_is_canonical_json(data):
    text = canonical(data)
    assert canonical(json.loads(text)) == text
    assert len(sha256(text)) == 64
    assert canonical(dict(reversed(list(data.items())))) == text


def test_a_new_edition_says_what_changed(scene, data):
    assert data["changes"] is None
    Edition.objects.create(
        consultation=scene.hearing, number=1, language="en", snapshot=canonical(data), sha256=sha256(canonical(data)),
        frozen_at=CONCLUSION, frozen_by=scene.staff,
    )  # fmt: skip
    later = plan(scene.hearing.series, "IST", title="Istanbul", feeds_into=scene.hearing, order=2)
    bring_to(later, "in_synthesis", by=scene.staff)
    draft_outcome(later, by=scene.rapporteur, title="New in Istanbul")
    conclude_and_carry(later, by=scene.staff)
    again = gather(scene.hearing, number=2, at=CONCLUSION)
    assert (again["changes"]["since"], again["changes"]["new"]) == (1, ["IST-KT-01"])


def test_an_empty_series_has_a_snapshot_too():
    series = make_series()
    hearing = plan(series, "HEAR", kind="hearing")
    data = gather(hearing, number=1, at=CONCLUSION)
    assert (data["outcomes"], data["inputs"], [event["code"] for event in data["events"]]) == ([], [], ["HEAR"])


@pytest.mark.parametrize("number", [3, 60])
def test_the_number_of_queries_does_not_depend_on_how_much_there_is(number, django_assert_num_queries):
    series, staff, writer = make_series(), make_staff(), make_person()
    hearing = plan(series, "HEAR", kind="hearing", order=2)
    make_themes(hearing, **{f"T{place}": ["KT", "SC"] for place in range(number)})
    consultation = bring_to(plan(series, "JHB11", order=1, feeds_into=hearing), "announced", by=staff)
    author = take_part(consultation, may_be_listed=True)
    given = [give_input(author, title=f"Input {place}") for place in range(number)]
    bring_to(consultation, "in_synthesis", by=staff)
    for input in given[1:]:
        draft_outcome(consultation, by=writer, title=input.title, evidence=[input])
    conclude_and_carry(consultation, by=staff)
    hearing = Consultation.objects.select_related("series").get(pk=hearing.pk)
    with django_assert_num_queries(42):
        data = gather(hearing, number=1, at=CONCLUSION)
    assert (len(data["outcomes"]), len(data["inputs"]), len(data["themes"])) == (number - 1, number, number)
    assert Outcome.objects.count() == number - 1
