"""The tables of an edition for spreadsheet programs; no cell starts a formula."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from reports.chapters.blocks import direction_of
from reports.chapters.cover import HOUSE, cover_of
from reports.formats.packages import settled
from reports.formats.sheets import Sheet, cells_of, sheets_of
from reports.formats.written import Written
from stakeholders.spreadsheets import text_cell

LONGEST_TITLE = 31
"""Of a sheet, in Excel."""


def write(data: dict[str, Any], progress: Callable[[float, str], None]) -> Written:
    """Write the tables as a workbook, in the language of its data. The same data gives the same bytes."""
    from openpyxl import Workbook

    progress(0.0, _("Writing the tables"))
    at = datetime.fromisoformat(data["frozen_at"]).astimezone(UTC)
    with translation.override(data["language"]):
        workbook = Workbook(write_only=True)
        cover = cover_of(data)
        workbook.properties.title, workbook.properties.subject = cover.name, cover.question
        workbook.properties.creator = workbook.properties.lastModifiedBy = HOUSE
        workbook.properties.language = data["language"]
        for sheet in sheets_of(data):
            _add(workbook, sheet, is_mirrored=direction_of(data["language"]) == "rtl")
    file = io.BytesIO()
    workbook.save(file)
    return Written(settled(file.getvalue(), at=at))


def _add(workbook: Any, sheet: Sheet, *, is_mirrored: bool) -> None:
    """Add one sheet: its head stays in sight and filters, long texts wrap; a mirrored one begins on the right."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    made = workbook.create_sheet(sheet.title[:LONGEST_TITLE])
    made.freeze_panes = "A2"
    made.sheet_view.rightToLeft = is_mirrored
    last = get_column_letter(len(sheet.columns))
    made.auto_filter.ref = f"A1:{last}{len(sheet.rows) + 1}"
    made.print_title_rows = "1:1"
    made.page_setup.orientation, made.page_setup.fitToHeight = "landscape", 0
    made.sheet_properties.pageSetUpPr.fitToPage = True
    for place, (_head, width) in enumerate(sheet.columns, start=1):
        made.column_dimensions[get_column_letter(place)].width = width
    wrapped = Alignment(wrap_text=True, vertical="top")
    head_font, head_fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="10333D")
    for number, values in enumerate(cells_of(sheet)):
        row = []
        for value in values:
            if value is None or isinstance(value, int):
                row.append(value)
                continue
            cell = text_cell(made, value)
            cell.alignment = wrapped
            if number == 0:
                cell.font, cell.fill = head_font, head_fill
            row.append(cell)
        made.append(row)
