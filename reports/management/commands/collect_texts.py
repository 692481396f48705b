from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Bring the catalogues of the documents' languages up to date: texts that a document can print get an entry, "
        "to be translated by hand; others lose theirs. It compiles them too."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from reports.management import catalogues
        except ModuleNotFoundError as fault:
            raise CommandError("This is for developers: ./run check brings what it needs.") from fault
        places = catalogues.texts_of_documents()
        for language, _name in settings.DOCUMENT_LANGUAGES:
            file = catalogues.catalogue_file(language)
            if not file.exists():
                if language != settings.LANGUAGE_CODE:
                    self.stdout.write(f"{language}: make {file} with a head first, as the others have it.")
                continue
            missing, gone = catalogues.brought_up_to_date(file, places)
            self.stdout.write(f"{language}: {len(places)} texts, {missing} to be translated, {gone} taken out.")
