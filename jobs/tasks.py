from celery import shared_task
from django.utils import timezone

from jobs import running


@shared_task
def sweep() -> None:
    running.sweep(at=timezone.now())
