from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consultations.models import Series
from reports.seriesfile.writing import write


class Command(BaseCommand):
    help = "Write a whole series as one JSON document to standard output. docs/series-file.md describes it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the series, like thp")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        series = Series.objects.filter(slug=slug).first()
        if series is None:
            known = ", ".join(Series.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no series “{slug}”. There are: {known}.")
        self.stdout.write(write(series), ending="")
