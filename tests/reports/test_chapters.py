import pytest

from reports.chapters import compose
from reports.chapters.blocks import Asked, Drawing, Entry, LineageTable, Paragraph, Said, Table
from reports.chapters.lineage import lineage_blocks
from reports.chapters.material import Material
from reports.chapters.wording import quantifier
from reports.snapshot import gather
from tests.factories import CONCLUSION, make_series, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def chapters(scene):
    return {chapter.id: chapter for chapter in compose(gather(scene.hearing, number=1, at=CONCLUSION))}


def blocks(chapters, kind):
    return [
        block
        for chapter in chapters.values()
        for section in chapter.sections
        for block in section.blocks
        if isinstance(block, kind)
    ]


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 4, "none (of 4)"),
        (1, 5, "few (1 of 5)"),
        (1, 4, "some (1 of 4)"),
        (49, 100, "some (49 of 100)"),
        (1, 2, "many (1 of 2)"),
        (74, 100, "many (74 of 100)"),
        (3, 4, "most (3 of 4)"),
        (4, 4, "all (4)"),
    ],
)
def test_words_for_quantities_are_bound_to_numbers(part, whole, words):
    assert quantifier(part, whole) == words


def test_every_chapter_of_the_domain_is_there_in_order(chapters):
    assert list(chapters) == [
        "how-to-read", "summary", "series", "area-KT", "area-CP", "area-IN", "area-SC", "for-decision",
        "not-taken-up", "register", "events", "participants", "statistics", "inputs", "corrections", "glossary",
    ]  # fmt: skip


def test_paragraphs_are_numbered_within_their_chapter_without_gaps(chapters):
    assert [chapter.number for chapter in chapters.values()] == list(range(1, 17))
    for chapter in chapters.values():
        numbers = [block.number for block in blocks({chapter.id: chapter}, (Paragraph, Asked, Entry, Said))]
        assert numbers == [f"{chapter.number}.{place}" for place in range(1, len(numbers) + 1)]


def test_section_ids_are_unique(chapters):
    ids = [section.id for chapter in chapters.values() for section in chapter.sections] + list(chapters)
    assert len(ids) == len(set(ids))


def test_the_summary_counts_inputs_with_bound_words(chapters):
    told = [block.text for block in chapters["summary"].sections[0].blocks]
    assert told[2] == (
        "Participants gave 5 inputs. Of these, many (3 of 5) became evidence of an outcome, few (1 of 5) were "
        "set aside with a reason, and few (1 of 5) were withdrawn by their authors."
    )


def test_outcomes_stand_under_what_became_of_them(chapters):
    told = {
        section.title: [block.outcome["reference"] for block in section.blocks if isinstance(block, Entry)]
        for section in chapters["area-KT"].sections
    }
    assert told["What the consultations stand by"] == ["JHB11-KT-01"]
    assert told["Divergence"] == ["JHB11-KT-02"]
    assert told["Good practices"] == []


def test_an_entry_tells_way_and_reservations(chapters):
    entry = next(block for block in blocks(chapters, Entry) if block.outcome["reference"] == "JHB11-KT-01")
    assert entry.way == ["JHB11, June 2011: proposed", "TOR, June 2011: refined. Cities asked to be named."]
    assert entry.facts == "Recommendation, addressed to Cities, Businesses. Stands as: refined."
    assert entry.reservations == [
        "Qualifies: “only if small firms pay less” (Business, JHB11-I-002)",
        "Object: “Small firms cannot pay.” (Business, JHB11)",
        "JHB11: 1 more gave a reason that is not to be published.",
    ]


def test_what_is_asked_of_the_hearing_is_listed_by_addressee(chapters):
    told = {
        section.title: [(block.outcome["reference"], block.is_contested) for block in section.blocks]
        for section in chapters["for-decision"].sections[1:]
    }
    assert told == {
        "Addressed to: Cities": [("JHB11-KT-01", False)],
        "Addressed to: Businesses": [("JHB11-KT-01", False)],
    }


def test_who_was_missing_is_reported(chapters):
    texts = [block.text for block in blocks(chapters, Paragraph)]
    assert "Who was missing, by those who attended against the target: Cities (1 of 5)." in texts


def test_the_register_has_every_outcome(chapters):
    table = chapters["register"].sections[0].blocks[0]
    assert isinstance(table, Table)
    assert [(row[0], row[3]) for row in table.rows] == [
        ("JHB11-KT-01", "refined"),
        ("JHB11-KT-02", "contested"),
        ("JHB11-KT-03", "retired"),
    ]


def test_empty_parts_say_so():
    hearing = plan(make_series(), "HEAR", kind="hearing")
    empty = {row.id: row for row in compose(gather(hearing, number=1, at=CONCLUSION))}
    texts = {block.text for block in blocks(empty, Paragraph)}
    assert {
        "No consultation has been concluded yet, so this edition has no outcomes.",
        "No outcome was concluded in this area.",
        "There is nothing to decide yet.",
        "No quotable input was set aside.",
        "Nobody has agreed to be listed.",
    } <= texts


def test_an_area_is_drawn_and_put_into_a_table(chapters):
    way = next(section for section in chapters["area-KT"].sections if section.id == "KT-lineage")
    drawing, table = way.blocks
    assert isinstance(drawing, Drawing)
    assert isinstance(table, LineageTable)
    assert drawing.title == table.title == "Knowledge transfer: what each consultation made of each outcome"
    assert [(head.code, head.place, head.date) for head in drawing.chart.heads] == [
        ("JHB11", "Johannesburg", "Jun 2011"), ("TOR", "Toronto", "Jun 2011"),
    ]  # fmt: skip
    assert [(mark.reference, mark.event, mark.kind) for mark in drawing.chart.marks] == [
        ("JHB11-KT-01", "JHB11", "proposed"), ("JHB11-KT-01", "TOR", "refined"),
        ("JHB11-KT-02", "JHB11", "proposed"), ("JHB11-KT-02", "TOR", "contested"),
        ("JHB11-KT-03", "JHB11", "proposed"), ("JHB11-KT-03", "TOR", "retired"),
    ]  # fmt: skip
    assert [sign.kind for sign in drawing.legend.signs] == ["proposed", "refined", "contested", "retired"]
    assert [(row.reference, row.cells) for row in table.table.rows] == [
        ("JHB11-KT-01", ["proposed", "refined"]),
        ("JHB11-KT-02", ["proposed", "contested"]),
        ("JHB11-KT-03", ["proposed", "retired"]),
    ]
    assert table.told == {"JHB11-KT-01", "JHB11-KT-02"}


def outcome_row(number: int, **changes: object) -> dict[str, object]:
    """An outcome of Johannesburg as a snapshot tells it."""
    steps = [{"event": "JHB11", "disposition": "proposed"}, {"event": "TOR", "disposition": "reaffirmed"}]
    told = {
        "reference": f"JHB11-KT-{number:02}", "title": f"Outcome {number}", "area": "KT", "further_areas": [],
        "steps": steps, "parents": [], "children": [], "withdrawal_reason": "", "is_live": True,
    }  # fmt: skip
    return {**told, **changes}


def test_a_long_chart_is_cut_into_pages_that_repeat_the_heads(scene):
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    rows = [outcome_row(number) for number in range(1, 101)]
    blocks = lineage_blocks(Material({**data, "outcomes": rows}), data["areas"][0], rows)
    assert [len(block.chart.rows) for block in blocks[:-1]] == [34, 56, 10]
    assert {tuple(head.code for head in block.chart.heads) for block in blocks[:-1]} == {("JHB11", "TOR")}
    assert [block.title.rpartition(" ")[2] for block in blocks[:-1]] == ["(1/3)", "(2/3)", "(3/3)"]
    assert [block.legend is not None for block in blocks[:-1]] == [True, False, False]
    assert len(blocks[-1].table.rows) == 100


def test_kin_of_other_areas_is_drawn_with_them(scene):
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    joined = {"reference": "TOR-KT-01", "kind": "merge", "event": "TOR"}
    merged = [{"event": "JHB11", "disposition": "proposed"}, {"event": "TOR", "disposition": "merged"}]
    parents = [
        outcome_row(1, children=[joined], steps=merged),
        outcome_row(2, children=[joined], steps=merged, area="CP"),
    ]
    child = outcome_row(
        3, reference="TOR-KT-01", steps=[{"event": "TOR", "disposition": "proposed"}],
        parents=[{"reference": row["reference"], "kind": "merge", "event": "TOR"} for row in parents],
    )  # fmt: skip
    material = Material({**data, "outcomes": [*parents, child]})
    drawing, table = lineage_blocks(material, data["areas"][0], [parents[0], child])
    assert [(row.label, row.end) for row in drawing.chart.rows] == [
        ("JHB11-KT-01", "→ TOR-KT-01"), ("(JHB11-KT-02)", "→ TOR-KT-01"), ("TOR-KT-01", "TOR-KT-01"),
    ]  # fmt: skip
    assert drawing.legend.has_guests
    assert [row.children for row in table.table.rows] == ["TOR-KT-01", "TOR-KT-01", ""]
