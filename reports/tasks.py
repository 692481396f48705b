from celery import shared_task

from jobs.running import perform
from reports import editions
from reports.models import EditionJob


@shared_task
def make_edition(*, pk: int) -> None:
    perform(EditionJob, pk=pk, work=editions.make_edition)
