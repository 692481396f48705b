from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from consultations.models import Consultation
from outcomes.rollforward import roll_forward
from stakeholders.refusals import Refused


class Command(BaseCommand):
    help = "Lay the live outcomes of a concluded consultation before the next one. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="code of the concluded consultation, like JHB11")

    def handle(self, *args: Any, code: str, **options: Any) -> None:
        consultation = Consultation.objects.filter(code=code).first()
        if consultation is None:
            raise CommandError(f"There is no consultation “{code}”.")
        try:
            run = roll_forward(consultation, at=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        receiver = f"to {run.receiver.code}" if run.receiver else "nowhere yet: no consultation takes them up"
        self.stdout.write(f"From {code} {receiver}: {run.carried} carried, {run.already_there} already there.")
        for reason, number in run.skipped_reasons.items():
            self.stdout.write(f"Left out: {number} ({reason.replace('_', ' ')}).")
