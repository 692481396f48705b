from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consultations.models import Consultation, ConsultationKind
from reports.choices import Arrangement, Choices
from reports.management.files import add_language, write_to_file
from reports.models import Document


class Command(BaseCommand):
    help = "Write the dossier of a series' hearing as it would be now into a file, without making an edition."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name of the series, like thp")
        parser.add_argument(
            "--output", required=True, type=Path, help="the file: x.pdf, x.html, x.docx, x.xlsx, x.json"
        )
        parser.add_argument("--hearing", default="", help="code of the hearing, where the series has several")
        parser.add_argument(
            "--arrangement", default=Arrangement.AREAS.value, choices=Arrangement.values,
            help="a chapter for each area, or for each theme of the hearing (default: areas)",
        )  # fmt: skip
        add_language(parser)

    def handle(
        self, *args: Any, slug: str, output: Path, hearing: str, arrangement: str, language: str, **options: Any
    ) -> None:
        hearings = Consultation.objects.filter(series__slug=slug, kind=ConsultationKind.HEARING)
        if hearing:
            hearings = hearings.filter(code=hearing)
        found = list(hearings.select_related("series").order_by("order"))
        if not found:
            raise CommandError(f"There is no hearing in the series {slug}. Plan one in the admin, then try again.")
        if len(found) > 1:
            codes = ", ".join(row.code for row in found)
            raise CommandError(f"The series has several hearings. Choose one with --hearing: {codes}.")
        choices = Choices(language=language, arrangement=arrangement)
        self.stdout.write(write_to_file(found[0], document=Document.DOSSIER, choices=choices, output=output))
