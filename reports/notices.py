"""What those who asked for an edition are told by mail: that it is ready, or why it could not be made."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.models import JobState
from reports.models import Edition, EditionJob
from stakeholders.messages import in_language_of, post

TOLD_WITHIN = timedelta(days=2)
"""How long after a failure it is still worth telling."""


def tell_ready(job: EditionJob, edition: Edition) -> None:
    """Tell who asked for an edition that it is ready; once."""
    with in_language_of(job.asked_by):
        _tell(
            job,
            occasion="edition_ready",
            subject=_("Edition %(number)s is ready: %(title)s") % _facts(job, edition),
            paragraphs=[
                _("edition %(number)s of the %(document)s is ready. It is a draft until programme staff publish it.")
                % _facts(job, edition)
            ],
            link=edition.get_absolute_url(),
            label=_("Read it"),
            once=f"edition-{job.pk}-ready",
        )


def tell_of_failures(*, at: datetime) -> None:
    """Tell those who asked for editions that could not be made what there is to mend; once for each failure."""
    failed = EditionJob.objects.filter(state=JobState.FAILED, finished_at__gte=at - TOLD_WITHIN)
    for job in failed.select_related("asked_by", "consultation"):
        with in_language_of(job.asked_by):
            _tell(
                job,
                occasion="edition_failed",
                subject=_("The edition could not be made: %(title)s") % _facts(job),
                paragraphs=[
                    _("the %(document)s that you asked for could not be made.") % _facts(job),
                    job.error,
                    _("Nothing is lost: try again on the page below once it is mended."),
                ],
                link=reverse("reports:document", args=[job.consultation.code, job.document]),
                label=_("Look and try again"),
                # Another try is due at another moment.
                once=f"edition-{job.pk}-failed-{job.due_at:%Y%m%d%H%M%S%f}",
            )


def _facts(job: EditionJob, edition: Edition | None = None) -> dict[str, object]:
    return {
        "title": job.consultation.title,
        "document": job.get_document_display(),
        "number": edition.number if edition else "",
    }


def _tell(
    job: EditionJob, *, occasion: str, subject: str, paragraphs: list[str], link: str, label: str, once: str
) -> None:
    if not job.asked_by.email:
        return
    post(
        job.asked_by,
        occasion=occasion,
        subject=subject,
        template="reports/mail/edition",
        context={"paragraphs": paragraphs, "url": settings.SITE_URL + link, "link_label": label},
        once=once,
    )
