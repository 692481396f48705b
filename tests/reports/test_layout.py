"""How the pages of a dossier are laid out: paper, colours, headings, tables, covers, and the mark of a draft."""

import json
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.utils import timezone

from reports import editions
from reports.choices import Choices
from reports.models import Edition
from reports.rendering import render_pdf
from reports.snapshot import canonical, gather, sha256
from reports.tasks import make_edition
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION
from tests.reports.one_piece import html_of
from tests.reports.pdfs import assert_keeps_both_standards, text_of

pytestmark = pytest.mark.django_db
CSS = Path(settings.BASE_DIR, "static/css/dossier.css")


def data_of(scene, **choices: Any) -> dict[str, Any]:
    gathered = gather(scene.hearing, choices=Choices(**choices), number=1, at=timezone.now())
    return json.loads(canonical(gathered))


def write(data: dict[str, Any], path: Path) -> Path:
    path.write_bytes(render_pdf(html_of(data)).content)
    return path


def lines_of(pdf: Path) -> list[list[str]]:
    """The lines of each page, without running heads and feet."""
    told = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True, text=True).stdout
    pages = [[line.strip() for line in page.splitlines() if line.strip()] for page in told.split("\f")]
    return [page[1:-1] for page in pages]


def lightness(colour: str) -> float:
    """L* of CIELAB, 0 black to 100 white."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 116 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) ** (1 / 3) - 16


@pytest.mark.parametrize("paper, size", [("a4", (595, 842)), ("letter", (612, 792))])
def test_the_paper_is_the_one_that_was_chosen(scene, tmp_path, paper, size):
    path = write(data_of(scene, paper=paper), tmp_path / "x.pdf")
    with pikepdf.open(path) as pdf:
        assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in pdf.pages} == {size}
    pages = lines_of(path)
    # The covers are one page each: the contents follow the one, and nothing the other.
    assert "Contents" in pages[1][0]
    assert "Cities and business: dossier, edition 1" in text_of(path)[text_of(path).index("About this edition") :]
    assert pages[-1] == []


def test_the_colours_of_the_areas_are_apart_in_grey_and_dark_enough_to_be_read():
    sheet = CSS.read_text()
    colours = [re.search(rf"\.area-{place} > h2 {{ color: (#\w+)", sheet)[1] for place in range(1, 5)]
    assert all(f"background: {colour}" in sheet for colour in colours)
    tones = sorted(lightness(colour) for colour in colours)
    assert all(later - earlier >= 7 for earlier, later in pairwise(tones))
    # 4.5 to 1 on white.
    assert tones[-1] < 49.5


def test_no_heading_stands_alone_at_the_foot_and_tables_repeat_their_heads(scene, tmp_path):
    data = data_of(scene)
    outcome = next(row for row in data["outcomes"] if row["is_live"])
    sentence = "Cities and businesses pay into one training fund that newcomers can use. "
    for place in range(10, 70):
        told = {"reference": f"JHB11-KT-{place}", "title": f"Heading {place}", "statement": sentence * (place % 7 + 1)}
        data["outcomes"].append({**outcome, **told})
    path = write(data, tmp_path / "long.pdf")
    pages = lines_of(path)
    headings = re.compile(
        r"JHB11-KT-\d\d Heading \d\d$|Recommendation, addressed|Its way$|Agreement$|What it rests on$"
    )
    feet = [page[-1] for page in pages if page]
    assert len(feet) > 30
    assert [foot for foot in feet if headings.match(foot)] == []
    register = [page for page in pages if any(re.match(r"JHB11-KT-\d\d {2,}Heading", line) for line in page)]
    assert len(register) > 1
    for page in register:
        assert any(re.match(r"Reference +Title +Kind +Stands as", line) for line in page)


def test_the_running_head_names_the_series_the_area_and_the_part(scene, tmp_path):
    told = text_of(write(data_of(scene), tmp_path / "x.pdf"))
    assert "Cities and business Knowledge transfer · Guiding questions" in told
    assert "Cities and business The series as planned and as held ·" in told


def test_a_working_draft_says_so_on_its_cover_and_every_page(scene, tmp_path):
    path = write(data_of(scene, is_draft=True), tmp_path / "draft.pdf")
    told = text_of(path)
    with pikepdf.open(path) as pdf:
        assert told.count("Working draft, not published") == len(pdf.pages) - 2
    assert "Working draft Dossier. Global Hearing" in told
    assert "It is a working draft: it is not published" in told
    assert_keeps_both_standards(path)
    assert "draft" not in text_of(write(data_of(scene), tmp_path / "other.pdf")).lower()


def test_a_working_draft_is_never_published(scene, clock):
    chosen = Choices(is_draft=True)
    job = editions.ask_for_edition(scene.hearing, choices=chosen, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    edition = Edition.objects.get()
    with pytest.raises(Refused, match="It is a working draft and says so on every page"):
        editions.publish(edition, by=scene.staff, at=CONCLUSION)
    edition.refresh_from_db()
    assert edition.published_at is None


def test_the_imprint_tells_which_data_it_was_made_from_and_where_editions_are_listed(scene, tmp_path):
    data = data_of(scene)
    told = text_of(write(data, tmp_path / "x.pdf"))
    hash = sha256(canonical(data))
    assert f"SHA-256 begins with {hash[:4]} {hash[4:8]} {hash[8:12]} {hash[12:16]}." in told
    assert f"are listed at {data['site']}/series/thp/editions/." in told.replace("edi- tions", "editions")
    assert "Cities and business: dossier, edition 1" in told


def test_a_document_that_is_read_from_right_to_left_is_mirrored(scene, tmp_path):
    data = data_of(scene)
    assert "paper-rtl.css" not in html_of(data)
    html = html_of({**data, "language": "ar"})
    assert '<html lang="ar" dir="rtl">' in html
    assert '<link rel="stylesheet" href="static:css/paper-rtl.css">' in html
    # The first sign of the time line is on the right.
    first = re.search(r'id="picture-time-title".*?<circle cx="([\d.]+)"', html, re.DOTALL)[1]
    assert float(first) > 230
    assert_keeps_both_standards(write({**data, "language": "ar"}, tmp_path / "mirrored.pdf"))
