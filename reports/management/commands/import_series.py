from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.seriesfile.importing import import_series
from reports.seriesfile.reading import FaultyFile

SHOWN = 50


class Command(BaseCommand):
    help = "Read a whole series from one JSON document, as export_series writes it: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the document to read")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as fault:
            raise CommandError(f"{file} cannot be read: {fault.strerror}.") from fault
        except UnicodeDecodeError as fault:
            raise CommandError(f"{file} is not a text in UTF-8, so it is not a series file.") from fault
        try:
            series = import_series(text)
        except FaultyFile as refusal:
            lines = [str(fault) for fault in refusal.faults[:SHOWN]]
            if (more := len(refusal.faults) - SHOWN) > 0:
                lines.append(f"... and {more} more faults.")
            told = "\n".join(lines)
            raise CommandError(f"{file} is refused, and nothing was written:\n{told}") from refusal
        self.stdout.write(f"The series “{series.title}” is here, with {series.consultations.count()} consultations.")
