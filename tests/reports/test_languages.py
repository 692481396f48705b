"""Documents in the reader's language: all their words, in all formats, and from right to left where it is read so."""

import copy
import io
import json
import re
from typing import Any

import polib
import pytest
from django.core.management import CommandError, call_command
from django.utils import dates, timezone, translation
from django.utils.translation import trans_real
from docx import Document as WordDocument
from docx.oxml.ns import qn
from openpyxl import load_workbook

from outcomes import corrections
from outcomes.models import Consideration
from reports import editions
from reports.changes import changes_between
from reports.chapters import compose
from reports.chapters.wording import capital, day, minute, month
from reports.choices import Choices
from reports.formats import docx, html, xlsx
from reports.management.catalogues import catalogue_file, key_of
from reports.models import Edition, EditionJob
from reports.rendering import render_pdf, snapshot_of
from reports.schema import faults_of
from reports.snapshot import canonical, gather
from reports.tasks import make_edition
from tests.factories import CONCLUSION, make_series, plan
from tests.reports.office import NAMES, attribute, opened, words_of
from tests.reports.one_piece import html_of
from tests.reports.pdfs import assert_keeps_both_standards, text_of

pytestmark = pytest.mark.django_db
DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TITLES = {
    "fr": ["Comment lire ce document", "Ce qui a été dit et n’a pas été retenu, et pourquoi", "Table des matières"],
    "es": ["Cómo leer este documento", "Lo que se dijo y no se recogió, y por qué", "Registro de todos los resultados"],
    "tr": ["Bu belge nasıl okunur", "Söylenip dikkate alınmayanlar ve nedenleri", "İyi uygulamalar"],
    "ar": ["كيفية قراءة هذه الوثيقة", "الممارسات الجيدة", "سجل جميع النتائج"],
}
"""Three headings of each language."""


class Asked(trans_real.DjangoTranslation):
    """A catalogue that remembers which texts were looked up in it."""

    def __init__(self, language: str) -> None:
        self.texts: set[tuple[str, ...]] = set()
        super().__init__(language)

    def gettext(self, message):
        self.texts.add((message,))
        return super().gettext(message)

    def ngettext(self, msgid1, msgid2, n):
        self.texts.add((msgid1, msgid2))
        return super().ngettext(msgid1, msgid2, n)


def data_of(consultation, language: str, document: str = "dossier") -> dict[str, Any]:
    with translation.override(language):
        chosen = Choices(language=language)
        gathered = gather(consultation, document=document, choices=chosen, number=2, at=CONCLUSION)
    return json.loads(canonical(gathered))


def write_all(data: dict[str, Any]) -> None:
    """Write everything that is written without WeasyPrint, and what is attached to the PDF."""
    html_of(data)
    snapshot_of(data)
    for format in (html, docx, xlsx):
        format.write(data, lambda share, text: None)


def quiet(share: float, text: str | None = None) -> None:
    pass


def correct_the_fund(scene) -> None:
    born = Consideration.objects.get(consultation=scene.johannesburg, outcome__reference="JHB11-KT-01")
    version = corrections.propose_correction(
        born, title="Pay into a fund", statement="Cities pay into a fund.", reason="A slip.",
        by=scene.rapporteur, at=CONCLUSION,
    )  # fmt: skip
    corrections.carry(corrections.sign_correction(version, by=scene.staff, at=CONCLUSION), at=CONCLUSION)


def test_every_text_that_is_looked_up_for_a_document_is_in_the_catalogues(scene, monkeypatch):
    correct_the_fund(scene)
    asked = Asked("ar")
    monkeypatch.setitem(trans_real._translations, "ar", asked)
    dossier = data_of(scene.hearing, "ar")
    first = {**copy.deepcopy(dossier), "outcomes": dossier["outcomes"][1:], "inputs": [], "corrections": []}
    first["outcomes"][0] |= {"title": "Another", "standing": "proposed", "evidence": [], "results": []}
    dossier["changes"] = changes_between({**first, "number": 1}, dossier)
    empty = plan(make_series("empty"), "HEAR12", kind="hearing")
    reports = [data_of(event, "ar", "report") for event in [scene.johannesburg, scene.toronto]]
    for data in [dossier, *reports, data_of(empty, "ar")]:
        write_all(data)
    # The names of months come with Django, as do the texts that it gives a context, which ours never have.
    with translation.override(None):
        months = {str(name) for table in (dates.MONTHS, dates.MONTHS_3) for name in table.values()}
    needed = {key for key in asked.texts if key[0] not in months and "\x04" not in key[0]}
    # What the scene reaches: far down in every format.
    assert {
        ("%(event)s has not decided yet.",),
        ("Addressed to: %(whom)s",),
        ("New outcomes: %(which)s.",),
        ("Where it comes from",),
        ("Schema of the frozen data",),
        ("The data that this document was made from",),
        ("%(count)s more input supports the picture; its author did not want it published.",
         "%(count)s more inputs support the picture; their authors did not want them published."),
    } <= needed  # fmt: skip
    assert len(needed) > 300
    assert needed - {key_of(entry) for entry in polib.pofile(str(catalogue_file("ar")))} == set()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["28 June 2011", "June 2011", "28 June 2011, 09:05"]),
        ("fr", ["28 juin 2011", "juin 2011", "28 juin 2011, 09:05"]),
        ("es", ["28 de junio de 2011", "junio de 2011", "28 de junio de 2011, 09:05"]),
        ("tr", ["28 Haziran 2011", "Haziran 2011", "28 Haziran 2011, 09:05"]),
        ("ar", ["28 يونيو 2011", "يونيو 2011", "28 يونيو 2011، 09:05"]),
    ],
)
def test_dates_are_written_as_in_the_language(language, told):
    with translation.override(language):
        assert [day("2011-06-28"), month("2011-06-28"), minute("2011-06-28T09:05:00+00:00")] == told


def test_a_capital_is_that_of_the_language():
    with translation.override("tr"):
        assert capital("iyi uygulama") == "İyi uygulama"
        assert capital("çekimser") == "Çekimser"
    with translation.override("fr"):
        assert capital("étaye l’UE") == "Étaye l’UE"
    assert capital("") == ""


def test_numbers_of_drawings_are_those_of_svg_in_every_language(scene):
    for language in TITLES:
        page = html_of(data_of(scene.hearing, language))
        drawn = re.findall(r' (?:x|y|d|width|height|viewBox)="([^"]*)"', page)
        assert len(drawn) > 50
        assert [value for value in drawn if "," in value] == []


@pytest.mark.parametrize("language", TITLES)
def test_the_pdf_is_in_the_language_and_keeps_the_standards(scene, language, tmp_path):
    data = data_of(scene.hearing, language)
    assert faults_of(data) == []
    file = tmp_path / "dossier.pdf"
    file.write_bytes(render_pdf(html_of(data), attached=snapshot_of(data)).content)
    told = " ".join(DIRECTION.sub("", text_of(file)).replace("\u00a0", " ").split())
    for title in TITLES[language]:
        assert title in told
    assert "Every city pays into one fund." in told
    assert "How to read this" not in told
    assert_keeps_both_standards(file)


def test_an_edition_is_made_in_the_language_that_was_chosen(scene, clock):
    chosen, now = Choices(language="fr", annexes=("glossary",)), timezone.now()
    job = editions.ask_for_edition(scene.toronto, document="report", choices=chosen, by=scene.organiser, at=now)
    make_edition(pk=job.pk)
    job = EditionJob.objects.get()
    assert (job.state, job.error) == ("done", "")
    edition = Edition.objects.get()
    assert edition.language == "fr"
    data = json.loads(edition.snapshot)
    assert {row["kind_label"] for row in data["outcomes"]} >= {"bonne pratique", "recommandation"}
    assert set(edition.places.values_list("chapter", flat=True)) >= {"Knowledge transfer"}


def test_what_was_written_in_another_language_says_so(scene):
    page = html.render_page(data_of(scene.hearing, "ar"))
    assert '<html lang="ar" dir="rtl">' in page
    for piece in [
        '<h1><span lang="en" dir="ltr">Cities and business</span></h1>',
        '4 <span lang="en" dir="ltr">Knowledge transfer</span>',
        '<span lang="en" dir="ltr">Pay into one training fund</span></h4>',
        '<div class="words" lang="en" dir="ltr"><p>Every city pays into one fund.</p></div>',
        '<li><span lang="en" dir="ltr">What works in knowledge transfer?</span></li>',
    ]:
        assert piece in page
    assert ' dir="ltr"' not in html.render_page(data_of(scene.hearing, "en")).replace('direction="ltr"', "").replace(
        'lang="en" dir="ltr">', ""
    )


@pytest.mark.parametrize(("language", "is_told"), [("en", False), ("fr", True), ("ar", True)])
def test_a_document_in_another_language_says_that_texts_stay_as_they_were_written(scene, language, is_told):
    data = data_of(scene.hearing, language)
    with translation.override(language):
        sections = {section.id for section in compose(data)[0].sections}
    assert ("languages" in sections) is is_told
    if language == "en":
        data["inputs"][0]["language"] = "tr"
        assert "languages" in {section.id for section in compose(data)[0].sections}


def test_the_snapshot_tells_the_languages_of_its_texts(scene):
    data = data_of(scene.hearing, "fr")
    assert (data["language"], data["series"]["language"]) == ("fr", "en")
    assert {row["language"] for row in data["outcomes"]} == {"en"}
    assert {text["language"] for row in data["outcomes"] for text in row["versions"]} == {"en"}


def test_the_word_document_is_read_from_right_to_left(scene, tmp_path):
    content = docx.write(data_of(scene.hearing, "ar"), quiet).content
    document = WordDocument(io.BytesIO(content))
    assert document.sections[0]._sectPr.find(qn("w:bidi")) is not None
    normal = document.styles["Normal"].element
    assert normal.pPr.find(qn("w:bidi")) is not None and normal.rPr.find(qn("w:rtl")) is not None
    assert document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}").get(qn("w:bidi")) == "ar"
    assert document.core_properties.language == "ar"
    assert len(document.tables) > 8
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in document.tables)
    (statement,) = [row for row in document.paragraphs if row.text == "4.1\tEvery city pays into one fund."]
    assert statement._p.pPr.find(qn("w:bidi")).get(qn("w:val")) == "0"
    assert {run.get(qn("w:val")) for run in statement._p.iter(qn("w:rtl"))} == {"0"}
    assert {lang.get(qn("w:val")) for lang in statement._p.iter(qn("w:lang"))} == {"en"}
    size = document.styles["Heading 1"].element.rPr
    assert size.find(qn("w:szCs")).get(qn("w:val")) == size.find(qn("w:sz")).get(qn("w:val")) == "44"

    file = tmp_path / "dossier.docx"
    file.write_bytes(content)
    body = opened(file, to="odt", folder=tmp_path)
    headings = {words_of(row) for row in body.iter(f"{{{NAMES['text']}}}h")}
    assert {"1 كيفية قراءة هذه الوثيقة", "الممارسات الجيدة"} <= headings
    style = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
    modes = [row.get(f"{{{style}}}writing-mode") for row in body.iter(f"{{{style}}}table-properties")]
    assert modes and set(modes) == {"rl-tb"}
    assert attribute(next(body.iter(f"{{{NAMES['text']}}}h")), "text:outline-level") == "1"


def test_words_of_another_direction_are_turned_in_a_word_document(scene):
    data = data_of(scene.hearing, "en")
    data["inputs"][0].update(language="ar", text="نحتاج إلى صندوق.")
    document = WordDocument(io.BytesIO(docx.write(data, quiet).content))
    assert document.sections[0]._sectPr.find(qn("w:bidi")) is None
    (said,) = [row for row in document.paragraphs if row.text == "نحتاج إلى صندوق."]
    assert said._p.pPr.find(qn("w:bidi")).get(qn("w:val")) == "1"
    assert {lang.get(qn("w:bidi")) for lang in said._p.iter(qn("w:lang"))} == {"ar"}


@pytest.mark.parametrize("language", ["en", *TITLES])
def test_the_sheets_are_in_the_language_and_begin_on_its_side(scene, language):
    workbook = load_workbook(io.BytesIO(xlsx.write(data_of(scene.hearing, language), quiet).content))
    assert len(set(workbook.sheetnames)) == 11
    assert {bool(sheet.sheet_view.rightToLeft) for sheet in workbook} == {language == "ar"}
    second = {"en": "Outcomes", "fr": "Résultats", "es": "Resultados", "tr": "Sonuçlar", "ar": "النتائج"}
    assert workbook.sheetnames[1] == second[language]


def test_a_command_writes_a_document_in_a_language(scene, tmp_path, capsys):
    file = tmp_path / "rapport.html"
    call_command("make_report", "TOR", "--language", "fr", "--output", str(file))
    assert "Comment lire ce document" in file.read_text()
    with pytest.raises(CommandError, match="invalid choice: 'de'"):
        call_command("make_dossier", "thp", "--language", "de", "--output", str(file))
