"""Tables for spreadsheet programs, in which no cell can start a formula, whatever people have typed."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""OWASP, “CSV injection”; the wide forms count for spreadsheet programs in East Asia."""
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def harmless(text: str) -> str:
    """Give the text so that a spreadsheet program takes it for text: an apostrophe before what starts a formula."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) or text.lstrip().startswith(STARTS_A_FORMULA) else text


def write_csv(rows: Iterable[Sequence[Any]], *, delimiter: str = ",") -> Iterator[str]:
    """Give the lines of a CSV file in UTF-8 with a byte order mark, without which Excel misreads it."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        writer = csv.writer(line, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow([harmless(text_of(value)) for value in row])
        yield line.getvalue()


def write_xlsx(rows: Iterable[Sequence[Any]], *, title: str) -> bytes:
    """Give a workbook with one sheet of texts; the first row stays in sight."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([text_cell(sheet, value) for value in row])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def text_cell(sheet: Any, value: Any) -> Any:
    """Give a cell of a write-only sheet that holds a text, whatever it starts with."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=NOT_IN_XML.sub("", text_of(value)))
    # A text that starts with “=” is a formula for the library, and for Excel once somebody edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def text_of(value: Any) -> str:
    """Give a value as it stands in a cell; None is an empty one."""
    return "" if value is None else str(value)
