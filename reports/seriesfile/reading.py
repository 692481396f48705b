"""From the text of a document to checked rows, or to a list of everything that is wrong with it.

Nothing here writes. Each fault has the JSON path of its place and a reason; a document with faults is refused whole.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from consultations.models import ConsultationKind
from reports.seriesfile import parts
from reports.seriesfile.parts import Part

LARGEST = 200 * 1024 * 1024
"""Bytes; a series of tens of thousands of inputs is a tenth of it."""
KINDS: tuple[tuple[type[models.Field], type, str], ...] = (
    (models.BooleanField, bool, "true or false"),
    (models.IntegerField, int, "a whole number"),
    (models.CharField, str, "a text"),
    (models.TextField, str, "a text"),
    (models.DateTimeField, datetime, "a moment like 2011-06-28T07:00:00Z"),
    (models.DateField, date, "a day like 2011-06-28"),
)
"""Which field takes what, and how it is asked for; the first that fits."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: its place as a JSON path, `$.people[3].email`, and the reason as a sentence."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class FaultyFile(Exception):
    """The document is refused as a whole. `faults` are all of them, in the order of the document."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


@dataclass
class Row:
    """One row of the document: where it stands, its plain values by key, its links as natural keys, its inner rows."""

    part: Part
    path: str
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Any] = field(default_factory=dict)
    many: dict[str, list[Any]] = field(default_factory=dict)
    inner: dict[str, list["Row"]] = field(default_factory=dict)
    outer: "Row | None" = None

    @property
    def natural(self) -> Any:
        """The key by which other rows name this one; None for a row that nobody names."""
        key = self.part.natural
        return self.links.get(key, self.values.get(key))

    def all_inside(self) -> Iterator["Row"]:
        """This row and every row inside it."""
        yield self
        for rows in self.inner.values():
            for row in rows:
                yield from row.all_inside()


@dataclass
class Document:
    """A document whose every fault would have been found: the series' own row, and the rows of each list."""

    series: Row
    lists: dict[str, list[Row]]

    def all_rows(self) -> Iterator[Row]:
        yield self.series
        for rows in self.lists.values():
            for row in rows:
                yield from row.all_inside()


def read(text: str) -> Document:
    """Read and check a document. Raises FaultyFile with every fault that was found."""
    data = _parse(text)
    reader = _Reader()
    document = reader.document(data)
    if not reader.faults:
        reader.check_links(document)
        reader.check_rules(document)
    if reader.faults:
        raise FaultyFile(reader.faults)
    return document


def _parse(text: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise FaultyFile([Fault("$", _("The file is too large for a series."))])
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                twice.append(key)
            found[key] = value
        return found

    try:
        data = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as fault:
        where = {"line": fault.lineno, "column": fault.colno, "what": fault.msg}
        reason = _("This is not JSON: %(what)s, in line %(line)s, column %(column)s.") % where
        raise FaultyFile([Fault("$", reason)]) from fault
    except RecursionError as fault:
        raise FaultyFile([Fault("$", _("This is not a series file: it is nested too deeply."))]) from fault
    if twice:
        reasons = [_("The key “%(key)s” stands twice in one place.") % {"key": key} for key in twice]
        raise FaultyFile([Fault("$", reason) for reason in reasons])
    if not isinstance(data, dict) or data.get("format") != parts.FORMAT:
        reason = _("This is not a series file: it must begin with the format “%(format)s”.") % {"format": parts.FORMAT}
        raise FaultyFile([Fault("$.format", reason)])
    return data


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.index: dict[tuple[str, int | None, Any], Row] = {}
        """Every row that can be named: by its list, the row it is inside of where names are local, and its name."""

    def fault(self, path: str, reason: str) -> None:
        self.faults.append(Fault(path, reason))

    # Shape: keys, kinds of values, what a single column allows.

    def document(self, data: dict[str, Any]) -> Document:
        self._require_keys(data, parts.KEYS, "$")
        series = self.row(parts.SERIES, data.get("series", {}), "$.series", None)
        lists: dict[str, list[Row]] = {}
        for part in parts.LISTS:
            lists[part.name] = self.rows(part, data.get(part.name, []), f"$.{part.name}", None)
        return Document(series, lists)

    def rows(self, part: Part, given: Any, path: str, outer: Row | None) -> list[Row]:
        if not isinstance(given, list):
            self.fault(path, _("Here a list is wanted."))
            return []
        return [self.row(part, each, f"{path}[{place}]", outer) for place, each in enumerate(given)]

    def row(self, part: Part, given: Any, path: str, outer: Row | None) -> Row:
        row = Row(part, path, outer=outer)
        if not isinstance(given, dict):
            self.fault(path, _("Here an object with these keys is wanted: %(keys)s.") % {"keys": ", ".join(part.keys)})
            return row
        self._require_keys(given, part.keys, path)
        inner = {inside.name: inside for inside in part.parts}
        for key in part.keys:
            if key not in given:
                continue
            value, place = given[key], f"{path}.{key}"
            if key in inner:
                row.inner[key] = self.rows(inner[key], value, place, row)
            elif key in part.many:
                row.many[key] = self._texts(value, place)
            elif key in part.links:
                row.links[key] = self._link(part, key, value, place)
            elif (part, key) == (parts.AREAS, "guiding_questions"):
                row.values[key] = self._texts(value, place)
            elif (part, key) == (parts.INPUTS, "id"):
                row.values[key] = self._text(value, place)
            else:
                row.values[key] = self._column(part.column(key), value, place)
        return row

    def _require_keys(self, given: dict[str, Any], keys: tuple[str, ...], path: str) -> None:
        for key in keys:
            if key not in given:
                self.fault(f"{path}.{key}", _("This key is missing."))
        for key in given:
            if key not in keys:
                self.fault(f"{path}.{key}", _("This key is not known."))

    def _texts(self, value: Any, path: str) -> list[str]:
        if not isinstance(value, list):
            self.fault(path, _("Here a list of texts is wanted."))
            return []
        texts = [self._text(each, f"{path}[{place}]") for place, each in enumerate(value)]
        for place, text in enumerate(texts):
            if text in texts[:place]:
                self.fault(f"{path}[{place}]", _("“%(text)s” stands here twice.") % {"text": text})
        return texts

    def _text(self, value: Any, path: str) -> str:
        if isinstance(value, str) and value:
            return value
        self.fault(path, _("Here a text is wanted."))
        return ""

    def _link(self, part: Part, key: str, value: Any, path: str) -> Any:
        column = part.column(key)
        if value is None:
            if not column.null:
                self.fault(path, _("Something must be named here."))
            return None
        wants_number = part.links[key] in {"sessions", "versions"}
        if isinstance(value, bool) or not isinstance(value, int if wants_number else str):
            self.fault(path, _("Here a number is wanted.") if wants_number else _("Here a text is wanted."))
            return None
        return value

    def _column(self, column: Any, value: Any, path: str) -> Any:
        """Check one value as its column would: kind, whether it may be empty, choices, length and validators."""
        if value is None:
            if not column.null:
                self.fault(path, _("This cannot be empty."))
            return None
        if isinstance(column, models.JSONField):
            return value
        for kind, wanted, words in KINDS:
            if isinstance(column, kind):
                parsed = _parsed(value, wanted)
                if parsed is None:
                    self.fault(path, _("Here %(what)s is wanted.") % {"what": words})
                    return None
                break
        if parsed == "" and not column.blank and column.editable:
            self.fault(path, _("This cannot be empty."))
        elif parsed != "" and column.choices and parsed not in {choice for choice, label in column.flatchoices}:
            known = ", ".join(str(choice) for choice, label in column.flatchoices if choice)
            self.fault(path, _("“%(value)s” is none of: %(known)s.") % {"value": parsed, "known": known})
        elif parsed != "":
            try:
                column.run_validators(parsed)
            except ValidationError as refusal:
                for sentence in refusal.messages:
                    self.fault(path, sentence)
        return parsed

    # Links: every name stands once, and every link names something.

    def check_links(self, document: Document) -> None:
        for row in document.all_rows():
            if row.part.natural:
                name_of_row = (row.part.name, id(row.outer) if row.outer else None, row.natural)
                if name_of_row in self.index:
                    self.fault(f"{row.path}.{row.part.natural}", self._twice(row.natural))
                self.index[name_of_row] = row
                if row.part is parts.INPUTS:
                    everywhere = (row.part.name, None, row.natural)
                    if everywhere in self.index:
                        self.fault(f"{row.path}.id", self._twice(row.natural))
                    self.index[everywhere] = row
        for row in document.all_rows():
            for key, name in row.links.items():
                if name is not None and self.find(row, row.part.links[key], name) is None:
                    self.fault(f"{row.path}.{key}", self._unknown(row.part.links[key], name))
            for key, names in row.many.items():
                for place, name in enumerate(names):
                    if self.find(row, row.part.many[key], name) is None:
                        self.fault(f"{row.path}.{key}[{place}]", self._unknown(row.part.many[key], name))

    def find(self, row: Row, target: str, name: Any) -> Row | None:
        """The row of the list `target` that `row` means by `name`; None where there is none."""
        outer = row.outer
        while target in parts.LOCAL and outer is not None and outer.part.name != parts.LOCAL[target]:
            outer = outer.outer
        return self.index.get((target, id(outer) if target in parts.LOCAL and outer else None, name))

    @staticmethod
    def _twice(name: Any) -> str:
        return _("“%(name)s” stands twice.") % {"name": name}

    @staticmethod
    def _unknown(target: str, name: Any) -> str:
        return _("There is no “%(name)s” among the %(list)s.") % {"name": name, "list": target}

    # Rules of the domain that no single column holds.

    def check_rules(self, document: Document) -> None:
        if self.faults:
            return
        self._check_plan(document.lists["consultations"])
        self._check_emails(document.lists["people"])
        for outcome in document.lists["outcomes"]:
            self._check_outcome(outcome)

    def _check_plan(self, consultations: list[Row]) -> None:
        following = {row.natural: row.links["feeds_into"] for row in consultations}
        for row in consultations:
            seen, code = {row.natural}, following[row.natural]
            while code is not None and code not in seen:
                seen.add(code)
                code = following[code]
            if code == row.natural:
                self.fault(f"{row.path}.feeds_into", _("The plan runs in a circle."))
            if row.values["kind"] != ConsultationKind.HEARING and row.inner["themes"]:
                self.fault(f"{row.path}.themes", _("Only a hearing has themes of its own."))
            numbers: dict[int | None, int] = defaultdict(int)
            for input in row.inner["inputs"]:
                number = input.values["number"]
                numbers[number] += 1
                if number is not None and numbers[number] > 1:
                    self.fault(f"{input.path}.number", self._twice(number))

    def _check_emails(self, people: list[Row]) -> None:
        seen = set()
        for row in people:
            email = (row.values["email"] or "").lower()
            if email and email in seen:
                self.fault(f"{row.path}.email", self._twice(email))
            seen.add(email)

    def _check_outcome(self, outcome: Row) -> None:
        values, links = outcome.values, outcome.links
        reference = f"{links['born_at']}-{links['area']}-{values['number']:02}"
        if values["reference"] != reference:
            self.fault(
                f"{outcome.path}.reference",
                _("By its consultation, area and number this would be %(reference)s.") % {"reference": reference},
            )
        origins: set[Any] = set()
        for consideration in outcome.inner["considerations"]:
            consultation = self.index[("consultations", None, consideration.links["consultation"])]
            for said in [*consideration.inner["positions"], *consideration.inner["factual_corrections"]]:
                person = said.links["person"]
                if ("participations", id(consultation), person) not in self.index:
                    self.fault(f"{said.path}.person", self._unknown("participations", person))
            origin = consideration.links["laid_from"]
            if origin is not None and origin in origins:
                self.fault(f"{consideration.path}.laid_from", self._twice(origin))
            origins.add(origin)
        for evidence in outcome.inner["evidence"]:
            input = self.index[("inputs", None, evidence.links["input"])]
            if evidence.values["quote"] not in input.values["text"]:
                reason = _("The passage is not literally in the input %(id)s.") % {"id": input.natural}
                self.fault(f"{evidence.path}.quote", reason)


def _parsed(value: Any, wanted: type) -> Any:
    """Give the value as the kind that is wanted, or None where it is of another kind."""
    if wanted in (date, datetime):
        if not isinstance(value, str):
            return None
        try:
            parsed: date = wanted.fromisoformat(value)
        except ValueError:
            return None
        # A moment without its offset from UTC could be any.
        return None if isinstance(parsed, datetime) and parsed.utcoffset() is None else parsed
    # True is an int in Python, and not a number in the document.
    return value if isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool)) else None
