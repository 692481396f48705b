import io
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from jobs.running import perform
from stakeholders.importing import steps
from stakeholders.importing.working import work_on
from stakeholders.models import AddressImport, Person
from tests.factories import make_staff, make_type


def workbook_of(rows: Sequence[Sequence[Any]], *, before: Sequence[str] = ()) -> bytes:
    """Give an XLSX file of rows; `before` names empty sheets that come first."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for name in before:
        sheet.title = name
        sheet = workbook.create_sheet("Addresses")
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


@pytest.fixture
def staff(clock) -> Person:
    make_type("city"), make_type("business")
    return make_staff()


@pytest.fixture
def work(django_capture_on_commit_callbacks) -> Callable[[AddressImport], AddressImport]:
    """Give a function that does what a worker would do with an import."""

    def work(address_import: AddressImport) -> AddressImport:
        with django_capture_on_commit_callbacks(execute=True):
            perform(AddressImport, pk=address_import.pk, work=work_on)
        address_import.refresh_from_db()
        return address_import

    return work


@pytest.fixture
def preview(staff, work) -> Callable[..., AddressImport]:
    """Give a function that uploads a file, takes the columns as they are guessed, and makes the preview."""

    def preview(data: bytes | str, **fields: Any) -> AddressImport:
        file = io.BytesIO(data.encode() if isinstance(data, str) else data)
        made = steps.upload(file, name="list.csv", by=staff, at=timezone.now())
        gathered = {"matched": made.columns, "usual_type": None, **fields}
        steps.match(made, **gathered, at=timezone.now())
        return work(made)

    return preview


@pytest.fixture
def imported(preview, work, staff) -> Callable[..., AddressImport]:
    """Give a function that imports a file all the way, as it comes."""

    def imported(data: bytes | str, **fields: Any) -> AddressImport:
        made = preview(data, **fields)
        steps.confirm(made, by=staff, at=timezone.now())
        return work(made)

    return imported
