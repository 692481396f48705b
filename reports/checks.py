"""What must not be published: sentences about outcomes without a reference, and quotes that nobody said."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from consultations.models import Input
from reports.chapters import compose
from reports.chapters.blocks import Listing, Paragraph, Pointer, Table
from reports.models import Edition
from reports.references import REFERENCE
from reports.snapshot import FORMAT

Data = dict[str, Any]
WORD = re.compile(r"\w+")
WORDS_OF_A_TITLE = 4
"""A title of fewer words may stand in a sentence that is about something else."""
SHOWN = 80
"""How much of a sentence is shown, in letters."""


def faults_of(data: Data) -> list[str]:
    """List what a snapshot may not be published with, in sentences that name the place; empty for a sound one.

    Outcomes without a reference; sentences, items and rows of tables that tell an outcome's title without its
    reference; and quotes that are not literally in their input, where the snapshot has that input.
    """
    return [
        *_without_reference(data),
        *_not_said(data, {row["reference"]: row["text"] for row in data.get("inputs", [])}),
    ]


def faults_before_publishing(edition: Edition) -> list[str]:
    """List the faults of an edition's snapshot, and quotes of inputs outside of it that are not in their words now."""
    data = json.loads(edition.snapshot)
    texts = {row["reference"]: row["text"] for row in data.get("inputs", [])}
    elsewhere = {line["input"] for _name, line in _quotes(data)} - texts.keys()
    known: dict[str, str] = {}
    if elsewhere:
        rows = Input.objects.filter(consultation__series=edition.consultation.series_id).select_related("consultation")
        known = {row.reference: row.text for row in rows if row.reference in elsewhere}
    return faults_of(data) + _not_said(data, {name: known.get(name, "") for name in elsewhere})


def _quotes(data: Data) -> Iterator[tuple[str, Data]]:
    for outcome in data.get("outcomes", []):
        for line in [*outcome.get("evidence", []), *outcome.get("inherited", [])]:
            if line["quote"]:
                yield outcome["reference"], line


def _not_said(data: Data, texts: dict[str, str]) -> list[str]:
    """Quotes of the inputs with these texts that are no literal part of them."""
    return [
        _("The quote “%(quote)s” under %(outcome)s is not literally in %(input)s. Mend the evidence at the desk.")
        % {"quote": _short(line["quote"]), "outcome": name, "input": line["input"]}
        for name, line in _quotes(data)
        if line["input"] in texts and line["quote"] not in texts[line["input"]]
    ]


def _without_reference(data: Data) -> list[str]:
    """An edition of an older form is judged by its outcomes alone: this program does not know how it was put."""
    found = [
        _("An outcome has no reference: “%(title)s”.") % {"title": row["title"]}
        for row in data.get("outcomes", [])
        if not REFERENCE.fullmatch(row["reference"])
    ]
    if data.get("format") != FORMAT or found:
        return found
    known = _titles_by_beginning(data)
    with override(data["language"]):
        said = [(chapter.title, text) for chapter in compose(data) for text in _texts(chapter.sections)]
    return [
        _("A sentence of “%(chapter)s” tells of %(outcome)s without its reference: “%(text)s”.")
        % {"chapter": chapter, "outcome": names[0], "text": _short(text)}
        for chapter, text in said
        for title, names in _titles_in(text, known)
        if not any(name in text for name in names)
    ]


def _titles_by_beginning(data: Data) -> dict[tuple[str, ...], dict[str, list[str]]]:
    """Give the titles that say enough by themselves, each with its outcomes, under the words that they begin with."""
    known: dict[tuple[str, ...], dict[str, list[str]]] = defaultdict(dict)
    for row in data["outcomes"]:
        words = WORD.findall(row["title"])
        if len(words) >= WORDS_OF_A_TITLE:
            beginning = tuple(words[:WORDS_OF_A_TITLE])
            known[beginning].setdefault(row["title"], []).append(row["reference"])
    return known


def _titles_in(text: str, known: dict[tuple[str, ...], dict[str, list[str]]]) -> Iterator[tuple[str, list[str]]]:
    """Find the titles in a text: by its words, since there may be thousands of either."""
    words = WORD.findall(text)
    beginnings = {tuple(words[place : place + WORDS_OF_A_TITLE]) for place in range(len(words))}
    for beginning in sorted(beginnings & known.keys()):
        yield from ((title, names) for title, names in known[beginning].items() if title in text)


def _texts(sections: Iterable[Any]) -> Iterator[str]:
    """Everything that the chapters put into words; entries and inputs stand under their references anyway."""
    for section in sections:
        for block in section.blocks:
            match block:
                case Paragraph(text=text) | Pointer(text=text):
                    yield text
                case Listing(items=items):
                    yield from items
                case Table(rows=rows):
                    yield from (" ".join(row) for row in rows)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
