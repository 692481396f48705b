"""What the commands that write a document into a file share."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from consultations.models import Consultation
from jobs.running import JobFailed
from reports import editions
from reports.choices import Choices
from reports.models import EditionFile
from stakeholders.refusals import Refused


def add_language(parser: ArgumentParser) -> None:
    """Let people name one of settings.DOCUMENT_LANGUAGES."""
    codes = [code for code, _name in settings.DOCUMENT_LANGUAGES]
    named = ", ".join(f"{code} ({name})" for code, name in settings.DOCUMENT_LANGUAGES)
    own = settings.LANGUAGE_CODE
    parser.add_argument(
        "--language", default=own, choices=codes, help=f"language of the document: {named}; {own} unless you say"
    )


def write_to_file(consultation: Consultation, *, document: str, choices: Choices, output: Path) -> str:
    """Write a document as it would be now, in the format that the file's name ends in; say how large it is.

    Raises CommandError where the document cannot be made, its format is not known, or the file cannot be written.
    """
    format = output.suffix.removeprefix(".").lower()
    if format not in EditionFile.Format.values:
        raise CommandError(
            f"The name of the file says which format: {', '.join(f'.{each}' for each in EditionFile.Format.values)}."
        )
    try:
        written = editions.render(consultation, document=document, format=format, choices=choices, at=timezone.now())
    except (Refused, JobFailed) as refusal:
        raise CommandError(str(refusal)) from refusal
    try:
        output.write_bytes(written.content)
    except OSError as fault:
        raise CommandError(f"{output} cannot be written: {fault.strerror}.") from fault
    pages = f"{written.pages} pages, " if written.pages else ""
    return f"{output}: {pages}{len(written.content) // 1024} KiB."
