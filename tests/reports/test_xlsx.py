import io
import json

import pytest
from openpyxl import load_workbook

from outcomes.models import Consideration, Position
from reports.formats import xlsx
from reports.snapshot import canonical, gather, sha256
from tests.factories import CONCLUSION, SYNTHESIS, take_part
from tests.reports.office import NAMES, attribute, opened, words_of

pytestmark = pytest.mark.django_db
SHEETS = [
    "About", "Outcomes", "Texts", "Dispositions", "Evidence", "Positions", "Dissent", "Participation", "Inputs",
    "Corrections", "Themes",
]  # fmt: skip


@pytest.fixture
def data(scene):
    here = Consideration.objects.get(outcome__reference="JHB11-KT-01", consultation=scene.johannesburg)
    for type, stance in [*[("city", "support")] * 4, ("labour", "support")]:
        Position.objects.create(
            consideration=here, participation=take_part(scene.johannesburg, type=type), stance=stance,
            version=here.version_after, attribution="type", taken_at=SYNTHESIS,
        )  # fmt: skip
    return json.loads(canonical(gather(scene.hearing, number=1, at=CONCLUSION)))


@pytest.fixture
def content(data):
    return xlsx.write(data, lambda share, text: None).content


def rows_of(content, sheet):
    head, *rows = load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_sheets_are_there_with_heads_that_stay_and_filter(content):
    workbook = load_workbook(io.BytesIO(content))
    assert workbook.sheetnames == SHEETS
    for sheet in workbook:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["A1"].font.bold
        assert sheet.column_dimensions["B"].width >= 8


def test_about_tells_what_it_was_made_from(content, data):
    about = {row["What"]: row["Says"] for row in rows_of(content, "About")}
    assert about["Document"] == "Cities and business: dossier, edition 1"
    assert about["SHA-256 of the frozen data"] == sha256(canonical(data))
    assert about["Schema of the frozen data"].endswith("/schemas/dossier-3.json")


def test_outcomes_with_all_their_texts_and_their_way(content):
    fund = rows_of(content, "Outcomes")[0]
    assert (fund["Reference"], fund["Statement"], fund["Stands as"], fund["Goes on"], fund["Inputs counted only"]) == (
        "JHB11-KT-01",
        "Every city pays into one fund.",
        "refined",
        "yes",
        1,
    )
    texts = [row for row in rows_of(content, "Texts") if row["Reference"] == "JHB11-KT-01"]
    assert [(row["Text"], row["Made at"], row["What changed and why"]) for row in texts] == [
        (1, "JHB11", None),
        (2, "TOR", "Cities asked to be named."),
    ]
    way = [row for row in rows_of(content, "Dispositions") if row["Reference"] == "JHB11-KT-03"]
    assert [(row["Consultation"], row["Disposition"], row["Why"]) for row in way] == [
        ("JHB11", "proposed", None),
        ("TOR", "retired", "It was done in 2010."),
    ]


def test_evidence_and_dissent_stand_under_their_lines(content):
    assert [(row["Input"], row["Quoted passage"], row["Source"]) for row in rows_of(content, "Evidence")] == [
        ("JHB11-I-001", "one fund for training", "Ada Named (sample), City of Utrecht"),
        ("JHB11-I-002", "only if small firms pay less", "Business"),
    ]
    assert [(row["Position"], row["Reason"], row["Source"]) for row in rows_of(content, "Dissent")] == [
        ("object", "Small firms cannot pay.", "Business")
    ]


def test_tallies_that_are_too_small_are_empty_and_say_why(content):
    told = {row["Stakeholder type"]: row for row in rows_of(content, "Positions")}
    assert (told["All"]["Support"], told["All"]["Disagree"], told["All"]["Object"]) == (5, 1, 1)
    assert (told["Cities"]["Support"], told["Cities"]["Object"], told["Cities"]["Remark"]) == (4, 0, None)
    for type in ["Businesses", "Labours"]:
        assert [told[type][stance] for stance in ["Support", "With reservations", "Disagree", "Object"]] == [None] * 4
        assert told[type]["Remark"] == "not shown, so that nobody can be recognised"


def test_participation_and_inputs(content):
    cities = next(row for row in rows_of(content, "Participation") if row["Of"] == "Cities")
    assert (cities["Consultation"], cities["Target"], cities["Attended"]) == ("JHB11", 5, 1)
    assert [(row["Reference"], row["Source"], row["Used in"]) for row in rows_of(content, "Inputs")] == [
        ("JHB11-I-001", "Ada Named (sample), City of Utrecht", "JHB11-KT-01"),
        ("JHB11-I-002", "Business", "JHB11-KT-01"),
        ("JHB11-I-004", "City of Utrecht", None),
    ]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_starts_a_formula(data, start, tmp_path):
    data["inputs"][0]["text"] = data["outcomes"][0]["title"] = start
    workbook = load_workbook(io.BytesIO(xlsx.write(data, lambda share, text: None).content))
    found = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value == start]
    assert len(found) == 2
    assert {(cell.data_type, cell.quotePrefix) for cell in found} == {("s", True)}


def test_libreoffice_opens_every_sheet_and_works_nothing_out(data, tmp_path):
    data["inputs"][0]["text"] = "=HYPERLINK(1)"
    file = tmp_path / "dossier.xlsx"
    file.write_bytes(xlsx.write(data, lambda share, text: None).content)
    body = opened(file, to="ods", folder=tmp_path)
    tables = {attribute(table, "table:name"): table for table in body.iter(f"{{{NAMES['table']}}}table")}
    assert list(tables) == SHEETS
    cells = list(body.iter(f"{{{NAMES['table']}}}table-cell"))
    assert [cell for cell in cells if attribute(cell, "table:formula")] == []
    assert "=HYPERLINK(1)" in words_of(tables["Inputs"])
    assert "Every city pays into one fund." in words_of(tables["Outcomes"])


def test_the_same_data_give_the_same_bytes(data, content):
    assert xlsx.write(data, lambda share, text: None).content == content
    assert load_workbook(io.BytesIO(content)).properties.modified == CONCLUSION.replace(tzinfo=None)
