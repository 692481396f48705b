"""How long an import of 10,000 people takes. Run: ./run manage shell < bench/addressbook.py   (on an empty VAR_DIR)

Imports a CSV file and an XLSX workbook of 10,000 rows with 1,000 organisations into an empty address book, and then
the CSV file again with a change in every row; then exports all of it. Prints seconds, queries and the memory used.
"""

import io
import resource
import time
from contextlib import contextmanager

import openpyxl
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.running import perform
from stakeholders.accounts import add_staff
from stakeholders.exporting import people_table
from stakeholders.importing import steps
from stakeholders.importing.working import work_on
from stakeholders.models import AddressImport, Decision, Person
from stakeholders.spreadsheets import write_csv, write_xlsx

ROWS = 10_000
HEADERS = ["Voornaam", "Achternaam", "E-mail", "Organisatie", "Plaats", "Land"]


@contextmanager
def timed(what):
    start = time.perf_counter()
    yield
    print(f"{what:.<60} {time.perf_counter() - start:7.2f} s", flush=True)


def rows_of(prefix, country="Nederland"):
    yield HEADERS
    for number in range(ROWS):
        organisation = f"Gemeente {prefix} {number % 1000}"
        yield [prefix, f"Jansen {number}", f"{prefix}{number}@city.example", organisation, "Utrecht", country]


def csv_of(prefix, country="Nederland"):
    return "".join(write_csv(rows_of(prefix, country), delimiter=";")).encode()


def xlsx_of(prefix):
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows_of(prefix):
        sheet.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def work(address_import, what):
    with timed(f"{what}, in the background"):
        perform(AddressImport, pk=address_import.pk, work=work_on)
    address_import.refresh_from_db()
    if address_import.state != "done":
        raise SystemExit(address_import.error)


def import_file(data, what):
    with timed(f"{what}: upload"):
        made = steps.upload(io.BytesIO(data), name=what, by=staff, at=timezone.now())
    steps.match(made, matched=made.columns, usual_type=None, at=timezone.now())
    work(made, f"{what}: preview")
    with timed(f"{what}: decide"):
        steps.decide(made, numbers=None, decision=Decision.SAME, at=timezone.now())
    steps.confirm(made, by=staff, at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        work(made, f"{what}: writing")
    print(f"{what}: {len(captured)} queries, {made.counts}")


staff = add_staff("staff@thp.example", name="Staff (sample)")
import_file(csv_of("Anna"), "CSV")
import_file(xlsx_of("Bo"), "XLSX")
import_file(csv_of("Anna", "Belgium"), "CSV, changed")
with timed(f"export {Person.objects.count()} people as CSV"):
    "".join(write_csv(people_table(Person.objects.all())))
with timed(f"export {Person.objects.count()} people as XLSX"):
    write_xlsx(people_table(Person.objects.all()), title="People")
print(f"{Person.objects.count()} people, {Person.history.count()} rows of history")
print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB of memory at most")
