"""The rows that were not imported, as a file to mend and to import again."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from stakeholders.models import AddressImport, RowAction
from stakeholders.spreadsheets import write_csv


def left_over_file(address_import: AddressImport) -> Iterator[str]:
    """Give the lines of a CSV file: the faulty rows and those not decided, as they came, and what to mend in each.

    It has the headers and the delimiter of the file that was sent, so that it is read in the same way.
    """
    rows = address_import.rows.filter(action__in=RowAction.left_over()).order_by("number")
    found = [(row.number, row.cells, row.reason) for row in rows]
    headers = address_import.headers
    width = max([len(headers), *(len(cells) for _number, cells, _reason in found)])

    def lines() -> Iterator[list[str]]:
        yield [*_filled(headers, width), _("Row in the file"), _("What to mend")]
        for number, cells, reason in found:
            yield [*_filled(cells, width), str(number), reason.replace("\n", " ")]

    return write_csv(lines(), delimiter=address_import.delimiter or ",")


def _filled(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]
