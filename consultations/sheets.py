"""Inputs that were given on paper and typed into a spreadsheet: read, looked at row by row, and entered."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultations import inputs
from consultations.models import Answer, Attribution, Consultation, Input, InputKind, InputSheet, Participation
from consultations.models.inputs import LONGEST_TEXT, LONGEST_TITLE
from stakeholders.importing import tables
from stakeholders.importing.cells import clean, fold
from stakeholders.models import Person
from stakeholders.refusals import Refused

COLUMNS = {
    "participant": (gettext_lazy("Participant"), "participant, name, e-mail, email, e-mail address, who, spokesperson"),
    "table": (gettext_lazy("Table"), "table, group"),
    "area": (gettext_lazy("Cooperation area"), "cooperation area, area, theme"),
    "kind": (gettext_lazy("Kind"), "kind, type, kind of input"),
    "title": (gettext_lazy("Title"), "title, heading"),
    "text": (gettext_lazy("Text"), "text, input, what was said"),
    "language": (gettext_lazy("Language"), "language"),
    "attribution": (gettext_lazy("How it may be quoted"), "how it may be quoted, attribution, quoted"),
}
"""What there is to tell of an input: the header that our own sheet has, and others that are understood."""
NEEDED = ("participant", "area", "kind", "title", "text")
MOST_ROWS = 500
LONGEST_TABLE = 60


@dataclass(frozen=True)
class SheetRow:
    """One row: the input that it would be, or what is wrong with it, or the input that it is already."""

    number: int
    cells: list[str]
    problems: list[str]
    participation: Participation | None
    fields: inputs.InputFields
    table: str
    key: str
    entered_as: Input | None = None

    @property
    def is_good(self) -> bool:
        return not self.problems and self.entered_as is None


def upload(consultation: Consultation, file: BinaryIO, *, name: str, by: Person, at: datetime) -> InputSheet:
    """Keep the rows of a file (CSV or XLSX); nothing is entered yet.

    Raises Refused for what is no table, is too large, or lacks a column that is needed (naming it).
    """
    data = file.read(tables.MOST_BYTES + 1)
    if len(data) > tables.MOST_BYTES:
        raise Refused(_("The file is too large. Divide it into several files."))
    dialect, _first = tables.sample(data, tables.recognise(data))
    (_number, headers), *rows = tables.read(data, dialect)
    missing = [str(COLUMNS[field][0]) for field in NEEDED if field not in _places(headers)]
    if missing:
        raise Refused(
            _("The first row names no column for: %(columns)s. Use the headers of our sheet, which you can download.")
            % {"columns": ", ".join(missing)}
        )
    if not rows:
        raise Refused(_("There is no row under the headers."))
    if len(rows) > MOST_ROWS:
        raise Refused(_("The file has more than %(most)s rows. Divide it.") % {"most": MOST_ROWS})
    return InputSheet.objects.create(
        consultation=consultation,
        file_name=name[-200:],
        headers=headers,
        rows=rows,
        uploaded_at=at,
        uploaded_by=by,
    )


def look_at(sheet: InputSheet) -> list[SheetRow]:
    """Say of each row what it would be, as the list of participants is now: a constant number of queries."""
    consultation = sheet.consultation
    reading = _Reading(consultation, _places(sheet.headers))
    found = [reading.understand(number, cells) for number, cells in sheet.rows]
    keys = [row.key for row in found]
    there = {
        (input.participation_id, input.form_key): input
        for input in Input.objects.filter(consultation=consultation, form_key__in=keys).select_related("consultation")
    }
    return [
        SheetRow(**vars(row) | {"entered_as": there.get((row.participation.pk, row.key))}) if row.participation else row
        for row in found
    ]


def enter(sheet: InputSheet, *, by: Person, at: datetime) -> int:
    """Enter all good rows, all or none; what has still to be mended stays in the sheet. Returns how many.

    Rows that were entered before, from whatever file, are left out. Raises Refused when it was entered already, when
    there is no good row, and as `inputs.enter` does.
    """
    with transaction.atomic():
        stored = InputSheet.objects.select_for_update().filter(pk=sheet.pk, entered=None).first()
        if stored is None:
            raise Refused(_("This sheet has been entered already."))
        rows = look_at(stored)
        good = [row for row in rows if row.is_good]
        if not good:
            raise Refused(_("There is no row that could be entered. Mend the file and send it again."))
        for row in good:
            assert row.participation is not None  # noqa: S101  a good row has one
            inputs.enter(row.participation, fields=row.fields, table=row.table, by=by, at=at, form_key=row.key)
        sheet.entered = stored.entered = len(good)
        sheet.rows = stored.rows = [[row.number, row.cells] for row in rows if row.problems]
        stored.save(update_fields=["entered", "rows"])
    return len(good)


def left_over(sheet: InputSheet) -> Iterable[list[str]]:
    """Give the rows to mend as a table, each with what is wrong."""
    yield [*sheet.headers, _("What is wrong")]
    for row in look_at(sheet):
        if row.problems:
            filled = row.cells + [""] * (len(sheet.headers) - len(row.cells))
            yield [*filled, " ".join(row.problems)]


def empty_sheet(consultation: Consultation) -> Iterable[list[str]]:
    """Give our own sheet: the headers, and a row for each participant who may have given something."""
    yield [str(header) for header, _others in COLUMNS.values()]
    for row in _takers(consultation):
        yield [row.person.email or row.person.name]


def forget_old(*, at: datetime) -> int:
    """Delete sheets that nobody has touched for settings.IMPORT_DAYS; the inputs stay. Returns how many."""
    deleted, _rows = InputSheet.objects.filter(uploaded_at__lt=at - timedelta(days=settings.IMPORT_DAYS)).delete()
    return deleted


class _Reading:
    """Reads rows against what the consultation knows, which is asked once."""

    def __init__(self, consultation: Consultation, places: Mapping[str, int]) -> None:
        self.places = places
        self.consultation = consultation
        self.areas = {key: area for area in consultation.areas.all() for key in [fold(area.code), fold(area.title)]}
        self.kinds = {key: kind for kind in InputKind for key in [fold(kind.value), fold(str(kind.label))]}
        self.attributions = {key: way for way in Attribution for key in [fold(way.value), fold(str(way.label))]}
        self.people: dict[str, list[Participation]] = {}
        for row in _takers(consultation):
            names = {fold(row.person.name), (row.person.email or "").lower()} - {""}
            for name in names:
                self.people.setdefault(name, []).append(row)

    def understand(self, number: int, cells: list[str]) -> SheetRow:
        told = {field: cells[place] if place < len(cells) else "" for field, place in self.places.items()}
        said = {field: clean(text) for field, text in told.items() if field != "text"}
        text = told.get("text", "").replace("\r\n", "\n").replace("\r", "\n").strip()
        problems: list[str] = []

        def one_of(field: str, known: Mapping[str, Any], problem: str) -> Any:
            found = known.get(fold(said.get(field, "")))
            if found is None:
                problems.append(problem % {"text": said.get(field, "")})
            return found

        people = self.people.get(said["participant"].lower()) or self.people.get(fold(said["participant"]), [])
        if not people:
            problems.append(_("“%(text)s” is nobody who accepted or was there.") % {"text": said["participant"]})
        elif len(people) > 1:
            problems.append(_("There are two of “%(text)s”. Use the e-mail address.") % {"text": said["participant"]})
        area = one_of("area", self.areas, _("“%(text)s” is no cooperation area of this consultation."))
        kind = one_of("kind", self.kinds, _("“%(text)s” is no kind of input."))
        attribution: Any = self.consultation.default_attribution
        if said.get("attribution"):
            attribution = one_of("attribution", self.attributions, _("“%(text)s” is no way to be quoted."))
        language = said.get("language", "").lower() or (self.consultation.languages or ["en"])[0]
        if language not in self.consultation.languages:
            problems.append(_("“%(text)s” is no language of this consultation.") % {"text": language})
        for words, longest, name in [(said["title"], LONGEST_TITLE, _("title")), (text, LONGEST_TEXT, _("text"))]:
            if not words:
                problems.append(_("The %(part)s is missing.") % {"part": name})
            elif len(words) > longest:
                problems.append(_("The %(part)s is longer than %(most)s characters.") % {"part": name, "most": longest})
        table = said.get("table", "")[:LONGEST_TABLE]
        participation = people[0] if len(people) == 1 else None
        fields: inputs.InputFields = {
            "area": area,
            "kind": kind or "",
            "title": said["title"],
            "text": text,
            "language": language,
            "attribution": attribution or "",
        }
        whole = "\n".join([table, str(area), str(kind), said["title"], text])
        key = hashlib.sha256(whole.encode()).hexdigest()[:32]
        return SheetRow(number, cells, problems, participation, fields, table, key)


def _takers(consultation: Consultation) -> list[Participation]:
    """Those from whom inputs are taken, by name."""
    rows = consultation.participations.filter(answer=Answer.ACCEPTED) | consultation.participations.filter(
        attended=True
    )
    loaded = rows.select_related("person", "organisation", "stakeholder_type", "consultation")
    return list(loaded.order_by("person__name", "pk"))


def _places(headers: list[str]) -> dict[str, int]:
    """Say which column tells what, by its header."""
    known = {
        fold(name): field for field, (header, others) in COLUMNS.items() for name in [str(header), *others.split(",")]
    }
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        if field := known.get(fold(header)):
            places.setdefault(field, place)
    return places
