from celery import shared_task
from django.utils import timezone

from jobs.running import perform
from reports import drafts, editions, notices
from reports.models import EditionJob
from reports.pages.making import the_shelf


@shared_task
def make_edition(*, pk: int) -> None:
    perform(EditionJob, pk=pk, work=editions.make_edition)
    notices.tell_of_failures(at=timezone.now())


@shared_task
def tell_of_failures() -> None:
    notices.tell_of_failures(at=timezone.now())


@shared_task
def forget_drafts() -> None:
    drafts.forget_drafts(at=timezone.now())
    the_shelf().tidy(at=timezone.now())
