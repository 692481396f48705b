from celery import shared_task
from django.utils import timezone

from consultations import attachments, consents, letters, sheets
from consultations.models import Dispatch
from jobs.running import perform


@shared_task
def dispatch_letter(*, pk: int) -> None:
    perform(Dispatch, pk=pk, work=lambda run: letters.dispatch(run, at=timezone.now()))


@shared_task
def forget_needs() -> None:
    consents.forget_needs(at=timezone.now())


@shared_task
def forget_sheets() -> None:
    sheets.forget_old(at=timezone.now())


@shared_task
def remove_orphans() -> None:
    attachments.remove_orphans(at=timezone.now())
