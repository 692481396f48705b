"""Statements with lists, quotes and links in the dossier: as HTML, and as a PDF that everybody can read."""

import re

import html5lib
import pytest

from consultations.models import ConsultationKind, ConsultationState, Role
from reports.rendering import render_pdf
from reports.snapshot import gather
from tests.factories import (
    CONCLUSION,
    bring_to,
    conclude_and_carry,
    draft_outcome,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.reports.one_piece import html_of
from tests.reports.pdfs import assert_keeps_both_standards, text_of

pytestmark = pytest.mark.django_db

STATEMENT = """Cities pay **one share**.
So do firms:

- by size
  1. the small ones less
  2. the large ones more
- by the [rules of the fund](https://fund.example/rules?a=1&b=2)

> Nobody pays twice.

<script>alert(1)</script>"""


@pytest.fixture
def data():
    """The snapshot of a series whose only outcome has such a statement."""
    series, rapporteur, staff = make_series(), make_person("Rapporteur (sample)"), make_staff()
    hearing = plan(series, "HEAR", kind=ConsultationKind.HEARING, order=2)
    consultation = plan(series, "JHB11", order=1, feeds_into=hearing)
    take_part(consultation, rapporteur, role=Role.RAPPORTEUR)
    bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=staff)
    draft_outcome(consultation, by=rapporteur, statement=STATEMENT)
    conclude_and_carry(consultation, by=staff)
    return gather(hearing, number=1, at=CONCLUSION)


def parse(html: str):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = parser.parse(html)
    assert parser.errors == []
    return document


def test_the_snapshot_keeps_what_was_written(data):
    (outcome,) = data["outcomes"]
    assert outcome["statement"] == STATEMENT
    assert [version["statement"] for version in outcome["versions"]] == [STATEMENT]


@pytest.mark.parametrize("place", ["numbered statement", "numbered asked"])
def test_a_statement_stands_in_blocks_behind_its_number(data, place):
    (block,) = parse(html_of(data)).findall(f".//div[@class='{place}']")
    (number,) = block.iterfind(".//span[@class='number']")
    assert re.fullmatch(r"\d+\.\d+", number.text)
    (block,) = block.iterfind("./div[@class='words']")
    assert [item.text.strip() for item in block.findall("./ul/li")] == ["by size", "by the"]
    assert [item.text for item in block.findall("./ul/li/ol/li")] == ["the small ones less", "the large ones more"]
    assert [link.attrib["href"] for link in block.findall("./ul/li/a")] == ["https://fund.example/rules?a=1&b=2"]
    assert block.find("./blockquote/p").text == "Nobody pays twice."
    assert [strong.text for strong in block.findall("./p/strong")][-1] == "one share"
    assert block.findall("./p")[-1].text == "<script>alert(1)</script>"
    assert not block.findall(".//script")


def test_the_pdf_with_it_is_pdf_ua(data, tmp_path):
    file = tmp_path / "dossier.pdf"
    file.write_bytes(render_pdf(html_of(data)).content)
    told = text_of(file)
    for words in [
        "• by size 1. the small ones less 2. the large ones more",
        "• by the rules of the fund (https://fund.example/rules?a=1&b=2)",
        "Nobody pays twice. <script>alert(1)</script>",
    ]:
        assert words in told
    assert_keeps_both_standards(file)
