from celery import shared_task
from django.utils import timezone

from jobs.running import perform
from outcomes import rollforward
from outcomes.models import RollForward


@shared_task
def roll_forward(*, pk: int) -> None:
    perform(
        RollForward,
        pk=pk,
        work=lambda run: rollforward.roll_forward(run.consultation, at=timezone.now(), run=run) and None,
    )


@shared_task
def roll_waiting() -> None:
    rollforward.roll_waiting(at=timezone.now())
