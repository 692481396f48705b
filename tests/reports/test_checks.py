"""What keeps an edition from being published: sentences without references, and quotes that nobody said."""

import copy
import json

import pytest

from reports.checks import faults_before_publishing, faults_of
from reports.editions import publish
from reports.models import Edition
from reports.snapshot import canonical, gather, sha256
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, bring_to
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = "/consultations/HEAR/dossier/1/"


@pytest.fixture
def data(scene):
    return json.loads(canonical(gather(scene.hearing, number=1, at=CONCLUSION)))


def keep(scene, data) -> Edition:
    bring_to(scene.hearing, "announced", by=scene.staff)
    text = canonical(data)
    return Edition.objects.create(
        consultation=scene.hearing, number=1, language="en", snapshot=text, sha256=sha256(text),
        frozen_at=CONCLUSION, frozen_by=scene.staff,
    )  # fmt: skip


def outcome_of(data, reference="JHB11-KT-01"):
    return next(row for row in data["outcomes"] if row["reference"] == reference)


def test_what_the_product_made_has_no_faults(scene, data):
    assert faults_of(data) == []
    assert faults_before_publishing(keep(scene, data)) == []


def test_a_quote_that_is_not_in_its_input_is_found(data):
    outcome_of(data)["evidence"][0]["quote"] = "two funds for training"
    assert faults_of(data) == [
        "The quote “two funds for training” under JHB11-KT-01 is not literally in JHB11-I-001. "
        "Mend the evidence at the desk."
    ]


def test_a_changed_input_and_another_capital_are_found_too(data):
    changed = copy.deepcopy(data)
    next(row for row in changed["inputs"] if row["reference"] == "JHB11-I-002")["text"] = "Other words."
    assert [fault.split(" is not")[0] for fault in faults_of(changed)] == [
        "The quote “only if small firms pay less” under JHB11-KT-01"
    ]
    outcome_of(data)["evidence"][0]["quote"] = "One fund for training"
    assert len(faults_of(data)) == 1


def test_an_inherited_quote_is_held_against_its_input_as_well(data):
    line = {**outcome_of(data)["evidence"][0], "quote": "Never said.", "through": "JHB11-KT-01"}
    outcome_of(data, "JHB11-KT-02")["inherited"].append(line)
    (fault,) = faults_of(data)
    assert "“Never said.” under JHB11-KT-02" in fault


@pytest.mark.parametrize("reference", ["", "KT-01", "JHB11-KT-1 "])
def test_an_outcome_without_a_reference_is_found(data, reference):
    outcome_of(data)["reference"] = reference
    assert faults_of(data) == ["An outcome has no reference: “Pay into one training fund”."]


def test_a_sentence_about_an_outcome_without_its_reference_is_found(data):
    data["series"]["summary"] = "All agree: Pay into one training fund, said the cities."
    assert faults_of(data) == [
        "A sentence of “The series as planned and as held” tells of JHB11-KT-01 without its reference: “All agree: "
        "Pay into one training fund, said the cities.”."
    ]
    data["series"]["summary"] = "All agree on JHB11-KT-01: Pay into one training fund, said the cities."
    assert faults_of(data) == []


def test_two_outcomes_of_one_title_are_told_by_either_reference(data):
    outcome_of(data, "JHB11-KT-02")["title"] = outcome_of(data)["title"]
    assert faults_of(data) == []
    data["series"]["summary"] = "Pay into one training fund is asked for twice."
    assert len(faults_of(data)) == 1


def test_a_short_title_may_stand_in_other_sentences(data):
    outcome_of(data)["title"] = "One fund"
    data["series"]["summary"] = "One fund is enough."
    assert faults_of(data) == []


def test_a_quote_of_an_input_outside_the_snapshot_is_looked_up(scene, data):
    data["inputs"] = [row for row in data["inputs"] if row["reference"] != "JHB11-I-001"]
    outcome_of(data)["evidence"][0]["quote"] = "Nobody said that."
    assert faults_of(data) == []
    (fault,) = faults_before_publishing(keep(scene, data))
    assert "“Nobody said that.” under JHB11-KT-01 is not literally in JHB11-I-001." in fault


@pytest.mark.parametrize(
    "snapshot", [{}, {"format": "dossier/2", "outcomes": [{"reference": "A-KT-01", "title": "T"}]}]
)
def test_older_forms_are_judged_by_what_they_have(snapshot):
    assert faults_of(snapshot) == []


def test_it_is_not_published_while_it_has_a_fault_and_the_page_says_why(scene, data, sign_in):
    outcome_of(data)["evidence"][0]["quote"] = "Nobody said that."
    edition = keep(scene, data)
    with pytest.raises(Refused, match="“Nobody said that.” under JHB11-KT-01 is not literally in JHB11-I-001"):
        publish(edition, by=scene.staff, at=CONCLUSION)
    assert Edition.objects.get().published_at is None
    page = text_of(sign_in(scene.staff).get(f"{PAGE}?checked=1"))
    assert "It cannot be published like this. Mend it and make a new edition." in page
    assert "“Nobody said that.” under JHB11-KT-01" in page
    assert "Publish this edition" not in page
    told = text_of(sign_in(scene.organiser).get(f"{PAGE}?checked=1"))
    assert "Nobody said that" not in told.partition("The data has moved on")[0]
    told = text_of(sign_in(scene.staff).post(f"{PAGE}publish/", follow=True))
    assert "“Nobody said that.” under JHB11-KT-01 is not literally" in told
