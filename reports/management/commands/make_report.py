from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consultations.models import Consultation
from reports.choices import Choices
from reports.management.files import add_language, write_to_file
from reports.models import Document


class Command(BaseCommand):
    help = "Write the report of a concluded consultation as it would be now into a file, without making an edition."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="code of the consultation, like JHB11")
        parser.add_argument(
            "--output", required=True, type=Path, help="the file: x.pdf, x.html, x.docx, x.xlsx, x.json"
        )
        add_language(parser)

    def handle(self, *args: Any, code: str, output: Path, language: str, **options: Any) -> None:
        consultation = Consultation.objects.select_related("series").filter(code=code).first()
        if consultation is None:
            raise CommandError(f"There is no consultation {code}.")
        choices = Choices(language=language)
        self.stdout.write(write_to_file(consultation, document=Document.REPORT, choices=choices, output=output))
