from celery import shared_task
from django.utils import timezone

from jobs.running import perform
from outcomes import corrections, notices, rollforward
from outcomes.models import Correction, RollForward


@shared_task
def roll_forward(*, pk: int) -> None:
    def work(run: RollForward) -> None:
        at = timezone.now()
        rollforward.roll_forward(run.consultation, at=at, run=run)
        notices.tell_concluded(run.consultation, at=at)

    perform(RollForward, pk=pk, work=work)


@shared_task
def correct(*, pk: int) -> None:
    def work(correction: Correction) -> None:
        corrections.carry(correction, at=timezone.now())

    perform(Correction, pk=pk, work=work)


@shared_task
def roll_waiting() -> None:
    rollforward.roll_waiting(at=timezone.now())
