"""The work of an import in the background: reckoning the preview, and writing what was confirmed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, get_history_manager_for_model

from jobs.running import JobFailed, report_progress
from stakeholders.accounts import follow_address_book
from stakeholders.importing import tables
from stakeholders.importing.cells import fold
from stakeholders.importing.planning import Planner, read_book, understand
from stakeholders.importing.steps import BATCH, Stage, count_rows, delete_file, plan_again, read_file
from stakeholders.models import AddressImport, ImportRow, Organisation, Person, RowAction, StakeholderType
from stakeholders.refusals import Refused


def work_on(address_import: AddressImport) -> None:
    """Do the step that was asked for. Safe to run again from the start, at any time."""
    with translation.override(address_import.language):
        match address_import.stage:
            case Stage.PREVIEW:
                make_preview(address_import)
            case Stage.WRITING:
                write(address_import, at=timezone.now())


def make_preview(address_import: AddressImport) -> None:
    """Read the file and write down what each row will do. Raises JobFailed where it cannot be read."""
    dialect = tables.Dialect(
        tables.Kind(address_import.kind), address_import.encoding, address_import.delimiter, address_import.sheet
    )
    report_progress(address_import, percent=5, text=_("Reading the file"))
    try:
        table = list(tables.read(read_file(address_import), dialect))
    except Refused as fault:
        raise JobFailed(str(fault)) from fault
    planner = Planner(read_book())
    usual_type = str(address_import.usual_type or "")
    rows = []
    for place, (number, cells) in enumerate(table):
        if number <= address_import.header_row:
            continue
        if place % 2000 == 0:
            percent = 20 + 60 * place // len(table)
            report_progress(address_import, percent=percent, text=_("Row %(row)s") % {"row": number})
        values = understand(cells, address_import.columns, usual_type=usual_type)
        if not any(values[name] for name in values if name != "stakeholder_type"):
            continue
        plan = planner.plan(number, values)
        rows.append(
            ImportRow(address_import=address_import, number=number, cells=cells, values=values, **plan.as_fields())
        )
    if not rows:
        raise JobFailed(_("In the columns that you have chosen nothing stands. Match the columns again."))
    report_progress(address_import, percent=80, text=_("Writing the preview down"))
    with transaction.atomic():
        address_import.rows.all().delete()
        ImportRow.objects.bulk_create(rows, batch_size=BATCH)


def write(address_import: AddressImport, *, at: datetime) -> None:
    """Write what the preview shows, all in one transaction, with the history of every row.

    Where the address book has changed so that a row would do something else than staff have seen, nothing is
    written: the rows are marked, and the preview waits to be confirmed again. Once written, this does nothing more.
    """
    report_progress(address_import, percent=20, text=_("Comparing with the address book"))
    own = AddressImport.objects.filter(pk=address_import.pk, stage=Stage.WRITING)
    with transaction.atomic():
        if not own.update(stage=Stage.WRITING):
            return
        rows = address_import.rows.filter(action__in=RowAction.written())
        _hold_found(rows.values_list("found_key", flat=True))
        if plan_again(address_import, at=at):
            own.update(stage=Stage.PREVIEW)
            return
        _Writer(address_import, at=at).write(list(rows.order_by("number")))
        follow_address_book()
        by_action = address_import.rows.order_by().values_list("action").annotate(Count("pk"))
        own.update(stage=Stage.WRITTEN, written_at=at, counts=count_rows(by_action))
        address_import.rows.exclude(action__in=RowAction.left_over()).delete()
        delete_file(address_import)


def _hold_found(keys: Iterable[str]) -> None:
    """Keep the people and organisations that are about to be changed as they are until the transaction ends.

    PostgreSQL locks the rows; SQLite lets one writing transaction in at a time anyway.
    """
    found = sorted(key for key in keys if key)
    for start in range(0, len(found), BATCH):
        part = found[start : start + BATCH]
        for rows in [Person.objects.all(), Organisation.objects.all()]:
            list(rows.select_for_update().filter(key__in=part).order_by("pk").values_list("pk"))


class _Writer:
    """Writes the planned rows of one import: organisations first, then the people, a few statements for each."""

    def __init__(self, address_import: AddressImport, *, at: datetime) -> None:
        self.types = {row.name: row.pk for row in StakeholderType.objects.order_by("-pk")}
        self.organisations = {fold(name): pk for pk, name in Organisation.objects.values_list("pk", "name")}
        self.history: dict[str, Any] = {
            "default_user": address_import.asked_by.user,
            "default_date": at,
            "default_change_reason": _("Imported from %(file)s") % {"file": address_import.file_name[-70:]},
            "batch_size": BATCH,
        }

    def write(self, rows: list[ImportRow]) -> None:
        of_people = [row for row in rows if row.values["name"] or row.values["email"]]
        of_organisations = [row for row in rows if not (row.values["name"] or row.values["email"])]
        self._add_organisations([*of_organisations, *of_people])
        changed = [row for row in of_organisations if row.action == RowAction.UPDATE]
        self._update(Organisation, changed, ["name", "stakeholder_type", "city", "country"])
        new = [Person(**self._fields(row)) for row in of_people if row.action == RowAction.ADD]
        bulk_create_with_history(new, Person, **self.history)
        self._update(
            Person,
            [row for row in of_people if row.action == RowAction.UPDATE],
            ["name", "email", "organisation", "stakeholder_type", "country", "mail_refused_at", "mail_refusal"],
        )

    def _add_organisations(self, rows: list[ImportRow]) -> None:
        """Add the organisations that rows name and the book does not have; the first row that names one counts."""
        new: dict[str, Organisation] = {}
        for row in rows:
            name = row.changes.get("organisation", ["", ""])[1]
            if row.action not in RowAction.written() or not name or fold(name) in self.organisations:
                continue
            type_name = row.changes.get("stakeholder_type", ["", ""])[1]
            new.setdefault(
                fold(name),
                Organisation(
                    name=name, city=row.values["city"], country=row.values["country"],
                    stakeholder_type_id=self.types.get(type_name),
                ),
            )  # fmt: skip
        made = bulk_create_with_history(list(new.values()), Organisation, **self.history)
        self.organisations |= {fold(organisation.name): organisation.pk for organisation in made}

    def _update(self, model: Any, rows: list[ImportRow], names: list[str]) -> None:
        keys = [row.found_key for row in rows]
        found: dict[str, Any] = {}
        for start in range(0, len(keys), BATCH):
            found |= {entry.key: entry for entry in model.objects.filter(key__in=keys[start : start + BATCH])}
        for row in rows:
            for name, value in self._fields(row, of=model).items():
                setattr(found[row.found_key], name, value)
        # One statement for many rows: several times as fast as `bulk_update`, which compares every row with every key.
        model.objects.bulk_create(
            found.values(), update_conflicts=True, unique_fields=["pk"], update_fields=names, batch_size=BATCH
        )
        get_history_manager_for_model(model).bulk_history_create(found.values(), update=True, **self.history)

    def _fields(self, row: ImportRow, *, of: Any = Person) -> dict[str, Any]:
        """Give the attributes that a row sets."""
        after: dict[str, Any] = {name: change[1] for name, change in row.changes.items()}
        if "stakeholder_type" in after:
            after["stakeholder_type_id"] = self.types[after.pop("stakeholder_type")]
        if "email" in after:
            # A new address has refused nothing yet.
            after |= {"mail_refused_at": None, "mail_refusal": ""}
        if "organisation" in after and of is Organisation:
            after["name"] = after.pop("organisation")
        elif "organisation" in after:
            after["organisation_id"] = self.organisations[fold(after.pop("organisation"))]
        return after
