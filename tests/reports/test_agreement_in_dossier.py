"""Positions, dissent and corrections in the dossier."""

import json

import pytest

from outcomes import corrections
from outcomes.dispositions import leave_unconsidered
from outcomes.models import Consideration, Descent, Position
from reports.chapters import compose
from reports.chapters.blocks import Entry
from reports.snapshot import gather
from tests.factories import CONCLUSION, SYNTHESIS, bring_to, draft_outcome, take_part

pytestmark = pytest.mark.django_db


def tell(scene):
    """The snapshot, and the words of the fund's entry and of the annex of corrections."""
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    chapters = compose(data)
    blocks = [block for chapter in chapters for section in chapter.sections for block in section.blocks]
    entry = next(block for block in blocks if isinstance(block, Entry) and block.outcome["reference"] == "JHB11-KT-01")
    annex = next(chapter for chapter in chapters if chapter.id == "corrections")
    return data, entry, [block.text for section in annex.sections for block in section.blocks]


def test_a_few_answers_are_not_shown_and_dissent_is_printed_under_its_line(scene):
    data, entry, _annex = tell(scene)
    fund = next(row for row in data["outcomes"] if row["reference"] == "JHB11-KT-01")
    assert [(result["event"], result["level"], result["total"]) for result in fund["results"]] == [
        ("JHB11", "too_few", None)
    ]
    assert entry.positions == ["JHB11: too few answers."]
    assert entry.reservations[-2:] == [
        "Object: “Small firms cannot pay.” (Business, JHB11)",
        "JHB11: 1 more gave a reason that is not to be published.",
    ]


def test_the_level_and_the_answers_by_type_are_told_for_each_event(scene):
    here = Consideration.objects.get(outcome__reference="JHB11-KT-01", consultation=scene.johannesburg)
    for type, stance in [
        *[("city", "support")] * 3,
        ("city", "abstain"),
        ("business", "support"),
        ("labour", "support"),
    ]:
        Position.objects.create(
            consideration=here, participation=take_part(scene.johannesburg, type=type), stance=stance,
            version=here.version_after, attribution="type", taken_at=SYNTHESIS,
        )  # fmt: skip
    _data, entry, _annex = tell(scene)
    assert entry.positions == [
        "JHB11: broad support, significant opposition. 8 of 11 who were asked answered: "
        "5 in support, 1 abstaining, 1 disagreeing, 1 objecting. "
        "Cities, 4 of 6: 3 in support, 1 abstaining. "
        "Businesses: not shown, so that nobody can be recognised. "
        "Academias: none of 1. "
        "Labours: not shown, so that nobody can be recognised."
    ]


def test_an_objection_to_an_ancestor_is_told_with_its_descendants(scene):
    bring_to(scene.hearing, "in_synthesis", by=scene.staff)
    fund = Consideration.objects.get(outcome__reference="JHB11-KT-01", consultation=scene.hearing).outcome
    child = draft_outcome(scene.hearing, by=scene.rapporteur, title="Large firms pay")
    Descent.objects.create(parent=fund, child=child, consultation=scene.hearing, kind="split")
    bring_to_the_end(scene)
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    told = next(row for row in data["outcomes"] if row["reference"] == child.reference)
    assert [(voice["reason"], voice["source"], voice["through"]) for voice in told["inherited_objections"]] == [
        ("Small firms cannot pay.", "Business", "JHB11-KT-01")
    ]


def bring_to_the_end(scene):
    for row in Consideration.objects.filter(consultation=scene.hearing).undisposed():
        leave_unconsidered(row, by=scene.rapporteur, at=SYNTHESIS)
    bring_to(scene.hearing, "concluded", by=scene.staff)


def test_corrections_stand_in_their_annex_and_the_text_is_the_corrected_one(scene):
    _data, _entry, before = tell(scene)
    assert before == ["No concluded text has been corrected."]
    row = Consideration.objects.get(outcome__reference="JHB11-KT-01", consultation=scene.toronto)
    version = corrections.propose_correction(
        row, title="Pay into one training fund", statement="Every large city pays into one fund.",
        reason="Small ones were never meant.", by=scene.rapporteur, at=CONCLUSION,
    )  # fmt: skip
    corrections.carry(corrections.sign_correction(version, by=scene.staff, at=CONCLUSION), at=CONCLUSION)
    data, entry, annex = tell(scene)
    assert entry.outcome["statement"] == "Every large city pays into one fund."
    assert annex == ["JHB11-KT-01, corrected at TOR on 20 July 2011: Small ones were never meant."]
    assert json.loads(json.dumps(data)) == data
