"""The report of one consultation: what it tells, when it can be made, and its page."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from outcomes import corrections
from reports import editions
from reports.chapters import compose
from reports.chapters.blocks import Entry, Listing
from reports.formats import WRITERS
from reports.models import Edition, EditionJob
from reports.snapshot import canonical, gather
from reports.tasks import make_edition
from stakeholders.refusals import Refused
from tests import pages
from tests.factories import CONCLUSION, bring_to, plan
from tests.reports.conftest import CHOSEN

pytestmark = pytest.mark.django_db


def report_of(consultation):
    return json.loads(canonical(gather(consultation, document="report", number=1, at=CONCLUSION)))


def by_reference(data):
    return {row["reference"]: row for row in data["outcomes"]}


def test_it_tells_that_consultation_and_no_other(scene):
    data = report_of(scene.johannesburg)
    assert [event["code"] for event in data["events"]] == ["JHB11"]
    assert data["events"][0]["feeds_into"] == "TOR"
    fund = by_reference(data)["JHB11-KT-01"]
    assert (fund["standing"], fund["statement"]) == (
        "proposed",
        "Cities and businesses pay into one training fund that newcomers can use from the first day.",
    )
    assert [(row["number"], row["event"]) for row in fund["versions"]] == [(1, "JHB11")]
    assert [row["event"] for row in fund["results"]] == ["JHB11"]
    assert {name: row["standing"] for name, row in by_reference(data).items()} == {
        "JHB11-KT-01": "proposed",
        "JHB11-KT-02": "proposed",
        "JHB11-KT-03": "proposed",
    }
    for later in ["Every city pays into one fund.", "Cities asked to be named.", "It burdens small firms.", "2010"]:
        assert later not in canonical(data)


def test_what_was_laid_before_it_is_told_with_what_it_made_of_it(scene):
    data = report_of(scene.toronto)
    found = by_reference(data)
    assert {name: (row["standing"], row["is_live"]) for name, row in found.items()} == {
        "JHB11-KT-01": ("refined", True),
        "JHB11-KT-02": ("contested", True),
        "JHB11-KT-03": ("retired", False),
    }
    fund = found["JHB11-KT-01"]
    assert [(row["number"], row["statement"][:12]) for row in fund["versions"]] == [
        (1, "Cities and b"),
        (2, "Every city p"),
    ]
    assert [step["event"] for step in fund["steps"]] == ["TOR"]
    assert (fund["results"], data["inputs"]) == ([], [])
    # What it rests on was said before, and stands under the lines that were allowed.
    assert [line["source"] for line in fund["evidence"]] == ["Ada Named (sample), City of Utrecht", "Business"]


def test_its_chapters_are_those_of_one_consultation(scene):
    chapters = {chapter.id: chapter for chapter in compose(report_of(scene.toronto))}
    assert list(chapters) == [
        "how-to-read", "summary", "consultation", "area-KT", "area-CP", "area-IN", "area-SC", "not-taken-up",
        "register", "events", "participants", "statistics", "inputs", "corrections", "glossary",
    ]  # fmt: skip
    in_brief, *_rest = chapters["summary"].sections
    assert in_brief.blocks[0].text == (
        "Toronto took place in Toronto, Canada (28 June 2011 – 29 June 2011) and was concluded on 20 July 2011."
    )
    (listing,) = [block for block in in_brief.blocks if isinstance(block, Listing)]
    assert listing.items == ["refined: 1", "contested: 1", "retired: 1"]
    entries = [
        block for section in chapters["area-KT"].sections for block in section.blocks if isinstance(block, Entry)
    ]
    assert [entry.outcome["reference"] for entry in entries] == ["JHB11-KT-01", "JHB11-KT-02"]
    assert entries[0].way == [
        "TOR, June 2011: refined. Cities asked to be named.",
        "The text that was laid before it: “Cities and businesses pay into one training fund that newcomers can use "
        "from the first day.”",
    ]
    ended = chapters["not-taken-up"].sections[1].blocks
    assert [block.text for block in ended] == ["JHB11-KT-03: Count everybody – retired. It was done in 2010."]


def test_a_correction_made_there_is_its_text_and_a_later_withdrawal_is_told(scene):
    here = {row.outcome.reference: row for row in scene.johannesburg.considerations.select_related("outcome")}
    proposed = corrections.propose_correction(
        here["JHB11-KT-01"], title="Pay into one fund", statement="All pay.", reason="A slip.", by=scene.rapporteur,
        at=CONCLUSION,
    )  # fmt: skip
    corrections.sign_correction(proposed, by=scene.staff, at=CONCLUSION)
    last = scene.toronto.considerations.get(outcome__reference="JHB11-KT-02")
    withdrawn = corrections.withdraw(last, reason="It was never said.", by=scene.staff, at=CONCLUSION)
    corrections.carry(withdrawn, at=CONCLUSION)
    found = by_reference(report_of(scene.johannesburg))
    assert (found["JHB11-KT-01"]["title"], found["JHB11-KT-01"]["statement"]) == ("Pay into one fund", "All pay.")
    assert (found["JHB11-KT-02"]["is_live"], found["JHB11-KT-02"]["withdrawal_reason"]) == (False, "It was never said.")


def test_it_is_refused_before_the_conclusion(scene, tmp_path):
    running = bring_to(plan(scene.hearing.series, "RUN", title="Running"), "in_synthesis", by=scene.staff)
    with pytest.raises(Refused, match="Running is not concluded yet. Its report tells what it concluded"):
        editions.ask_for_edition(running, document="report", by=scene.staff, at=CONCLUSION)
    with pytest.raises(CommandError, match="Running is not concluded yet"):
        call_command("make_report", "RUN", output=tmp_path / "x.pdf")
    assert not EditionJob.objects.exists()


def test_an_edition_of_it_is_made_in_all_formats_and_published(scene, clock, sign_in):
    page = "/consultations/JHB11/report/"
    assert "The report of this consultation" not in pages.text_of(sign_in(None).get("/consultations/JHB11/"))
    organiser = sign_in(scene.organiser)
    assert "The report of this consultation" in pages.text_of(organiser.get("/consultations/JHB11/"))
    assert organiser.post(page, CHOSEN).status_code == 302
    make_edition(pk=EditionJob.objects.get().pk)
    job = EditionJob.objects.get()
    assert (job.state, job.error) == ("done", "")
    edition = Edition.objects.get()
    assert (edition.document, edition.number, edition.consultation) == ("report", 1, scene.johannesburg)
    assert set(edition.files.values_list("format", flat=True)) == set(WRITERS)
    told = pages.text_of(organiser.get(page))
    assert "The report of the consultation" in told
    assert "Report of Johannesburg, edition 1" in told
    assert sign_in(None).get(f"{page}1/").status_code == 404
    editions.publish(edition, by=scene.staff, at=timezone.now())
    visitor = sign_in(None)
    assert "Edition 1 of the report" in pages.text_of(visitor.get(f"{page}1/"))
    assert "Edition 1 was published on" in pages.text_of(visitor.get("/consultations/JHB11/"))
    for format in WRITERS:
        response = visitor.get(f"{page}1/edition.{format}")
        assert response["Content-Disposition"] == f'attachment; filename="JHB11-report-1.{format}"'
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"


def test_before_the_conclusion_its_page_says_why_there_is_none(scene, sign_in):
    bring_to(plan(scene.hearing.series, "RUN", title="Running"), "announced", by=scene.staff)
    staff = sign_in(scene.staff)
    told = pages.text_of(staff.get("/consultations/RUN/report/"))
    assert "The consultation is not concluded yet." in told
    assert "Make a new edition" not in told
    told = pages.text_of(staff.post("/consultations/RUN/report/", CHOSEN, follow=True))
    assert "Running is not concluded yet." in told
    assert not EditionJob.objects.exists()


def test_make_report_writes_the_format_that_the_name_ends_in(scene, tmp_path, capsys):
    call_command("make_report", "TOR", output=tmp_path / "report.html")
    assert "Report of Toronto, edition 1" in (tmp_path / "report.html").read_text()
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'report.html'}: ")
    with pytest.raises(CommandError, match=r"says which format: \.pdf, \.html, \.docx, \.xlsx, \.json"):
        call_command("make_report", "TOR", output=tmp_path / "report.odt")
    with pytest.raises(CommandError, match="There is no consultation NONE"):
        call_command("make_report", "NONE", output=tmp_path / "report.pdf")
