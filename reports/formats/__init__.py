"""The files of an edition: each format is written from the plain data of one snapshot, and from nothing else.

A writer takes the data and a function that is told how far it is (a share from 0 to 1, and a sentence for people), and
gives the file. What it may say was decided when the data was gathered.
"""

from collections.abc import Callable
from typing import Any

from reports.formats import data, docx, html, pdf, xlsx
from reports.formats.written import Written
from reports.models import EditionFile

Progress = Callable[[float, str], None]

WRITERS: dict[str, Callable[[dict[str, Any], Progress], Written]] = {
    EditionFile.Format.PDF: pdf.write,
    EditionFile.Format.HTML: html.write,
    EditionFile.Format.DOCX: docx.write,
    EditionFile.Format.XLSX: xlsx.write,
    EditionFile.Format.JSON: data.write,
}
"""In the order in which they are made; the most likely to fail stands first."""
