"""Lists take the same number of queries at 20 rows and at 2,000."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consultations.models import Consultation
from outcomes.conclusion import conclude, texts_as_they_stand
from outcomes.rollforward import roll_forward
from reports.seriesfile.importing import import_series
from stakeholders.accounts import add_staff, ensure_account
from stakeholders.models import Person
from tests.factories import CONCLUSION

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).resolve().parents[1] / "consultations" / "data" / "thp.json"


def grow(slug: str, number: int) -> None:
    """Make a series with so many participants, inputs of one author, and outcomes carried to the second event."""
    text = SAMPLE.read_text().replace("JHB11", f"{slug.upper()}A").replace('"TOR"', f'"{slug.upper()}B"')
    for code in ["IST", "ASIA", "LATAM", "HEAR12"]:
        text = text.replace(f'"{code}"', f'"{slug.upper()}{code}"')
    data = json.loads(text)
    data["series"]["slug"] = slug
    event = data["consultations"][0]
    person, participation = data["people"][0], event["participations"][0]
    names = [f"{slug}{place}" for place in range(number)]
    data["people"] += [{**person, "key": name, "email": f"{name}@city.example"} for name in names]
    event["participations"] += [{**participation, "person": name, "role": "participant"} for name in names]
    template = {**event["inputs"][0], "person": names[0], "tags": [], "settings_aside": []}
    inputs = [{**template, "id": f"{slug}/{place}", "number": place} for place in range(1, number + 1)]
    outcome = data["outcomes"][0]
    data["outcomes"] = []
    for place, input in enumerate(inputs, start=1):
        line = {**outcome["evidence"][0], "input": input["id"], "quote": ""}
        reference = f"{event['code']}-{outcome['area']}-{place:02}"
        data["outcomes"].append({**outcome, "reference": reference, "number": place, "evidence": [line]})
    event["inputs"] = inputs
    import_series(json.dumps(data))
    concluded = Consultation.objects.get(code=event["code"])
    run = conclude(
        concluded,
        seen=texts_as_they_stand(concluded),
        by=Person.objects.get(email="organiser@thp.example"),
        at=CONCLUSION,
    )
    assert roll_forward(concluded, at=CONCLUSION, run=run).carried == number


def queries_of(slug: str) -> dict[str, int]:
    """How many queries each list takes for staff, after it was opened once; and the page of the author of it all."""
    code = slug.upper()
    staff, author = Client(), Client()
    staff.force_login(ensure_account(add_staff("staff@thp.example", name="Staff (sample)")))
    author.force_login(ensure_account(Person.objects.get(key=f"{slug}0")))
    lists = {
        "series": (staff, f"/series/{slug}/"),
        "consultation": (staff, f"/consultations/{code}A/"),
        "outcomes": (staff, f"/series/{slug}/outcomes/"),
        "lineage of an area": (staff, f"/series/{slug}/outcomes/CP/lineage/"),
        "outcome": (staff, f"/outcomes/{code}A-CP-05/"),
        "participants": (staff, f"/consultations/{code}A/participants/"),
        "balance": (staff, f"/consultations/{code}A/desk/balance/"),
        "desk": (staff, f"/consultations/{code}A/desk/"),
        "inputs at the desk": (staff, f"/consultations/{code}A/desk/inputs/"),
        "drafts at the desk": (staff, f"/consultations/{code}A/desk/outcomes/"),
        "drafts": (staff, f"/consultations/{code}A/drafts/"),
        "before the next": (staff, f"/consultations/{code}B/desk/before/"),
        "my page": (author, "/me/"),
        "people in the admin": (staff, f"/admin/stakeholders/person/?q={slug}"),
        "participations in the admin": (staff, f"/admin/consultations/participation/?q={slug}"),
        "outcomes in the admin": (staff, f"/admin/outcomes/outcome/?q={code}A"),
    }
    found = {}
    for name, (client, url) in lists.items():
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = client.get(url)
        assert response.status_code == 200, url
        found[name] = len(captured)
    return found


def test_lists_take_as_many_queries_at_20_rows_as_at_2000():
    grow("few", 20)
    grow("many", 2000)
    assert queries_of("few") == queries_of("many")
