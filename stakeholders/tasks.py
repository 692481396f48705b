from celery import shared_task
from django.utils import timezone

from jobs.running import perform
from stakeholders.messages import send
from stakeholders.models import Message


@shared_task
def send_message(*, pk: int) -> None:
    perform(Message, pk=pk, work=lambda message: send(message, at=timezone.now()))
