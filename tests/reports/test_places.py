"""Where editions tell of what: read back from the PDF, and shown beside outcomes and inputs."""

import json
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone

from reports import editions
from reports.chapters import compose
from reports.chapters.index import index_chapter
from reports.chapters.mentions import mentions_in
from reports.models import Edition, Place
from reports.places import pages_of_anchors, places_of, read_places
from reports.references import addresses_in, linked
from reports.rendering import render_pdf
from reports.snapshot import gather
from reports.tasks import make_edition
from stakeholders.kept import FrozenError
from tests.factories import CONCLUSION, bring_to, make_person, take_part
from tests.pages import text_of
from tests.reports.one_piece import html_of

pytestmark = pytest.mark.django_db
FUND, RETIRED, NAMED, ASIDE = "JHB11-KT-01", "JHB11-KT-03", "JHB11-I-001", "JHB11-I-004"


@pytest.fixture
def made(scene, clock) -> Edition:
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    bring_to(scene.hearing, "announced", by=scene.staff)
    return Edition.objects.get()


def words_on(edition: Edition, page: int) -> str:
    """The words of one page of an edition's PDF, as pdftotext reads them."""
    file = Path(edition.files.get(format="pdf").file.path)
    command = ["pdftotext", "-layout", "-f", str(page), "-l", str(page), file, "-"]
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    return " ".join(found.stdout.split())


def test_every_place_is_on_the_page_that_is_told(made):
    data = json.loads(made.snapshot)
    titles = {row["reference"]: row["title"] for row in [*data["outcomes"], *data["inputs"]]}
    quotes = {row["input"]: row["quote"] for outcome in data["outcomes"] for row in outcome["evidence"]}
    rows = list(Place.objects.all())
    assert {row.reference for row in rows} == set(titles)
    for row in rows:
        told = words_on(made, row.page)
        words = (
            quotes[row.reference] if "transfer" in row.chapter and row.reference in quotes else titles[row.reference]
        )
        assert words in told, (row.reference, row.page)
        assert told.endswith(f" {row.label}"), row.label
        if row.paragraph:
            assert re.search(rf"\b{row.paragraph}\b", told)


def test_places_name_chapter_and_paragraph(made):
    told = [(row.reference, row.chapter, row.paragraph == "") for row in Place.objects.order_by("pk")]
    assert [row for row in told if row[0] in {FUND, RETIRED, NAMED, ASIDE}] == [
        (FUND, "Knowledge transfer", False),
        (NAMED, "Knowledge transfer", False),
        (FUND, "For decision", False),
        (FUND, "For decision", False),
        (ASIDE, "What was said and not taken up, and why", False),
        (RETIRED, "What was said and not taken up, and why", False),
        (NAMED, "All inputs that may be published", False),
        (ASIDE, "All inputs that may be published", False),
    ]


def test_what_ended_without_a_paragraph_is_found_in_the_register(scene):
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    merged = next(row for row in data["outcomes"] if row["reference"] == RETIRED)
    merged["standing"] = "merged"
    (mention,) = [mention for mention in mentions_in(compose(data)) if mention.reference == RETIRED]
    assert (mention.chapter, mention.paragraph, mention.anchor) == (
        "Register of all outcomes", "", f"register-{RETIRED}",
    )  # fmt: skip


def test_the_index_lists_outcomes_and_inputs_with_all_their_places(scene):
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    index = index_chapter(data, compose(data))
    outcomes, inputs = (section.blocks[0].lines for section in index.sections)
    assert [line.reference for line in outcomes] == [FUND, "JHB11-KT-02", RETIRED]
    assert [line.reference for line in inputs] == [NAMED, "JHB11-I-002", ASIDE]
    html = html_of(data)
    anchors = set(re.findall(r' id="([^"]+)"', html))
    for line in [*outcomes, *inputs]:
        for mention in line.mentions:
            assert mention.anchor in anchors
            assert f'<a href="#{mention.anchor}">' in html


def test_every_destination_of_a_link_is_in_the_file_and_no_anchor_twice(scene):
    html = html_of(gather(scene.hearing, number=1, at=CONCLUSION))
    anchors = re.findall(r' id="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
    pages = pages_of_anchors(render_pdf(html).content)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= pages.keys()


def test_references_lead_to_the_site_where_it_shows_them(made, settings):
    with pikepdf.open(made.files.get(format="pdf").file.path) as pdf:
        links = {
            str(link.A.URI)
            for page in pdf.pages
            for link in page.get("/Annots", [])
            if "/A" in link and link.A.get("/S") == "/URI"
        }
    outcomes = {f"{settings.SITE_URL}/outcomes/{name}/" for name in [FUND, "JHB11-KT-02", RETIRED]}
    quotes = {f"{settings.SITE_URL}/outcomes/{FUND}/#{name}" for name in [NAMED, "JHB11-I-002"]}
    assert links == outcomes | quotes


def test_those_addresses_answer(made, client, settings):
    addresses = addresses_in(json.loads(made.snapshot))
    assert addresses.keys() == {FUND, "JHB11-KT-02", RETIRED, NAMED, "JHB11-I-002"}
    for address in addresses.values():
        path, _hash, anchor = address.removeprefix(settings.SITE_URL).partition("#")
        page = client.get(path).content.decode()
        assert not anchor or f'id="{anchor}"' in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A-KT-01 & A-KT-02.", '<a class="reference" href="/1">A-KT-01</a> &amp; A-KT-02.'),
        ("<b>A-KT-01</b>", '&lt;b&gt;<a class="reference" href="/1">A-KT-01</a>&lt;/b&gt;'),
        ("XA-KT-01 and A-KT-011", "XA-KT-01 and A-KT-011"),
        ("nothing", "nothing"),
    ],
)
def test_references_in_running_text_become_links(text, told):
    assert linked(text, {"A-KT-01": "/1"}) == told


def test_places_are_read_and_not_guessed(made):
    """From a file in which everything stands elsewhere, other pages are read."""
    content = Path(made.files.get(format="pdf").file.path).read_bytes()
    data = json.loads(made.snapshot)
    before = {(row.reference, row.paragraph): row.page for row in read_places(data, content)}
    with pikepdf.open(made.files.get(format="pdf").file.path) as pdf:
        pdf.add_blank_page()
        pdf.pages.insert(0, pdf.pages[-1])
        del pdf.pages[-1]
        moved = Path(made.files.get(format="pdf").file.path).with_name("moved.pdf")
        pdf.save(moved)
    after = {(row.reference, row.paragraph): row.page for row in read_places(data, moved.read_bytes())}
    assert after == {key: page + 1 for key, page in before.items()}
    assert read_places(data, render_pdf('<html lang="en"><title>T</title><p>No anchors.</p></html>').content) == []


def test_a_place_is_never_changed(made):
    row = Place.objects.first()
    for change in [row.save, lambda: Place.objects.update(page=1), row.delete, Place.objects.all().delete]:
        with pytest.raises(FrozenError):
            change()


def test_drafts_are_told_to_those_who_may_read_them_and_published_ones_to_everybody(made, scene, sign_in):
    outsider = take_part(scene.johannesburg, make_person("Outsider (sample)")).person
    place = Place.objects.filter(reference=FUND).order_by("page").first()
    words = f"paragraph {place.paragraph}, page {place.label}"
    link = f"/consultations/HEAR/dossier/1/edition.pdf?open=1#page={place.page}"
    page = f"/outcomes/{FUND}/"
    for person, sees in [(None, False), (outsider, False), (scene.organiser, True), (scene.staff, True)]:
        response = sign_in(person).get(page)
        assert (words in text_of(response)) is sees
        assert (link in response.content.decode()) is sees
    editions.publish(made, by=scene.staff, at=CONCLUSION)
    for person in [None, outsider, scene.organiser, scene.staff]:
        told = text_of(sign_in(person).get(page))
        assert "Edition 1 of the dossier (HEAR)" in told
        assert words in told
    opened = sign_in(None).get(link.partition("#")[0])
    assert opened["Content-Disposition"].startswith("inline")


def test_participants_read_where_their_input_is_printed(made, scene, sign_in):
    editions.publish(made, by=scene.staff, at=CONCLUSION)
    row = scene.inputs["named"]
    place = Place.objects.filter(reference=NAMED).order_by("page").first()
    words = f"paragraph {place.paragraph}, page {place.label} Knowledge transfer"
    client = sign_in(row.participation.person)
    for page in ["/consultations/JHB11/what-became/", row.get_absolute_url()]:
        assert words in text_of(client.get(page)), page
    hidden = scene.inputs["unpublished"]
    own = text_of(sign_in(hidden.participation.person).get(hidden.get_absolute_url()))
    assert "Where it is told in print" not in own


@pytest.mark.parametrize("number", [1, 12])
def test_the_places_of_many_are_one_query(made, scene, number, django_assert_num_queries):
    for place in range(2, number + 1):
        edition = Edition.objects.create(
            consultation=scene.hearing, number=place, language="en", snapshot="{}", sha256="0" * 64,
            frozen_at=CONCLUSION, frozen_by=scene.staff,
        )  # fmt: skip
        edition.places.create(reference=FUND, chapter="Knowledge transfer", paragraph=1, page=2, label="2")
    user = scene.staff.user
    with django_assert_num_queries(1):
        told = places_of([FUND, NAMED], user)
        assert {row.edition.consultation.code for row in told[FUND]} == {"HEAR"}
    assert (len(told[FUND]), len(told[NAMED])) == (number, 1)
