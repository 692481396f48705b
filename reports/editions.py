"""Making and publishing editions of a hearing's dossier."""

import hashlib
import json
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from consultations.attribution import lines_allowed
from consultations.lifecycle import lock
from consultations.models import Consultation, Input, Participation
from jobs.models import JobState
from jobs.running import LeaseLost, report_progress
from reports.models import Edition, EditionFile, EditionJob, file_path
from reports.rendering import Pdf, render_html, render_pdf, require_pango
from reports.snapshot import canonical, gather, sha256
from stakeholders.models import Person
from stakeholders.refusals import Refused


def ask_for_edition(hearing: Consultation, *, language: str = "en", by: Person, at: datetime) -> EditionJob:
    """Ask for a new edition of the hearing's dossier; a worker makes it. While one is being made, that one is given.

    Raises Refused for a consultation that is not a hearing.
    """
    _require_hearing(hearing)
    with transaction.atomic():
        lock(hearing)
        job = hearing.edition_jobs.filter(state__in=JobState.unfinished()).first()
        if job is None:
            job = EditionJob.objects.create(
                consultation=hearing, language=language, asked_by=by, queued_at=at, due_at=at
            )
            job.ring()
    return job


def make_edition(job: EditionJob) -> None:
    """Freeze the data, render the files, and write the edition with all its files in one transaction.

    So there is never half an edition: a worker that is killed on the way leaves nothing but perhaps a file that the
    next one writes over. Raises JobFailed where PDFs cannot be made, and LeaseLost when another worker took over.
    """
    if job.edition_id:
        return
    hearing = job.consultation
    report_progress(job, percent=5, text=_("Looking whether a PDF can be made"))
    require_pango()
    at = timezone.now()
    report_progress(job, percent=10, text=_("Freezing what is known now"))
    number = (hearing.editions.aggregate(Max("number"))["number__max"] or 0) + 1
    with translation.override(job.language):
        snapshot = canonical(gather(hearing, language=job.language, number=number, at=at))
    report_progress(job, percent=30, text=_("Writing the chapters"))
    html = render_html(json.loads(snapshot))
    report_progress(job, percent=45, text=_("Laying out the pages"))
    pdf = render_pdf(html)
    report_progress(job, percent=95, text=_("Keeping the edition"))
    with transaction.atomic():
        edition = Edition.objects.create(
            consultation=hearing,
            number=number,
            language=job.language,
            snapshot=snapshot,
            sha256=sha256(snapshot),
            frozen_at=at,
            frozen_by=job.asked_by,
        )
        _keep_file(edition, pdf)
        own = EditionJob.objects.filter(pk=job.pk, lease=job.lease, edition__isnull=True)
        if not own.update(edition=edition):
            raise LeaseLost


def publish(edition: Edition, *, by: Person, at: datetime) -> None:
    """Make an edition public for good.

    Raises Refused when it is public already, while the hearing itself is not announced, when it names somebody who does
    not agree to be named any more, and when it quotes an input under a line that tells more than its author allows now.
    """
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


def render_dossier(hearing: Consultation, *, language: str, at: datetime) -> Pdf:
    """Render the dossier as it would be now, without making an edition of it; numbered as the next one.

    Raises Refused for a consultation that is not a hearing, and JobFailed where PDFs cannot be made.
    """
    _require_hearing(hearing)
    number = (hearing.editions.aggregate(Max("number"))["number__max"] or 0) + 1
    with translation.override(language):
        data = gather(hearing, language=language, number=number, at=at)
    return render_pdf(render_html(json.loads(canonical(data))))


def _require_hearing(consultation: Consultation) -> None:
    if not consultation.is_hearing:
        raise Refused(
            _("%(code)s is not a hearing. A dossier is made for the hearing of a series.") % {"code": consultation.code}
        )


def _keep_file(edition: Edition, pdf: Pdf) -> None:
    row = EditionFile(
        edition=edition,
        format=EditionFile.Format.PDF,
        sha256=hashlib.sha256(pdf.content).hexdigest(),
        size=len(pdf.content),
        pages=pdf.pages,
    )
    name = f"{edition.consultation.series.slug}-dossier-{edition.number}.pdf"
    # What a killed worker may have left; the storage would give our file another name otherwise.
    row.file.storage.delete(file_path(row, name))
    row.file.save(name, ContentFile(pdf.content), save=False)
    row.save()
