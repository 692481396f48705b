from celery import shared_task
from django.utils import timezone

from consultations import attachments


@shared_task
def remove_orphans() -> None:
    attachments.remove_orphans(at=timezone.now())
