import io
import itertools
import json

import pytest
from docx import Document
from docx.oxml.ns import qn

from reports.choices import Choices
from reports.formats import docx
from reports.snapshot import canonical, gather
from tests.factories import CONCLUSION
from tests.reports.office import NAMES, attribute, opened, parts_of, words_of

pytestmark = pytest.mark.django_db


def data_of(consultation, **choices):
    data = gather(consultation, choices=Choices(**choices), number=1, at=CONCLUSION)
    return json.loads(canonical(data))


@pytest.fixture
def content(scene):
    return docx.write(data_of(scene.hearing), lambda share, text: None).content


@pytest.fixture
def document(content):
    return Document(io.BytesIO(content))


def in_style(document, name):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == name]


def test_headings_are_real_and_in_order(document):
    levels = [(row.style.name, row.text) for row in document.paragraphs if row.style.name.startswith("Heading")]
    assert [text for name, text in levels if name == "Heading 1"] == [
        "1 How to read this",
        "2 Summary",
        "3 The series as planned and as held",
        "4 Knowledge transfer",
        "5 Common planning",
        "6 Infrastructure",
        "7 Social cohesion",
        "8 For decision",
        "9 What was said and not taken up, and why",
        "10 Register of all outcomes",
        "11 Annex: Consultations and agendas",
        "12 Annex: Participants who agreed to be listed",
        "13 Annex: Statistics",
        "14 Annex: All inputs that may be published",
        "15 Annex: Corrections",
        "16 Annex: Glossary",
        "17 Annex: Index of references",
    ]
    assert in_style(document, "Heading 3") == [
        "JHB11-KT-01 Pay into one training fund",
        "JHB11-KT-02 Welcome desks at work",
    ]
    numbers = [int(name[-1]) for name, _text in levels]
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(numbers))


def test_the_contents_are_a_field_that_is_written_out_already(document):
    entries = [row for row in document.paragraphs if row.style.name in {"toc 1", "toc 2"}]
    instructions = [text.text for row in entries for text in row._p.iter(qn("w:instrText"))]
    assert instructions == [r' TOC \o "1-2" \h \z \u ']
    targets = [link.get(qn("w:anchor")) for row in entries for link in row._p.iter(qn("w:hyperlink"))]
    bookmarks = {mark.get(qn("w:name")) for mark in document.element.iter(qn("w:bookmarkStart"))}
    assert len(targets) == len(entries) == len(set(targets))
    assert set(targets) == bookmarks
    headings = [row for row in document.paragraphs if row.style.name in {"Heading 1", "Heading 2"}]
    assert len(headings) == len(entries)


def test_paragraphs_show_their_numbers_within_their_chapter(document):
    numbered = [row for row in document.paragraphs if row.style.name in {"Numbered Paragraph", "Statement"}]
    numbers = [tuple(map(int, row.text.partition("\t")[0].split("."))) for row in numbered]
    assert numbers == sorted(set(numbers))
    assert "4.1\tEvery city pays into one fund." in in_style(document, "Statement")


def test_quotes_and_their_sources_have_styles_of_their_own(document):
    assert "“one fund for training”" in in_style(document, "Quote")
    assert "Ada Named (sample), City of Utrecht JHB11-I-001, supports" in in_style(document, "Source")


def test_tables_have_captions_and_heads_that_are_repeated(document):
    assert len(in_style(document, "Caption")) == len(document.tables) > 8
    for table in document.tables:
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert heads == [True] + [False] * (len(heads) - 1)
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) in in_style(document, "Caption")


def test_references_lead_to_the_site(document, settings):
    leads = {relation.target_ref for relation in document.part.rels.values() if relation.reltype.endswith("/hyperlink")}
    outcomes = {f"{settings.SITE_URL}/outcomes/JHB11-KT-0{number}/" for number in [1, 2, 3]}
    quotes = {f"{settings.SITE_URL}/outcomes/JHB11-KT-01/#JHB11-I-00{number}" for number in [1, 2]}
    assert leads == outcomes | quotes


def test_what_it_says_of_itself(document):
    properties = document.core_properties
    assert (properties.title, properties.language) == ("Cities and business: dossier, edition 1", "en")
    assert properties.author == properties.last_modified_by == "The Hague Process on Refugees and Migration"
    assert properties.created == properties.modified == CONCLUSION
    footer = document.sections[0].footer._element
    assert [text.text for text in footer.iter(qn("w:instrText"))] == [" PAGE "]


@pytest.mark.parametrize(("paper", "millimetres"), [("a4", (210, 297)), ("letter", (216, 279))])
def test_the_paper_is_the_one_that_was_chosen(scene, paper, millimetres):
    written = docx.write(data_of(scene.hearing, paper=paper), lambda share, text: None)
    page = Document(io.BytesIO(written.content)).sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == millimetres


def test_annexes_that_were_not_chosen_are_left_out(scene):
    written = docx.write(data_of(scene.hearing, annexes=("glossary",)), lambda share, text: None)
    headings = in_style(Document(io.BytesIO(written.content)), "Heading 1")
    assert [text for text in headings if "Annex" in text] == ["11 Annex: Glossary", "12 Annex: Index of references"]


def test_the_same_data_give_the_same_bytes(scene, content):
    assert docx.write(data_of(scene.hearing), lambda share, text: None).content == content
    assert "docProps/core.xml" in parts_of(content)


def test_characters_that_xml_cannot_hold_are_left_out(scene):
    data = data_of(scene.hearing)
    data["inputs"][0]["text"] = "One\x0b fund\x00 for all"
    written = docx.write(data, lambda share, text: None)
    assert "One fund for all" in in_style(Document(io.BytesIO(written.content)), "Quote")


def test_libreoffice_finds_headings_tables_and_contents(content, tmp_path):
    file = tmp_path / "dossier.docx"
    file.write_bytes(content)
    body = opened(file, to="odt", folder=tmp_path)
    headings = {(attribute(row, "text:outline-level"), words_of(row)) for row in body.iter(f"{{{NAMES['text']}}}h")}
    assert {
        ("1", "4 Knowledge transfer"),
        ("2", "What the consultations stand by"),
        ("3", "JHB11-KT-01 Pay into one training fund"),
    } <= headings
    (contents,) = body.iter(f"{{{NAMES['text']}}}table-of-content")
    assert "Register of all outcomes" in words_of(contents)
    tables = list(body.iter(f"{{{NAMES['table']}}}table"))
    heads = [words_of(table.find("table:table-header-rows", NAMES)) for table in tables]
    assert "ReferenceTitleKindStands as" in heads
    assert len(heads) == len(tables) > 8
    links = {attribute(link, "xlink:href") for link in body.iter(f"{{{NAMES['text']}}}a")}
    assert any(link.endswith("/outcomes/JHB11-KT-01/") for link in links)
