"""What changed between two snapshots, and how it is told."""

import copy

import pytest

from outcomes import corrections, positions
from outcomes.models import Consideration, Position
from reports.changes import changes_between, is_nothing
from reports.chapters import compose
from reports.chapters.changes import sentences_of
from reports.comparing import compare_data
from reports.models import Edition
from reports.snapshot import canonical, gather, sha256
from tests.factories import CONCLUSION, bring_to, conclude_and_carry, draft_outcome, plan

pytestmark = pytest.mark.django_db
NOTHING = {
    "since": 1, "new": [], "refined": [], "standing": [], "contested": [], "merged": [], "split": [], "retired": [],
    "withdrawn": [], "evidence": [], "positions": [], "corrections": [], "inputs": [], "gone": [], "untold": [],
}  # fmt: skip


def outcome(reference: str, standing: str = "proposed", **fields: object) -> dict[str, object]:
    """An outcome as far as a comparison looks at it."""
    told = {
        "reference": reference, "title": "Title", "statement": "Text.", "kind_label": "recommendation",
        "standing": standing, "withdrawal_reason": "", "children": [], "evidence": [], "counted_only": 0, "results": [],
    }  # fmt: skip
    return {**told, **fields}


def snapshot(*outcomes: dict[str, object], number: int = 1, **parts: object) -> dict[str, object]:
    return {"number": number, "outcomes": list(outcomes), "inputs": [], "corrections": [], **parts}


def result(level: str, *, answers: int | None = None, event: str = "TOR") -> dict[str, object]:
    return {"event": event, "level": level, "total": None if answers is None else {"support": answers, "object": 0}}


def voice(reason: str) -> dict[str, object]:
    return {"stance": "object", "reason": reason, "source": "Business"}


def test_a_dissent_that_was_withdrawn_is_told_though_the_level_stays():
    before, after = (
        snapshot(outcome("A-KT-01", results=[{**result("too_few"), "voices": [voice(word) for word in words]}]))
        for words in (["No.", "Never."], ["No."])
    )
    changes = changes_between(before, after)
    assert [(row["from"], row["to"], row["reasons"]) for row in changes["positions"]] == [
        ("too_few", "too_few", [2, 1])
    ]
    assert sentences_of(changes) == [
        "Positions on A-KT-01 at TOR: too few answers (2 reservations and dissents printed) before, "
        "too few answers (1 reservation or dissent printed) now."
    ]


def line(name: str) -> dict[str, object]:
    return {"input": name}


def moved(before: str, after: str, answers: list[int | None]) -> dict[str, object]:
    """How an account tells that the positions of Toronto amount to something else."""
    told = {"reference": "A-KT-01", "event": "TOR", "from": before, "to": after}
    return {**told, "answers": answers, "reasons": [0, 0]}


def test_two_that_say_the_same_have_no_changes():
    same = snapshot(outcome("A-KT-01"), inputs=[{"reference": "A-I-001"}])
    changes = changes_between(same, copy.deepcopy(same))
    assert changes == NOTHING
    assert is_nothing(changes)
    assert sentences_of(changes) == []


@pytest.mark.parametrize(
    ("before", "after", "part", "told", "sentence"),
    [
        (
            snapshot(), snapshot(outcome("A-KT-01"), outcome("A-KT-02")),
            "new", ["A-KT-01", "A-KT-02"], "New outcomes: A-KT-01, A-KT-02.",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", statement="Other.")),
            "refined", ["A-KT-01"], "Outcomes with a new text: A-KT-01.",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", title="Other")),
            "refined", ["A-KT-01"], "Outcomes with a new text: A-KT-01.",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", "contested")),
            "contested", ["A-KT-01"], "Outcomes that are contested now: A-KT-01.",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", "retired")),
            "retired", ["A-KT-01"], "Outcomes that were retired or not adopted: A-KT-01.",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", "adopted")),
            "standing", [{"reference": "A-KT-01", "from": "proposed", "to": "adopted"}],
            "Outcomes that stand differently: A-KT-01 (proposed before, adopted now).",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", "merged", children=[{"reference": "B-KT-01"}])),
            "merged", [{"reference": "A-KT-01", "into": ["B-KT-01"]}], "Merged: A-KT-01 → B-KT-01.",
        ),
        (
            snapshot(outcome("A-KT-01")),
            snapshot(outcome("A-KT-01", "split", children=[{"reference": "B-KT-01"}, {"reference": "B-KT-02"}])),
            "split", [{"reference": "A-KT-01", "into": ["B-KT-01", "B-KT-02"]}], "Split: A-KT-01 → B-KT-01, B-KT-02.",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", withdrawal_reason="Wrong.")),
            "withdrawn", ["A-KT-01"], "Outcomes that were withdrawn: A-KT-01.",
        ),
        (
            snapshot(outcome("A-KT-01", evidence=[line("A-I-001"), line("A-I-002")], counted_only=2)),
            snapshot(outcome("A-KT-01", evidence=[line("A-I-002"), line("A-I-003"), line("A-I-003")], counted_only=1)),
            "evidence",
            [{"reference": "A-KT-01", "came": ["A-I-003"], "went": ["A-I-001"], "counted_only": -1}],
            "Evidence of A-KT-01: 1 input came in (A-I-003); 1 input is no evidence of it any more (A-I-001); "
            "1 fewer is counted and not published.",
        ),
        (
            snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01", results=[result("consensus", answers=9)])),
            "positions",
            [moved("", "consensus", [None, 9])],
            "Positions on A-KT-01 came in at TOR: consensus (9 answers).",
        ),
        (
            snapshot(outcome("A-KT-01", results=[result("consensus", answers=9)])),
            snapshot(outcome("A-KT-01", results=[result("divergence")])),
            "positions",
            [moved("consensus", "divergence", [9, None])],
            "Positions on A-KT-01 at TOR: consensus (9 answers) before, divergence now.",
        ),
        (
            snapshot(outcome("A-KT-01", results=[result("too_few")])), snapshot(outcome("A-KT-01")),
            "positions",
            [moved("too_few", "", [None, None])],
            "Positions on A-KT-01 at TOR are told no more; before: too few answers.",
        ),
        (
            snapshot(),
            snapshot(
                corrections=[{"outcome": "A-KT-01", "event": "A", "made_on": "", "version": 2, "reason": "Wrong."}]
            ),
            "corrections", [{"reference": "A-KT-01", "event": "A", "is_withdrawal": False}],
            "The text of A-KT-01 was corrected after the conclusion of A.",
        ),
        (
            snapshot(),
            snapshot(
                corrections=[{"outcome": "A-KT-01", "event": "A", "made_on": "", "version": None, "reason": "Wrong."}]
            ),
            "corrections", [{"reference": "A-KT-01", "event": "A", "is_withdrawal": True}],
            "A-KT-01 was withdrawn after the conclusion of A.",
        ),
        (
            snapshot(), snapshot(inputs=[{"reference": "A-I-002"}, {"reference": "A-I-001"}]),
            "inputs", ["A-I-001", "A-I-002"], "2 inputs are new: A-I-001, A-I-002.",
        ),
        (
            snapshot(inputs=[{"reference": "A-I-001"}]), snapshot(),
            "gone", ["A-I-001"], "1 input is not printed any more: A-I-001.",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_told_with_its_references(before, after, part, told, sentence):
    changes = changes_between(before, after)
    assert changes[part] == told
    assert not is_nothing(changes)
    assert sentences_of(changes) == [sentence]
    others = {name for name, value in changes.items() if value and name not in {part, "since"}}
    assert others <= {"standing"}


def test_the_other_way_round_the_other_things_are_told():
    first, second = snapshot(outcome("A-KT-01")), snapshot(outcome("A-KT-01"), outcome("A-KT-02"), number=2)
    assert changes_between(first, second)["new"] == ["A-KT-02"]
    assert changes_between(second, first)["new"] == []


def test_many_new_inputs_are_counted_and_the_first_of_them_named():
    rows = [{"reference": f"A-I-{number:03}"} for number in range(1, 31)]
    (told,) = sentences_of(changes_between(snapshot(), snapshot(inputs=rows)))
    assert told.startswith("30 inputs are new: A-I-001, ")
    assert told.endswith("A-I-020, and 10 more.")


def test_an_older_form_is_compared_as_far_as_its_data_goes():
    old_row = {"reference": "A-KT-01", "title": "Title", "statement": "Old.", "standing": "proposed"}
    old = {"format": "dossier/2", "number": 1, "outcomes": [old_row]}
    new = snapshot(
        outcome("A-KT-01", "contested", evidence=[line("A-I-001")], results=[result("consensus", answers=9)]),
        inputs=[{"reference": "A-I-001"}], number=2,
    )  # fmt: skip
    changes = changes_between(old, new)
    assert (changes["refined"], changes["contested"]) == (["A-KT-01"], ["A-KT-01"])
    assert (changes["evidence"], changes["positions"], changes["inputs"], changes["corrections"]) == ([], [], [], [])
    assert changes["untold"] == ["corrections", "evidence", "inputs", "positions"]
    assert sentences_of(changes)[-1] == (
        "One of the two editions is of an older form, so that these cannot be compared: corrections, evidence, "
        "inputs, positions."
    )
    assert changes_between({}, {})["untold"] == []


def test_a_comparison_shows_titles_texts_and_sentences():
    earlier = snapshot(outcome("A-KT-01"), outcome("A-KT-02", title="Second"))
    later = snapshot(
        outcome("A-KT-01", statement="Other."),
        outcome("A-KT-02", "merged", title="Second", children=[{"reference": "B-KT-01"}]),
        outcome("B-KT-01", title="Third"), number=2,
    )  # fmt: skip
    comparison = compare_data(earlier, later)
    assert [(row.reference, row.title) for row in comparison.new] == [("B-KT-01", "Third")]
    assert [(row.reference, row.before, row.after, row.into) for row in comparison.standing] == [
        ("A-KT-02", "proposed", "merged", ["B-KT-01"])
    ]
    (text,) = comparison.texts
    assert [(piece.op, piece.text) for piece in text.word_by_word().statement] == [
        ("removed", "Text"), ("added", "Other"), ("same", "."),
    ]  # fmt: skip
    assert not comparison.is_nothing


@pytest.fixture
def first(scene) -> Edition:
    """Edition 1 of the scene's dossier."""
    text = canonical(gather(scene.hearing, number=1, at=CONCLUSION))
    return Edition.objects.create(
        consultation=scene.hearing, number=1, language="en", snapshot=text, sha256=sha256(text),
        frozen_at=CONCLUSION, frozen_by=scene.staff,
    )  # fmt: skip


def test_the_first_edition_says_that_it_is_the_first(scene):
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    assert data["changes"] is None
    assert told_in(data) == ("What changed since the last edition", ["This is the first edition."])


def test_an_edition_of_the_same_data_says_that_nothing_changed(scene, first):
    data = gather(scene.hearing, number=2, at=CONCLUSION)
    assert data["changes"] == NOTHING
    assert told_in(data) == ("What changed since edition 1", ["Nothing changed since edition 1."])


def test_an_edition_opens_with_what_a_consultation_and_its_people_changed(scene, first):
    istanbul = plan(scene.hearing.series, "IST", title="Istanbul", feeds_into=scene.hearing, order=2)
    bring_to(istanbul, "in_synthesis", by=scene.staff)
    draft_outcome(istanbul, by=scene.rapporteur, title="New in Istanbul")
    conclude_and_carry(istanbul, by=scene.staff)
    objection = Position.objects.get(stance="object")
    positions.withdraw_position(objection, by=objection.participation.person, at=CONCLUSION)
    fund = Consideration.objects.get(consultation=scene.toronto, outcome__reference="JHB11-KT-01")
    withdrawal = corrections.withdraw(fund, reason="It was said twice.", by=scene.staff, at=CONCLUSION)
    corrections.carry(withdrawal, at=CONCLUSION)
    data = gather(scene.hearing, number=2, at=CONCLUSION)
    title, told = told_in(data)
    assert title == "What changed since edition 1"
    assert told == [
        "New outcomes: IST-KT-01.",
        "Positions on JHB11-KT-01 at JHB11: too few answers (1 reservation or dissent printed) before, "
        "too few answers now.",
        "JHB11-KT-01 was withdrawn after the conclusion of TOR.",
    ]


def told_in(data: dict[str, object]) -> tuple[str, list[str]]:
    """The title and the sentences of the section of the summary that tells what changed."""
    summary = next(chapter for chapter in compose(data) if chapter.id == "summary")
    section = next(section for section in summary.sections if section.id == "changes")
    return section.title, [block.text for block in section.blocks]
