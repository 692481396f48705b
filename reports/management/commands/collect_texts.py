from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reports.management import catalogues


class Command(BaseCommand):
    help = (
        "Bring the catalogues of the documents' languages up to date: texts that a document can print get an entry, "
        "to be translated by hand; others lose theirs. Compile them afterwards with compilemessages."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        places = catalogues.texts_of_documents()
        for language, _name in settings.DOCUMENT_LANGUAGES:
            file = catalogues.catalogue_file(language)
            if not file.exists():
                if language != settings.LANGUAGE_CODE:
                    self.stdout.write(f"{language}: make {file} with a head first, as the others have it.")
                continue
            catalogue = catalogues.read(file)
            catalogues.write(file, catalogue, places)
            missing = sum(1 for key in places if not all(catalogue.texts.get(key, [""])))
            gone = len(catalogue.texts.keys() - places.keys())
            self.stdout.write(f"{language}: {len(places)} texts, {missing} to be translated, {gone} taken out.")
