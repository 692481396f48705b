"""The dossier by the hearing's themes: every outcome is told in full once, and found from each theme."""

import io
import json
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import html5lib
import pikepdf
import pytest
from django.core.management import CommandError, call_command
from docx import Document as WordDocument
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from reports import editions
from reports.chapters import compose
from reports.chapters.blocks import Asked, Drawing, Entry, LineageTable, Listing, Paragraph, Pointer, Said, Table
from reports.chapters.mentions import mentions_in
from reports.checks import faults_of as faults_to_publish
from reports.choices import Arrangement, Choices
from reports.formats import docx, xlsx
from reports.formats.html import render_page
from reports.models import EditionJob
from reports.rendering import render_pdf
from reports.schema import faults_of
from reports.snapshot import canonical, gather
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, make_themes
from tests.pages import text_of as words_of
from tests.reports.conftest import CHOSEN
from tests.reports.one_piece import html_of
from tests.reports.pdfs import assert_keeps_both_standards, text_of

pytestmark = pytest.mark.django_db
BY_THEMES = Choices(arrangement=Arrangement.THEMES.value)
PAGE = "/consultations/HEAR/dossier/"


def data_of(consultation, choices: Choices = BY_THEMES) -> dict[str, Any]:
    return json.loads(canonical(gather(consultation, choices=choices, number=1, at=CONCLUSION)))


@pytest.fixture
def hearing(scene):
    """Knowledge transfer is taken up twice, infrastructure not at all, and nothing feeds into the last theme."""
    make_themes(scene.hearing, T1=["KT", "CP"], T2=["SC", "KT"], T3=[])
    return scene.hearing


@pytest.fixture
def data(hearing):
    return data_of(hearing)


def by_id(data) -> dict[str, Any]:
    return {chapter.id: chapter for chapter in compose(data)}


def blocks_of(chapter, *kinds) -> list[Any]:
    return [block for section in chapter.sections for block in section.blocks if isinstance(block, kinds)]


def test_a_chapter_for_each_theme_stands_in_place_of_those_for_the_areas(data):
    chapters = by_id(data)
    assert list(chapters)[:8] == [
        "how-to-read", "summary", "series", "theme-T1", "theme-T2", "theme-T3", "outside-themes", "for-decision",
    ]  # fmt: skip
    assert [(row.title, row.number, row.area) for row in list(chapters.values())[3:7]] == [
        ("Theme T1", 4, 1), ("Theme T2", 5, 2), ("Theme T3", 6, 3), ("Outside the hearing's themes", 7, 0),
    ]  # fmt: skip


def test_a_theme_tells_what_it_is_about_its_areas_their_questions_and_charts_and_its_outcomes(data):
    chapter = by_id(data)["theme-T1"]
    assert [section.title for section in chapter.sections] == [
        "What it is about", "From the area: Knowledge transfer (KT)", "From the area: Common planning (CP)",
        "What the consultations stand by", "Good practices", "Divergence", "Open questions",
    ]  # fmt: skip
    about, transfer, planning, stands, _practices, divergence, _questions = chapter.sections
    assert [block.text for block in about.blocks] == [
        "What T1 is about.", "Areas that feed into this theme: Knowledge transfer (KT), Common planning (CP).",
    ]  # fmt: skip
    assert [type(block) for block in transfer.blocks] == [Paragraph, Listing, Drawing, LineageTable]
    assert transfer.blocks[1].items == ["What works in knowledge transfer?"]
    assert [block.text for block in planning.blocks if isinstance(block, Paragraph)] == [
        "Its guiding question was:", "No outcome was concluded in this area.",
    ]  # fmt: skip
    assert [block.outcome["reference"] for block in stands.blocks] == ["JHB11-KT-01"]
    assert [block.outcome["reference"] for block in divergence.blocks] == ["JHB11-KT-02"]


def test_what_another_theme_tells_in_full_is_named_where_it_would_stand_with_the_way_there(data):
    chapter = by_id(data)["theme-T2"]
    assert blocks_of(chapter, Entry, Drawing) == []
    named = {
        section.title: [(block.text, block.where, block.anchor, block.heading) for block in section.blocks]
        for section in chapter.sections
        if isinstance(section.blocks[-1], Pointer) and section.title != "From the area: Knowledge transfer (KT)"
    }
    assert named == {
        "What the consultations stand by": [
            ("JHB11-KT-01 Pay into one training fund:", "told in full in chapter 4", "JHB11-KT-01", "theme-T1")
        ],
        "Divergence": [("JHB11-KT-02 Welcome desks at work:", "told in full in chapter 4", "JHB11-KT-02", "theme-T1")],
    }
    way = next(row for row in chapter.sections if row.id == "theme-T2-KT").blocks[-1]
    assert (way.where, way.anchor) == ("drawn in chapter 4", "theme-T1-KT")


def test_a_theme_that_nothing_feeds_into_says_so(data):
    (about,) = by_id(data)["theme-T3"].sections
    assert [block.text for block in about.blocks][1:] == [
        "No cooperation area feeds into this theme, so it has no outcomes."
    ]


def test_what_no_theme_takes_up_has_a_chapter_of_its_own(data, hearing):
    chapter = by_id(data)["outside-themes"]
    told = [block.text for block in chapter.sections[0].blocks]
    assert told == ["No theme of the hearing takes up these areas of the consultations: Infrastructure (IN)."]
    hearing.themes.get(code="T3").areas.set(hearing.series.areas.filter(code="IN"))
    assert "outside-themes" not in by_id(data_of(hearing))


def test_the_reader_is_told_how_areas_and_themes_belong_together(data):
    section = by_id(data)["how-to-read"].sections[0]
    table = section.blocks[1]
    assert isinstance(table, Table)
    assert table.rows == [
        ["4 Theme T1", "Knowledge transfer (KT), Common planning (CP)", "2"],
        ["5 Theme T2", "Knowledge transfer (KT), Social cohesion (SC)", "0"],
        ["6 Theme T3", "none", "0"],
        ["7 Outside the hearing's themes", "Infrastructure (IN)", "0"],
    ]


def test_the_summary_goes_by_the_same_chapters(data):
    told = {section.title: section.blocks for section in by_id(data)["summary"].sections[2:]}
    assert list(told) == ["Theme T1", "Theme T2", "Theme T3", "Outside the hearing's themes"]
    assert told["Theme T1"][0].items == [
        "JHB11-KT-01: Pay into one training fund",
        "JHB11-KT-02: Welcome desks at work",
    ]


def test_the_other_chapters_say_the_same_as_by_areas(hearing):
    by_themes, by_areas = (
        by_id(data_of(hearing, replace(BY_THEMES, arrangement=name))) for name in ["themes", "areas"]
    )
    assert list(by_areas)[3:7] == ["area-KT", "area-CP", "area-IN", "area-SC"]
    for name in ["for-decision", "not-taken-up", "register", "participants", "inputs", "glossary"]:
        assert by_themes[name] == by_areas[name], name
    # The index leads to the entry first named in a chapter, and to where it is only named.
    mentioned = [row for row in mentions_in(by_themes.values()) if row.reference == "JHB11-KT-01"]
    assert [(row.chapter, row.anchor) for row in mentioned][:2] == [("Theme T1", "JHB11-KT-01"), ("Theme T2", "p5.7")]


def test_without_themes_and_in_reports_it_goes_by_areas(scene, hearing):
    report = gather(scene.toronto, document="report", choices=BY_THEMES, number=1, at=CONCLUSION)
    assert report["themes"] == []
    assert "area-KT" in by_id(report)
    hearing.themes.all().delete()
    assert "area-KT" in by_id(data_of(hearing))


# Whatever the crosswalk, nothing is lost and nothing is told twice.

AREAS = ["KT", "CP", "IN", "SC", "EX"]
of_areas = st.sets(st.sampled_from(AREAS))
crosswalks = st.lists(of_areas, min_size=1, max_size=6)
outcomes = st.lists(
    st.tuples(
        st.sampled_from(AREAS),
        of_areas,
        st.sampled_from(["recommendation", "good_practice", "open_question", "finding"]),
        st.sampled_from(["proposed", "contested", "retired"]),
    ),
    max_size=8,
)


def drawn_at_random(data, crosswalk, outcomes) -> dict[str, Any]:
    """The snapshot with other areas, themes and outcomes; the outcomes are as rich as the first of the scene."""
    pattern = next(row for row in data["outcomes"] if row["evidence"])
    return {
        **data,
        "areas": [{**data["areas"][0], "code": code, "title": f"Area {code}"} for code in AREAS],
        "themes": [
            {"code": f"T{place}", "title": f"Theme {place}", "description": "", "areas": sorted(taken)}
            for place, taken in enumerate(crosswalk, start=1)
        ],
        "outcomes": [
            {
                **pattern, "reference": f"JHB11-{area}-{number:02}", "area": area,
                "further_areas": sorted(further - {area}), "kind": kind, "standing": standing,
                "is_live": standing != "retired",
            }
            for number, (area, further, kind, standing) in enumerate(outcomes, start=1)
        ],
    }  # fmt: skip


def ids_of(chapters) -> list[str]:
    """Every id that a template gives to what these chapters have."""
    found = []
    for chapter in chapters:
        found += [chapter.id, *(section.id for section in chapter.sections)]
        for block in blocks_of(chapter, Entry, Paragraph, Pointer, Asked, Said):
            found.append(f"p{block.number}")
        for block in blocks_of(chapter, Entry):
            found += [block.outcome["reference"], *(quote.anchor for quote in block.quotes)]
            found += [block.support.id] if block.support else []
        found += [block.id for block in blocks_of(chapter, Drawing)]
    return found


def test_for_every_crosswalk_each_live_outcome_is_told_in_full_once_and_named_in_all_its_themes(data):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(crosswalk=crosswalks, rows=outcomes)
    def holds(crosswalk, rows) -> None:
        made = drawn_at_random(data, crosswalk, rows)
        chapters = compose(made)
        live = {row["reference"]: row for row in made["outcomes"] if row["is_live"]}
        full = {block.outcome["reference"]: chapter for chapter in chapters for block in blocks_of(chapter, Entry)}
        told = Counter(block.outcome["reference"] for chapter in chapters for block in blocks_of(chapter, Entry))
        assert told == dict.fromkeys(live, 1)
        ids = ids_of(chapters)
        assert [name for name, times in Counter(ids).items() if times > 1] == []
        for chapter in chapters:
            for block in blocks_of(chapter, Pointer):
                assert {block.anchor, block.heading} <= set(ids)
            taken = next((set(row["areas"]) for row in made["themes"] if chapter.id == f"theme-{row['code']}"), None)
            if taken is None:
                continue
            named = [block for block in blocks_of(chapter, Pointer) if block.anchor in live]
            for block in named:
                assert block.where == f"told in full in chapter {full[block.anchor].number}"
            here = Counter([*(block.anchor for block in named)])
            here.update(block.outcome["reference"] for block in blocks_of(chapter, Entry))
            belong = [name for name, row in live.items() if taken & {row["area"], *row["further_areas"]}]
            assert here == dict.fromkeys(belong, 1)
        # Each area is drawn once, where it is told.
        charts = [block.id for chapter in chapters for block in blocks_of(chapter, Drawing)]
        with_outcomes = {area for row in made["outcomes"] for area in [row["area"], *row["further_areas"]]}
        assert sorted(charts) == sorted(f"chart-{area}-1" for area in with_outcomes)

    holds()


# Files.


def test_the_pdf_leads_to_what_is_told_elsewhere_and_everybody_can_read_it(data, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(render_pdf(html_of(data)).content)
    told = text_of(path)
    assert "JHB11-KT-01 Pay into one training fund: told in full in chapter 4" in told
    with pikepdf.open(path) as pdf:
        outline = [str(item.title) for item in pdf.open_outline().root]
    assert outline[4:8] == ["4 Theme T1", "5 Theme T2", "6 Theme T3", "7 Outside the hearing's themes"]
    assert_keeps_both_standards(path)


def test_every_id_of_the_web_page_stands_once_and_every_link_inside_it_leads_somewhere(data):
    tree = html5lib.HTMLParser(strict=False).parse(render_page(data))
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    inside = [node.get("href")[1:] for node in tree.iter() if (node.get("href") or "").startswith("#")]
    assert {"JHB11-KT-01", "theme-T1", "theme-T1-KT"} <= set(inside) <= set(ids)


def test_the_word_document_leads_to_the_chapter(data):
    document = WordDocument(io.BytesIO(docx.write(data, lambda share, text: None).content))
    headings = [row.text for row in document.paragraphs if row.style.name == "Heading 1"]
    assert headings[3:7] == ["4 Theme T1", "5 Theme T2", "6 Theme T3", "7 Outside the hearing's themes"]
    links = {
        "".join(text.text for text in link.iter(qn("w:t"))): link.get(qn("w:anchor"))
        for link in document.element.body.iter(qn("w:hyperlink"))
    }
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    assert links["told in full in chapter 4"] in marks
    assert links["told in full in chapter 4"] == links["Theme T1"]


def test_the_workbook_has_the_crosswalk(data):
    workbook = load_workbook(io.BytesIO(xlsx.write(data, lambda share, text: None).content))
    head, *rows = workbook["Themes"].iter_rows(values_only=True)
    assert head == ("Theme", "Title", "What it is about", "Area", "Title of the area")
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("T1", "KT", "Knowledge transfer"), ("T1", "CP", "Common planning"), ("T2", "KT", "Knowledge transfer"),
        ("T2", "SC", "Social cohesion"), ("T3", None, None),
    ]  # fmt: skip
    head, *rows = workbook["Outcomes"].iter_rows(values_only=True)
    assert {row[head.index("Themes")] for row in rows} == {"T1, T2"}


def test_the_snapshot_tells_the_crosswalk_as_the_schema_has_it(data):
    assert data["themes"] == [
        {"code": "T1", "title": "Theme T1", "description": "What T1 is about.", "areas": ["KT", "CP"]},
        {"code": "T2", "title": "Theme T2", "description": "What T2 is about.", "areas": ["KT", "SC"]},
        {"code": "T3", "title": "Theme T3", "description": "What T3 is about.", "areas": []},
    ]
    assert data["choices"]["arrangement"] == "themes"
    assert faults_of(data) == []
    assert faults_to_publish(data) == []
    data["themes"][0]["areas"] = ["KT", "KT"]
    data["choices"]["arrangement"] = "moods"
    assert sorted(fault.partition(": ")[0] for fault in faults_of(data)) == [
        "$.choices.arrangement",
        "$.themes[0].areas",
    ]


# Asking for it.


def test_the_form_asks_only_for_the_dossier_of_a_hearing_that_has_themes(sign_in, scene):
    client = sign_in(scene.staff)
    assert 'name="arrangement"' not in client.get(PAGE).content.decode()
    client.post(PAGE, CHOSEN | {"arrangement": "themes"})
    assert EditionJob.objects.get().choices["arrangement"] == "areas"
    EditionJob.objects.all().delete()
    make_themes(scene.hearing, T1=["KT"])
    assert re.findall(r'name="arrangement"\s+value="(\w+)"', client.get(PAGE).content.decode()) == ["areas", "themes"]
    assert 'name="arrangement"' not in client.get("/consultations/TOR/report/").content.decode()
    client.post(PAGE, CHOSEN | {"arrangement": "themes"})
    assert EditionJob.objects.get().choices["arrangement"] == "themes"


def test_it_has_to_be_said_by_what_the_chapters_go(sign_in, hearing, scene):
    assert "This field is required." in words_of(sign_in(scene.staff).post(PAGE, CHOSEN))
    assert not EditionJob.objects.exists()


def test_themes_that_are_not_there_are_refused_in_words(scene, tmp_path):
    who = {"by": scene.staff, "at": CONCLUSION, "choices": BY_THEMES}
    with pytest.raises(Refused, match="Global Hearing has no themes of its own. Plan them in the admin, or choose"):
        editions.ask_for_edition(scene.hearing, **who)
    with pytest.raises(Refused, match="The report of a consultation goes by the areas that it worked on."):
        editions.ask_for_edition(scene.toronto, document="report", **who)
    with pytest.raises(CommandError, match="Global Hearing has no themes of its own."):
        call_command("make_dossier", "thp", output=tmp_path / "x.json", arrangement="themes")


def test_make_dossier_goes_by_themes(hearing, tmp_path):
    call_command("make_dossier", "thp", output=tmp_path / "x.json", arrangement="themes")
    made = json.loads((tmp_path / "x.json").read_text())
    assert list(by_id(made))[3] == "theme-T1"
