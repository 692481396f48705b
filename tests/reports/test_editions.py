import hashlib
import io
import json
import re
import shutil
from pathlib import Path

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from weasyprint import HTML

from consultations import inputs
from consultations.models import Attribution, Input, Participation
from jobs import running
from reports import editions
from reports.choices import Choices
from reports.formats import WRITERS
from reports.models import Edition, EditionFile, EditionJob
from reports.rendering import render_pdf
from reports.snapshot import canonical, gather, sha256
from reports.tasks import make_edition
from stakeholders.refusals import Refused
from tests import pages
from tests.factories import CONCLUSION, bring_to, make_series, plan
from tests.reports.conftest import SECRETS
from tests.reports.pdfs import assert_keeps_both_standards, faults_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(scene, clock) -> Edition:
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job.edition


def pdf_of(edition: Edition) -> Path:
    return Path(edition.files.get(format="pdf").file.path)


def test_an_edition_freezes_data_and_file(scene, made):
    assert (made.number, made.frozen_by, made.published_at) == (1, scene.organiser, None)
    assert made.sha256 == sha256(made.snapshot)
    assert json.loads(made.snapshot)["hearing"] == "HEAR"
    file = made.files.get(format="pdf")
    content = pdf_of(made).read_bytes()
    assert (file.sha256, file.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert pdf_of(made).name == "thp-dossier-1.pdf"


def test_the_pdf_tells_the_facts(made):
    told = text_of(pdf_of(made))
    for fact in [
        "Dossier. Global Hearing",
        "Edition 1. What was known on",
        "How do cities and business work together?",
        "JHB11-KT-01 Pay into one training fund",
        "Every city pays into one fund.",
        "“one fund for training”",
        "Ada Named (sample), City of Utrecht",
        "Please mend the road.",
        "Not taken up: It is about another series.",
        "1 more input supports the picture; its author did not want it published.",
        "JHB11-KT-03 proposed retired –",
    ]:
        assert fact in told, fact


def test_the_lineage_is_drawn_with_its_references_and_said_to_those_who_cannot_see_it(made):
    told = text_of(pdf_of(made))
    # At both ends of its thread.
    assert "JHB11-KT-03 JHB11-KT-03" in told
    assert "JHB11 TOR Johannesburg Toronto Outcome Jun 2011 Jun 2011" in told
    with pikepdf.open(pdf_of(made)) as pdf:
        alternatives = {
            str(item.Alt) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        }
    assert "Knowledge transfer: what each consultation made of each outcome" in alternatives


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_in_the_file(made, secret):
    assert secret not in text_of(pdf_of(made))
    with pikepdf.open(pdf_of(made)) as pdf:
        assert secret not in str(pdf.docinfo)
        assert secret.encode() not in pdf.Root.Metadata.read_bytes()


def test_the_pdf_can_be_read_by_everybody_and_for_good(made):
    with pikepdf.open(pdf_of(made)) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.MarkInfo.Marked
        assert re.search(rb"pdfuaid:part\W+1\b", pdf.Root.Metadata.read_bytes())
        outline = [str(item.title) for item in pdf.open_outline().root]
        assert re.search(rb"pdfaid:part\W+3\b.+pdfaid:conformance\W+A\b", pdf.Root.Metadata.read_bytes())
    assert outline[:4] == ["Contents", "1 How to read this", "2 Summary", "3 The series as planned and as held"]
    assert_keeps_both_standards(pdf_of(made))


def test_the_pdf_brings_its_snapshot(made):
    with pikepdf.open(pdf_of(made)) as pdf:
        assert list(pdf.attachments) == ["snapshot.json"]
        attached = pdf.attachments["snapshot.json"]
        assert attached.get_file().read_bytes() == made.snapshot.encode()
        assert attached.get_file().mime_type == "application/json"
        assert attached.get_file().mod_date == made.frozen_at.replace(microsecond=0)
        assert [item.AFRelationship for item in pdf.Root.AF] == ["/Source"]


def test_the_same_snapshot_gives_the_same_bytes(scene, made, settings):
    data = json.loads(made.snapshot)
    shutil.rmtree(settings.PAGES_DIR)
    again = WRITERS["pdf"](data, lambda share, text: None)
    assert again.content == pdf_of(made).read_bytes()


def test_the_task_runs_twice_and_makes_one_edition(scene, made):
    job = EditionJob.objects.get()
    make_edition(pk=job.pk)
    EditionJob.objects.update(state="queued", finished_at=None)
    make_edition(pk=job.pk)
    assert (Edition.objects.count(), EditionFile.objects.count()) == (1, len(WRITERS))


def test_while_one_is_being_made_it_is_the_one(scene, clock):
    jobs = [editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now()) for _ in range(2)]
    assert jobs[0] == jobs[1]
    assert EditionJob.objects.count() == 1


def test_a_worker_that_lost_its_lease_keeps_no_edition(scene, clock):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    held = running.take(EditionJob, pk=job.pk, at=timezone.now())
    EditionJob.objects.update(lease="another")
    with pytest.raises(running.LeaseLost):
        editions.make_edition(held)
    assert not Edition.objects.exists()


def test_what_a_killed_worker_left_is_written_over(scene, clock):
    left = EditionFile._meta.get_field("file").storage
    left.save("editions/HEAR/dossier/1/thp-dossier-1.pdf", io.BytesIO(b"half"))
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    file = EditionFile.objects.get(format="pdf")
    assert file.file.name == "editions/HEAR/dossier/1/thp-dossier-1.pdf"
    assert Path(file.file.path).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("room", [100, 100_000, 400_000])
def test_a_disk_that_fills_while_an_edition_is_kept_leaves_nothing_of_it(scene, clock, settings, tmp_path, room):
    whole, options = settings.STORAGES, {"location": tmp_path, "base_url": None}
    small = {"BACKEND": "tests.reports.disks.SmallDisk", "OPTIONS": options | {"room": room}}
    settings.STORAGES = whole | {"default": small}
    choices = Choices(annexes=("glossary",))
    job = editions.ask_for_edition(scene.hearing, choices=choices, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error.startswith(f"There is no room left on the disk. Make room in {tmp_path}, then try again")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not Edition.objects.exists()
    settings.STORAGES = whole
    running.retry(job, at=timezone.now())
    make_edition(pk=job.pk)
    assert EditionFile.objects.count() == len(WRITERS)


def test_only_a_hearing_has_a_dossier(scene):
    with pytest.raises(Refused, match="TOR is not a hearing. A dossier is made for the hearing of a series"):
        editions.ask_for_edition(scene.toronto, by=scene.organiser, at=CONCLUSION)
    assert not EditionJob.objects.exists()


def test_an_edition_tells_of_no_hearing_that_is_not_announced(scene, made):
    with pytest.raises(Refused, match="The hearing is not announced yet"):
        editions.publish(made, by=scene.staff, at=CONCLUSION)
    assert Edition.objects.get().published_at is None


def test_an_edition_names_nobody_who_has_taken_that_back(scene, made):
    bring_to(scene.hearing, "announced", by=scene.staff)
    Participation.objects.filter(may_be_listed=True).update(may_be_listed=False)
    edition = Edition.objects.get()
    with pytest.raises(Refused, match="do not agree to that any more: Ada Named"):
        editions.publish(edition, by=scene.staff, at=CONCLUSION)
    assert Edition.objects.get().published_at is None


@pytest.mark.parametrize(
    ("now", "is_published"),
    [("named", True), ("organisation", False), ("type", False), ("unpublished", False)],
)
def test_an_edition_that_tells_more_than_an_author_allows_now_is_not_published(scene, made, now, is_published):
    bring_to(scene.hearing, "announced", by=scene.staff)
    edition = Edition.objects.get()
    assert "Ada Named (sample), City of Utrecht" in edition.snapshot
    row = Input.objects.get(attribution="named", state="submitted")
    inputs.set_attribution(row, attribution=Attribution(now), at=CONCLUSION)
    if is_published:
        editions.publish(edition, by=scene.staff, at=CONCLUSION)
    else:
        with pytest.raises(Refused, match=f"another way than their authors allow now: {row.reference}\\. Make a new"):
            editions.publish(edition, by=scene.staff, at=CONCLUSION)
    assert (Edition.objects.get().published_at is not None) is is_published


def test_who_allows_more_than_before_keeps_nobody_from_publishing(scene, made):
    bring_to(scene.hearing, "announced", by=scene.staff)
    for row in Input.objects.submitted().filter(attribution="type"):
        inputs.set_attribution(row, attribution=Attribution.NAMED, at=CONCLUSION)
    editions.publish(Edition.objects.get(), by=scene.staff, at=CONCLUSION)
    assert editions.quoted_otherwise(Edition.objects.get()) == []


def test_an_author_changes_it_on_the_page_and_reads_what_is_published_already(scene, made, sign_in):
    bring_to(scene.hearing, "announced", by=scene.staff)
    row = Input.objects.get(attribution="named", state="submitted")
    client = sign_in(row.participation.person)
    page = pages.text_of(client.get(row.get_absolute_url()))
    assert "Nothing that is published tells of it yet." in page
    editions.publish(Edition.objects.get(), by=scene.staff, at=CONCLUSION)
    page = pages.text_of(client.get(row.get_absolute_url()))
    assert "stay as they are; what you choose now holds for the next one: HEAR dossier 1" in page
    told = client.post(reverse("consultations:attribution", args=[row.pk]), {"attribution": "type"}, follow=True)
    assert "From now on it is quoted as you chose. What is published already stays." in pages.text_of(told)
    row.refresh_from_db()
    assert row.attribution == "type"
    assert [each.attribution for each in row.history.order_by("pk")][-2:] == ["named", "type"]
    assert "Ada Named" in Edition.objects.get().snapshot
    wrong = client.post(reverse("consultations:attribution", args=[row.pk]), {"attribution": "loud"}, follow=True)
    assert "Choose one of the ways that are shown." in pages.text_of(wrong)


def test_publishing_happens_once(scene, made):
    bring_to(scene.hearing, "announced", by=scene.staff)
    made = Edition.objects.get()
    editions.publish(made, by=scene.staff, at=CONCLUSION)
    assert Edition.objects.values_list("published_at", "published_by").get() == (CONCLUSION, scene.staff.pk)
    with pytest.raises(Refused, match="published already"):
        editions.publish(made, by=scene.organiser, at=CONCLUSION)
    assert Edition.objects.get().published_by == scene.staff


def test_an_empty_series_renders_and_says_so():
    hearing = plan(make_series(), "HEAR", kind="hearing")
    data = gather(hearing, number=1, at=CONCLUSION)
    pdf = WRITERS["pdf"](json.loads(canonical(data)), lambda share, text: None)
    assert pdf.pages > 10


def test_the_document_fetches_nothing_but_static_files(scene):
    html = '<html lang="en"><head><title>T</title></head><body><p>x<img alt="x" src="file:///etc/hostname"></p></body></html>'
    assert render_pdf(html).pages == 1


def test_make_dossier_writes_the_file(scene, tmp_path, capsys):
    output = tmp_path / "dossier.pdf"
    call_command("make_dossier", "thp", output=output)
    assert "Every city pays into one fund." in text_of(output)
    assert capsys.readouterr().out.startswith(f"{output}: ")
    assert not Edition.objects.exists()


def test_make_dossier_says_what_is_missing(db, tmp_path):
    with pytest.raises(CommandError, match="There is no hearing in the series nowhere"):
        call_command("make_dossier", "nowhere", output=tmp_path / "x.pdf")
    hearing = plan(make_series(), "HEAR", kind="hearing")
    plan(hearing.series, "HEAR2", kind="hearing")
    with pytest.raises(CommandError, match="Choose one with --hearing: HEAR, HEAR2"):
        call_command("make_dossier", "thp", output=tmp_path / "x.pdf")
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("make_dossier", "thp", hearing="HEAR", output=tmp_path / "none" / "x.pdf")


def test_the_validator_finds_a_document_that_keeps_no_standard(tmp_path):
    """A control: a picture without a text for those who do not see it, in a document without a language or title."""
    dot = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    control = tmp_path / "control.pdf"
    control.write_bytes(HTML(string=f'<p>Words<img src="{dot}"></p>').write_pdf())
    assert "ua1 7.1: " in faults_in(control, "ua1")
    assert "3a 6." in faults_in(control, "3a")
