import copy
import json

import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator

from consultations.models import ConsultationState
from jobs.running import JobFailed
from outcomes.agreement import Level
from outcomes.fates import FateKind
from outcomes.models import Disposition, OutcomeKind, Relation, Stance
from reports import editions
from reports.choices import Annex, Arrangement, Paper
from reports.models import Document, Edition, EditionFile
from reports.schema import FILE, faults_of, require_valid
from reports.snapshot import canonical, gather
from reports.tasks import make_edition
from tests.factories import CONCLUSION, make_series, plan

pytestmark = pytest.mark.django_db
SCHEMA = json.loads(FILE.read_text())
DEFINED = SCHEMA["$defs"]


@pytest.fixture
def data(scene):
    return json.loads(canonical(gather(scene.hearing, number=1, at=CONCLUSION)))


def enum_of(definition, field):
    return set(DEFINED[definition]["properties"][field]["enum"])


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_object_is_closed_and_said_in_words():
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)
        elif isinstance(node, list):
            for value in node:
                yield from objects(value)

    found = list(objects(SCHEMA))
    assert len(found) > 20
    for each in found:
        assert each["title"]
        assert (each["additionalProperties"], each["required"]) == (False, list(each["properties"]))


def test_the_words_are_those_of_the_models():
    assert set(SCHEMA["properties"]["document"]["enum"]) == set(Document.values)
    assert enum_of("choices", "paper") == set(Paper.values)
    assert enum_of("choices", "arrangement") == set(Arrangement.values)
    assert set(DEFINED["choices"]["properties"]["annexes"]["items"]["enum"]) == set(Annex.values)
    assert enum_of("event", "state") == set(ConsultationState.values)
    assert enum_of("outcome", "kind") == set(OutcomeKind.values)
    assert enum_of("outcome", "standing") == set(Disposition.values) - {""}
    assert enum_of("step", "disposition") == set(Disposition.values)
    assert enum_of("evidence", "relation") == set(Relation.values)
    assert enum_of("result", "level") == {"", *Level.values}
    assert enum_of("voice", "stance") == set(Stance.values)
    assert enum_of("input", "fate") == {FateKind.USED, FateKind.SET_ASIDE, FateKind.OPEN}


def test_the_snapshot_of_a_series_validates(data):
    assert data["outcomes"] and data["inputs"] and data["outcomes"][0]["results"][0]["voices"]
    assert faults_of(data) == []


def test_the_snapshot_of_an_empty_series_validates():
    hearing = plan(make_series(), "HEAR", kind="hearing")
    assert faults_of(json.loads(canonical(gather(hearing, number=1, at=CONCLUSION)))) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda data: data.pop("outcomes"), "$"),
        (lambda data: data.update(note="of the desk"), "$"),
        (lambda data: data["inputs"][0].update(author="Ada"), "$.inputs[0]"),
        (lambda data: data["inputs"][0].update(source=""), "$.inputs[0].source"),
        (lambda data: data["outcomes"][0].update(standing="liked"), "$.outcomes[0].standing"),
        (lambda data: data["outcomes"][0]["steps"][0].update(event="jhb"), "$.outcomes[0].steps[0].event"),
        (lambda data: data["events"][0].update(starts_on="28 June 2011"), "$.events[0].starts_on"),
        (lambda data: data.update(number=0), "$.number"),
    ],
)
def test_what_is_not_so_is_found_at_its_place(data, change, place):
    changed = copy.deepcopy(data)
    change(changed)
    assert [fault.partition(": ")[0] for fault in faults_of(changed)] == [place]
    with pytest.raises(JobFailed) as failed:
        require_valid(changed)
    assert f"nothing was made of it: {place}. Tell" in str(failed.value)


def test_the_refusal_repeats_nothing_of_what_was_gathered(data):
    data["inputs"][0]["author"] = "Secretia Typeonly"
    with pytest.raises(JobFailed) as failed:
        require_valid(data)
    assert "Secretia" not in str(failed.value)


def test_nothing_is_written_of_data_that_do_not_fit(scene, clock):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    type(scene.johannesburg).objects.filter(pk=scene.johannesburg.pk).update(code="lower")
    make_edition(pk=job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "does not fit the published schema, so nothing was made of it: $.events[0].code" in job.error
    assert (Edition.objects.count(), EditionFile.objects.count()) == (0, 0)


def test_the_report_of_one_consultation_has_the_same_shape(scene):
    for consultation in [scene.johannesburg, scene.toronto]:
        data = json.loads(canonical(gather(consultation, document="report", number=1, at=CONCLUSION)))
        assert (data["document"], data["consultation"], data["hearing"]) == ("report", consultation.code, "")
        assert len(data["outcomes"]) == 3
        assert faults_of(data) == []


def test_the_schema_is_published_where_the_snapshot_says(client, data, settings):
    assert data["$schema"] == f"{settings.SITE_URL}/schemas/dossier-3.json"
    response = client.get("/schemas/dossier-3.json")
    assert json.loads(response.content) == SCHEMA
    assert response["Content-Type"] == "application/schema+json"
    assert response["Cache-Control"] == "public, max-age=86400"
