from celery import shared_task
from django.utils import timezone

from jobs.running import perform
from stakeholders.importing import steps
from stakeholders.importing.working import work_on
from stakeholders.messages import send
from stakeholders.models import AddressImport, Message


@shared_task
def send_message(*, pk: int) -> None:
    perform(Message, pk=pk, work=lambda message: send(message, at=timezone.now()))


@shared_task
def work_on_import(*, pk: int) -> None:
    perform(AddressImport, pk=pk, work=work_on)


@shared_task
def forget_old_imports() -> None:
    steps.forget_old(at=timezone.now())
