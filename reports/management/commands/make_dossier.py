from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from consultations.models import Consultation, ConsultationKind
from jobs.running import JobFailed
from reports.editions import render_dossier
from stakeholders.refusals import Refused


class Command(BaseCommand):
    help = "Render the dossier of a series' hearing as it would be now into a PDF file, without making an edition."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name of the series, like thp")
        parser.add_argument("--output", required=True, type=Path, help="the PDF file to write")
        parser.add_argument("--hearing", default="", help="code of the hearing, where the series has several")
        parser.add_argument("--language", default="en", help="language of the dossier (default: en)")

    def handle(self, *args: Any, slug: str, output: Path, hearing: str, language: str, **options: Any) -> None:
        hearings = Consultation.objects.filter(series__slug=slug, kind=ConsultationKind.HEARING)
        if hearing:
            hearings = hearings.filter(code=hearing)
        found = list(hearings.order_by("order"))
        if not found:
            raise CommandError(f"There is no hearing in the series {slug}. Plan one in the admin, then try again.")
        if len(found) > 1:
            codes = ", ".join(row.code for row in found)
            raise CommandError(f"The series has several hearings. Choose one with --hearing: {codes}.")
        try:
            pdf = render_dossier(found[0], language=language, at=timezone.now())
        except (Refused, JobFailed) as refusal:
            raise CommandError(str(refusal)) from refusal
        try:
            output.write_bytes(pdf.content)
        except OSError as fault:
            raise CommandError(f"{output} cannot be written: {fault.strerror}.") from fault
        self.stdout.write(f"{output}: {pdf.pages} pages, {len(pdf.content) // 1024} KiB.")
