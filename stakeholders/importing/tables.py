"""Reading tables as offices have them: text in several encodings and with several delimiters, and XLSX workbooks.

Nothing in a file is ever worked out: a formula is read as the text that it is.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stakeholders.models import AddressImport
from stakeholders.refusals import Refused

Kind = AddressImport.Kind
Row = tuple[int, list[str]]
"""The number of a row as a spreadsheet counts it, from 1, and its cells."""

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_UNPACKED_BYTES = 150 * 1024 * 1024
SAMPLE_ROWS = 30

ENCODINGS = {
    "utf-8-sig": gettext_lazy("Unicode (UTF-8)"),
    "utf-16": gettext_lazy("Unicode (UTF-16)"),
    "utf-16-le": gettext_lazy("Unicode (UTF-16, small end first)"),
    "utf-16-be": gettext_lazy("Unicode (UTF-16, big end first)"),
    "cp1252": gettext_lazy("Western European (Windows-1252)"),
    "cp1250": gettext_lazy("Central European (Windows-1250)"),
    "cp1254": gettext_lazy("Turkish (Windows-1254)"),
    "cp1253": gettext_lazy("Greek (Windows-1253)"),
    "cp1251": gettext_lazy("Cyrillic (Windows-1251)"),
    "cp1256": gettext_lazy("Arabic (Windows-1256)"),
    "mac-roman": gettext_lazy("Western European (old Macintosh)"),
}
DELIMITERS = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("vertical bar"),
}
FOREIGN_KINDS = [
    (b"%PDF", gettext_lazy("This is a PDF document.")),
    (b"\x89PNG", gettext_lazy("This is an image.")),
    (b"\xff\xd8\xff", gettext_lazy("This is an image.")),
    (b"GIF8", gettext_lazy("This is an image.")),
    (b"{\\rtf", gettext_lazy("This is a text document.")),
    (b"\xd0\xcf\x11\xe0", gettext_lazy("This is a workbook of an old kind (XLS), or one with a password.")),
]


class Unreadable(Refused):
    """The file cannot be read as a table; the text says what it is and what to do instead."""


@dataclass(frozen=True)
class Dialect:
    """How a file is to be read: for text an encoding and a delimiter, for a workbook the name of a sheet."""

    kind: Kind
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)


def recognise(data: bytes) -> Dialect:
    """Say by the content of a file how it is to be read, whatever it is called. Raises Unreadable."""
    if not data.strip(b"\x00\xef\xbb\xbf\xfe\xff \t\r\n"):
        raise Unreadable(_("The file is empty."))
    for signature, sentence in FOREIGN_KINDS:
        if data.startswith(signature):
            raise Unreadable([str(sentence), _save_as()])
    if data.startswith(b"PK"):
        return _recognise_workbook(data)
    if data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise Unreadable([_("This is a web page or an XML file, whatever its name says."), _save_as()])
    encoding = _encoding_of(data)
    return Dialect(Kind.CSV, encoding=encoding, delimiter=_delimiter_of(_decode(data, encoding)))


def read(data: bytes, dialect: Dialect) -> Iterator[Row]:
    """Give the rows in which something stands, one after the other. Raises Unreadable, also halfway."""
    rows = _read_workbook(data, dialect.sheet) if dialect.kind == Kind.XLSX else _read_text(data, dialect)
    read_so_far = 0
    for number, cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        read_so_far += 1
        if read_so_far > MOST_ROWS + 1:
            raise Unreadable(
                _("The file has more than %(most)s rows. Divide it into several files.") % {"most": MOST_ROWS}
            )
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(
                _("Row %(row)s has more than %(most)s columns. Delete those that are not needed.")
                % {"row": number, "most": MOST_COLUMNS}
            )
        yield number, cells


def sample(data: bytes, dialect: Dialect) -> tuple[Dialect, list[Row]]:
    """Give the first rows; of a workbook without a chosen sheet, those of the first sheet that has any.

    Returns the dialect with that sheet chosen. Raises Unreadable.
    """
    for sheet in [dialect.sheet] if dialect.sheet else dialect.sheets or [""]:
        chosen = replace(dialect, sheet=sheet)
        rows = [row for row, _place in zip(read(data, chosen), range(SAMPLE_ROWS), strict=False)]
        if rows:
            return chosen, rows
    raise Unreadable(_("The file is empty."))


def _save_as() -> str:
    return _("Open it in your spreadsheet program, save it as XLSX or CSV, and choose that file.")


def _encoding_of(data: bytes) -> str:
    """Tell the encoding by the marks and the zero bytes of UTF-16, else by whether it is good UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = data[:4000]
    if head.count(0):
        for encoding, zeros in [("utf-16-le", head[1::2]), ("utf-16-be", head[::2])]:
            if zeros.count(0) > len(zeros) * 0.4 and len(data) % 2 == 0:
                return encoding
        raise Unreadable([_("This is not a table: it holds bytes that no text has."), _save_as()])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _decode(data: bytes, encoding: str) -> str:
    """Give the text; what the encoding has no letter for becomes the replacement character, which rows are told of."""
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    if "\x00" in text:
        raise Unreadable([_("This is not a table: it holds bytes that no text has."), _save_as()])
    return text


def _delimiter_of(text: str) -> str:
    """Give the delimiter that divides the first rows most evenly into columns."""
    lines = text[:20_000].splitlines(keepends=True)
    if lines and (named := lines[0].strip().lower().removeprefix("sep=")) in DELIMITERS and "sep=" in lines[0].lower():
        return named

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(lines[:30], delimiter=delimiter) if any(cells)]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(DELIMITERS, key=evenness)


def _read_text(data: bytes, dialect: Dialect) -> Iterator[Row]:
    lines = io.StringIO(_decode(data, dialect.encoding), newline="")
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=dialect.delimiter), start=1):
            if number == 1 and len(cells) <= 2 and cells and cells[0].lower().startswith("sep="):
                continue
            yield number, cells
    except csv.Error as fault:
        raise Unreadable(
            _("The file cannot be divided into rows: a quotation mark may be open somewhere. (%(fault)s)")
            % {"fault": fault}
        ) from fault


def _recognise_workbook(data: bytes) -> Dialect:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as fault:
        raise Unreadable([_("The file is damaged: it was perhaps not transferred whole."), _save_as()]) from fault
    if "xl/workbook.xml" not in names:
        raise Unreadable([_("This is an archive or a document, not an Excel workbook (XLSX)."), _save_as()])
    if unpacked > MOST_UNPACKED_BYTES:
        raise Unreadable(_("The workbook is too large when unpacked. Copy the one table into a new workbook."))
    workbook = _open_workbook(data)
    try:
        sheets = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    finally:
        workbook.close()
    if not sheets:
        raise Unreadable(_("The workbook has no sheet with a table."))
    return Dialect(Kind.XLSX, sheets=sheets)


def _open_workbook(data: bytes) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    except Exception as fault:  # whatever a broken workbook makes the library stumble over
        raise Unreadable([_("The workbook is damaged."), _save_as()]) from fault


def _read_workbook(data: bytes, name: str) -> Iterator[Row]:
    workbook = _open_workbook(data)
    try:
        sheet = workbook[name]
        # What a workbook says of its own size is often wrong.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, [_text_of(cell.value) for cell in cells]
    except Unreadable:
        raise
    except Exception as fault:  # as above
        raise Unreadable([_("The workbook is damaged."), _save_as()]) from fault
    finally:
        workbook.close()


def _text_of(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            # A formula over several cells is an object of the library; its text is what people see.
            return str(getattr(value, "text", value))
