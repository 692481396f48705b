"""The series that a first start brings: real facts, sample people, ready to be concluded in one act."""

from pathlib import Path

import pytest

from consultations.models import Attribution, Consultation, Input, InputKind
from outcomes import conclusion, rollforward
from outcomes.fates import coverage
from outcomes.models import Consideration, Outcome, OutcomeKind
from reports.seriesfile.importing import import_series
from reports.seriesfile.writing import write
from stakeholders.models import Organisation, Person
from tests.factories import CONCLUSION

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[2] / "consultations" / "data" / "thp.json"


@pytest.fixture
def text() -> str:
    return FILE.read_text()


@pytest.fixture
def series(text):
    return import_series(text)


def test_exporting_it_right_after_gives_the_same_bytes(text, series):
    assert write(series) == text


def test_the_facts_of_the_report_are_there(series):
    johannesburg = Consultation.objects.get(code="JHB11")
    assert (johannesburg.city, johannesburg.country, str(johannesburg.starts_on), str(johannesburg.ends_on)) == (
        "Johannesburg", "South Africa", "2011-06-28", "2011-06-29",
    )  # fmt: skip
    assert johannesburg.host.name == "Foundation The Hague Process on Refugees and Migration"
    assert list(series.areas.order_by("order").values_list("title", flat=True)) == [
        "Knowledge transfer", "Common planning", "Infrastructure", "Social cohesion",
    ]  # fmt: skip
    assert list(series.earlier_meetings.values_list("place", flat=True)) == [
        "Copenhagen",
        "Porto Alegre",
        "Johannesburg",
    ]
    attended = johannesburg.participations.filter(attended=True).values_list("stakeholder_type__slug", flat=True)
    assert set(attended) >= {
        "city",
        "business",
        "migrant-organisation",
        "trade-union",
        "chamber-of-commerce",
        "academia",
    }


def test_the_plan_is_a_chain_into_the_hearing(series):
    plan = {row.code: row.feeds_into and row.feeds_into.code for row in series.consultations.all()}
    assert plan == {"JHB11": "TOR", "TOR": "IST", "IST": "ASIA", "ASIA": "LATAM", "LATAM": "HEAR12", "HEAR12": None}
    assert set(series.consultations.exclude(code="JHB11").values_list("state", "starts_on")) == {("planned", None)}


def test_the_hearing_has_sample_themes_that_take_up_every_area(series):
    hearing = Consultation.objects.get(code="HEAR12")
    taken = {row.title: {area.code for area in row.areas.all()} for row in hearing.themes.all()}
    assert taken == {
        "Skills that travel (sample)": {"KT", "IN"},
        "Planning with everybody (sample)": {"CP", "IN"},
        "Living together (sample)": {"SC"},
    }


def test_everybody_invented_is_marked_as_a_sample(series):
    assert set(Person.objects.values_list("is_sample", flat=True)) == {True}
    assert [name for name in Person.objects.values_list("name", flat=True) if not name.endswith("(sample)")] == []
    assert [email for email in Person.objects.values_list("email", flat=True) if not email.endswith(".example")] == []
    real = set(Organisation.objects.filter(is_sample=False).values_list("name", flat=True))
    assert real == {"Foundation The Hague Process on Refugees and Migration", "City of Johannesburg"}


def test_all_sorts_of_inputs_and_outcomes_are_there(series):
    assert set(Input.objects.values_list("kind", flat=True)) == set(InputKind.values)
    assert set(Input.objects.values_list("attribution", flat=True)) == set(Attribution.values)
    assert set(Outcome.objects.values_list("kind", flat=True)) == set(OutcomeKind.values)
    found = coverage(Consultation.objects.get(code="JHB11"))
    assert (found.used, found.set_aside, found.withdrawn, found.open) == (29, 3, 1, 0)


def test_it_is_concluded_in_one_act_and_carried_to_toronto(series):
    johannesburg = Consultation.objects.get(code="JHB11")
    organiser = Person.objects.get(email="organiser@thp.example")
    assert conclusion.obstacles(johannesburg, by=organiser) == []
    run = conclusion.conclude(
        johannesburg, seen=conclusion.texts_as_they_stand(johannesburg), by=organiser, at=CONCLUSION
    )
    rollforward.roll_forward(johannesburg, at=CONCLUSION, run=run)
    laid = Consideration.objects.filter(consultation__code="TOR").values_list("outcome__reference", flat=True)
    assert set(laid) == set(Outcome.objects.values_list("reference", flat=True))
    assert (run.carried, run.skipped, run.receiver.code) == (14, 0, "TOR")


def test_those_named_by_the_first_start_can_sign_in(series):
    named = {"organiser@thp.example", "rapporteur@thp.example", "participant@city.example", "staff@thp.example"}
    assert set(Person.objects.filter(email__in=named).values_list("email", flat=True)) == named
