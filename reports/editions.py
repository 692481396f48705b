"""Making and publishing editions of dossiers and event reports."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from consultations.attribution import lines_allowed
from consultations.lifecycle import lock
from consultations.models import Consultation, Input, Participation
from jobs import running
from jobs.models import JobState
from jobs.running import LeaseLost, report_progress
from reports.checks import faults_before_publishing
from reports.choices import Arrangement, Choices
from reports.faces import require_printable
from reports.formats import WRITERS
from reports.formats.written import Written
from reports.models import Document, Edition, EditionFile, EditionJob, Place, file_path
from reports.notices import tell_ready
from reports.pages.making import room_on_disk
from reports.places import keep_places, read_places
from reports.rendering import require_pango
from reports.schema import require_valid
from reports.snapshot import DEFAULT, canonical, gather, sha256
from stakeholders.models import Person
from stakeholders.refusals import Refused


def ask_for_edition(
    consultation: Consultation,
    *,
    document: str = Document.DOSSIER,
    choices: Choices = DEFAULT,
    by: Person,
    at: datetime,
) -> EditionJob:
    """Ask for a new edition of a hearing's dossier or a consultation's report; a worker makes it.

    While one is being made, that one is given. Raises Refused for the dossier of a consultation that is not a hearing,
    for the report of one that is not concluded, and for chapters by themes where there are none.
    """
    _require_fitting(consultation, document, choices)
    with transaction.atomic():
        lock(consultation)
        unfinished = consultation.edition_jobs.filter(document=document, state__in=JobState.unfinished())
        job = unfinished.first()
        if job is None:
            job = EditionJob.objects.create(
                consultation=consultation,
                document=document,
                choices=choices.as_data(),
                asked_by=by,
                queued_at=at,
                due_at=at,
            )
            job.ring()
    return job


def make_edition(job: EditionJob) -> None:
    """Freeze the data, write the files, and keep the edition with all its files in one transaction.

    So there is never half an edition: a worker that is killed on the way leaves nothing but perhaps a file that the
    next one writes over. Raises JobFailed where PDFs cannot be made, where the data do not fit the published schema or
    a text cannot be printed, before anything is rendered, and LeaseLost when another worker took over.
    """
    if job.edition_id:
        return
    consultation, choices, at = job.consultation, Choices.of(job.choices), timezone.now()
    report_progress(job, percent=5, text=_("Looking whether a PDF can be made"))
    require_pango()
    report_progress(job, percent=10, text=_("Freezing what is known now"))
    number = _next_number(consultation, job.document)
    with translation.override(choices.language):
        snapshot = canonical(gather(consultation, document=job.document, choices=choices, number=number, at=at))
        data = json.loads(snapshot)
        require_valid(data)
        require_printable(data)
    written = _write_all(data, job)
    report_progress(job, percent=95, text=_("Reading back on which page everything stands"))
    places = read_places(data, written[EditionFile.Format.PDF].content)
    report_progress(job, percent=98, text=_("Keeping the edition"))
    edition = Edition(
        consultation=consultation,
        document=job.document,
        number=number,
        language=choices.language,
        snapshot=snapshot,
        sha256=sha256(snapshot),
        frozen_at=at,
        frozen_by=job.asked_by,
    )
    with room_on_disk(Path(default_storage.path(""))):
        _keep(edition, written, places, job=job)


def _keep(edition: Edition, written: dict[str, Written], places: list[Place], *, job: EditionJob) -> None:
    """Keep an edition with all its files in one transaction. Where that breaks off there are no files of it either."""
    begun: list[str] = []
    try:
        with transaction.atomic():
            edition.save()
            own = EditionJob.objects.filter(pk=job.pk, lease=job.lease, edition__isnull=True)
            if not own.update(edition=edition):
                raise LeaseLost
            keep_places(edition, places)
            for format, file in written.items():
                row = EditionFile(
                    edition=edition,
                    format=format,
                    sha256=hashlib.sha256(file.content).hexdigest(),
                    size=len(file.content),
                    pages=file.pages,
                )
                name = file_name(edition, format)
                begun.append(file_path(row, name))
                # What a killed worker may have left; the storage would give our file another name otherwise.
                default_storage.delete(begun[-1])
                row.file.save(name, ContentFile(file.content), save=False)
                row.save()
            tell_ready(job, edition)
    except BaseException:
        for name in begun:
            default_storage.delete(name)
        raise


def cancel(job: EditionJob, *, at: datetime) -> None:
    """Cancel an edition in the making; nothing of it is kept. Raises Refused where it has ended already."""
    with transaction.atomic():
        # Who keeps the edition holds the row meanwhile: then it is too late.
        held = EditionJob.objects.select_for_update().filter(pk=job.pk, edition=None).first()
        if held is None or not running.cancel(job, at=at):
            raise Refused(_("It has ended already, so it cannot be cancelled any more."))


def _write_all(data: dict[str, Any], job: EditionJob) -> dict[str, Written]:
    """Write every format, telling the job's watchers how far it is: from 15 to 95 percent."""
    written = {}
    for place, (format, write) in enumerate(WRITERS.items()):

        def progress(share: float, text: str, *, place: int = place) -> None:
            report_progress(job, percent=15 + round(80 * (place + share) / len(WRITERS)), text=text)

        written[format] = write(data, progress)
    return written


def publish(edition: Edition, *, by: Person, at: datetime) -> None:
    """Make an edition public for good.

    Raises Refused for a working draft, when its check finds a fault, when it is public already, while the hearing
    itself is not announced, when it names somebody who does not agree to be named any more, and when it quotes an input
    under a line that tells more than its author allows now.
    """
    if edition.is_working_draft:
        raise Refused(
            _("It is a working draft and says so on every page. Make an edition that is not one, and publish that.")
        )
    if edition.consultation.announced_at is None:
        raise Refused(_("The hearing is not announced yet: its dossier would tell of it. Announce it first."))
    if gone := names_no_longer_listed(edition):
        raise Refused(
            _("It names people who do not agree to that any more: %(names)s. Make a new edition.")
            % {"names": ", ".join(gone)}
        )
    if otherwise := quoted_otherwise(edition):
        raise Refused(
            _("It quotes these inputs in another way than their authors allow now: %(which)s. Make a new edition.")
            % {"which": ", ".join(otherwise)}
        )
    if faults := faults_before_publishing(edition):
        raise Refused("\n".join([_("It cannot be published like this. Mend it and make a new edition."), *faults]))
    unpublished = Edition.objects.filter(pk=edition.pk, published_at__isnull=True)
    if not unpublished.update(published_at=at, published_by=by):
        raise Refused(_("This edition is published already."))
    edition.refresh_from_db()


def names_no_longer_listed(edition: Edition) -> list[str]:
    """Give the names in the lists of participants of an edition whose owners would not be listed today."""
    data = json.loads(edition.snapshot)
    told = {(event["code"], row["name"]) for event in data.get("events", []) for row in event["participants"]}
    listed = Participation.objects.listed().filter(consultation__code__in={code for code, _name in told})
    return sorted(name for _code, name in told - set(listed.values_list("consultation__code", "person__name")))


def quoted_otherwise(edition: Edition) -> list[str]:
    """Give the references of inputs that an edition prints under a line that their authors do not allow any more."""
    data = json.loads(edition.snapshot)
    told = {(row["reference"], row["source"]) for row in data.get("inputs", [])}
    for outcome in data.get("outcomes", []):
        told |= {(row["input"], row["source"]) for row in outcome["evidence"] + outcome["inherited"]}
    series = edition.consultation.series_id
    rows = Input.objects.submitted().filter(consultation__series=series).with_author().select_related("consultation")
    allowed = {row.reference: lines_allowed(row) for row in rows}
    return sorted({reference for reference, line in told if line not in allowed.get(reference, set())})


def editions_quoting(input: Input) -> QuerySet[Edition]:
    """Give the published editions that tell of an input. Needs it loaded with its consultation."""
    published = Edition.objects.published().filter(consultation__series=input.consultation.series_id)
    return published.filter(snapshot__contains=f'"{input.reference}"').order_by("pk")


def render(
    consultation: Consultation,
    *,
    document: str,
    format: str = EditionFile.Format.PDF,
    choices: Choices = DEFAULT,
    at: datetime,
) -> Written:
    """Write a dossier or a report as it would be now, without making an edition of it; numbered as the next one.

    Raises Refused as `ask_for_edition`, and JobFailed where PDFs cannot be made, the data do not fit the schema or a
    text cannot be printed.
    """
    _require_fitting(consultation, document, choices)
    number = _next_number(consultation, document)
    with translation.override(choices.language):
        data = gather(consultation, document=document, choices=choices, number=number, at=at)
        plain = json.loads(canonical(data))
        require_valid(plain)
        require_printable(plain)
    return WRITERS[format](plain, lambda share, text: None)


def file_name(edition: Edition, format: str) -> str:
    """The name under which people get a file: `thp-dossier-3.pdf`, or `JHB11-report-1.docx`."""
    of = edition.consultation.series.slug if edition.document == Document.DOSSIER else edition.consultation.code
    return f"{of}-{edition.document}-{edition.number}.{format}"


def _next_number(consultation: Consultation, document: str) -> int:
    last = consultation.editions.filter(document=document).aggregate(Max("number"))["number__max"]
    return (last or 0) + 1


def _require_fitting(consultation: Consultation, document: str, choices: Choices) -> None:
    if document == Document.DOSSIER and not consultation.is_hearing:
        raise Refused(
            _("%(code)s is not a hearing. A dossier is made for the hearing of a series.") % {"code": consultation.code}
        )
    if document == Document.REPORT and consultation.concluded_at is None:
        raise Refused(
            _("%(title)s is not concluded yet. Its report tells what it concluded, so conclude it first.")
            % {"title": consultation.title}
        )
    if choices.arrangement == Arrangement.THEMES and document == Document.REPORT:
        raise Refused(_("The report of a consultation goes by the areas that it worked on. Choose those."))
    if choices.arrangement == Arrangement.THEMES and not consultation.themes.exists():
        raise Refused(
            _("%(title)s has no themes of its own. Plan them in the admin, or choose a chapter for each area.")
            % {"title": consultation.title}
        )
