from celery import shared_task
from django.utils import timezone

from jobs.running import perform
from outcomes import rollforward
from outcomes.models import RollForward


@shared_task
def roll_forward(*, pk: int) -> None:
    def work(run: RollForward) -> None:
        rollforward.roll_forward(run.consultation, at=timezone.now(), run=run)

    perform(RollForward, pk=pk, work=work)


@shared_task
def roll_waiting() -> None:
    rollforward.roll_waiting(at=timezone.now())
