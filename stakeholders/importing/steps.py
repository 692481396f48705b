"""The acts of staff on the way of a file into the address book: upload, match, decide, confirm, discard."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jobs.models import JobState
from stakeholders.importing import columns, tables
from stakeholders.importing.planning import Planner, read_book
from stakeholders.models import AddressImport, Decision, ImportRow, Person, RowAction, StakeholderType
from stakeholders.refusals import Refused

Stage = AddressImport.Stage
BATCH = 500
PLANNED = ("action", "reason", "found_key", "found_row", "changes")
"""The fields of a row that its plan fills."""
OPEN_STAGES = {Stage.COLUMNS, Stage.PREVIEW}


def upload(file: BinaryIO, *, name: str, by: Person, at: datetime) -> AddressImport:
    """Keep a file that was sent, and guess what its columns are about; nothing else happens yet.

    Returns the import, waiting for its columns to be looked at. Raises Refused for what is no table or too large.
    """
    data = file.read(tables.MOST_BYTES + 1)
    if len(data) > tables.MOST_BYTES:
        raise tables.Unreadable(
            _("The file is larger than %(most)s MB. Divide it into several files.")
            % {"most": tables.MOST_BYTES // 1024 // 1024}
        )
    dialect, rows = tables.sample(data, tables.recognise(data))
    with transaction.atomic():
        made = AddressImport(
            file_name=name[-200:],
            sample=rows,
            header_row=columns.find_header_row(rows),
            asked_by=by,
            language=get_language() or settings.LANGUAGE_CODE,
            state=JobState.DONE,
            queued_at=at,
            finished_at=at,
            **_read_as(dialect),
        )
        made.columns = columns.match(made.headers, rows)
        made.file.save(f"{Person.key.field.default()}.{dialect.kind}", ContentFile(data), save=False)
        made.save()
    return made


def read_again(
    address_import: AddressImport, *, encoding: str = "", delimiter: str = "", sheet: str = "", header_row: int = 1
) -> None:
    """Read the file in another way, and guess its columns anew. Raises Refused, also after the confirmation."""
    _require_stage(address_import, OPEN_STAGES)
    dialect = tables.Dialect(tables.Kind(address_import.kind), encoding, delimiter, sheet, address_import.sheets)
    dialect, rows = tables.sample(read_file(address_import), dialect)
    address_import.sample = rows
    numbers = [number for number, _cells in rows]
    guessed = columns.find_header_row(rows)
    has_moved = sheet != address_import.sheet or header_row not in numbers
    address_import.header_row = guessed if has_moved else header_row
    for name, value in _read_as(dialect).items():
        setattr(address_import, name, value)
    address_import.columns = columns.match(address_import.headers, rows)
    address_import.save(
        update_fields=["sample", "header_row", "kind", "encoding", "delimiter", "sheet", "sheets", "columns"]
    )


def match(
    address_import: AddressImport, *, matched: Mapping[str, int], usual_type: StakeholderType | None, at: datetime
) -> None:
    """Take what staff say the columns are about, and have a worker reckon the preview; an earlier one is gone.

    Raises Refused where no column tells a name or an organisation, and after the confirmation.
    """
    if not matched.keys() & {"name", "first_name", "last_name", "organisation"}:
        raise Refused(_("Say which column holds the names of people, or of organisations."))
    _ask_for(
        address_import,
        Stage.PREVIEW,
        sources=OPEN_STAGES,
        at=at,
        columns=dict(matched),
        usual_type=usual_type,
        counts={},
    )


def decide(address_import: AddressImport, *, numbers: Collection[int] | None, decision: Decision, at: datetime) -> int:
    """Say of rows, by their numbers or of all that are still to decide, whether they are somebody who is known.

    All rows are planned anew, for one row may hang on another. Returns how many rows it was said of. Raises Refused
    when there is no preview (any more).
    """
    with transaction.atomic():
        _hold(address_import)
        rows = address_import.rows.all()
        rows = rows.filter(action=RowAction.DECIDE) if numbers is None else rows.filter(number__in=list(numbers))
        decided = rows.exclude(action=RowAction.FAULTY).update(decision=decision)
        plan_again(address_import, at=None)
    return decided


def confirm(address_import: AddressImport, *, by: Person, at: datetime) -> None:
    """Have a worker write what the preview shows. Raises Refused without a preview, or with nothing in it to write."""
    if not address_import.rows.filter(action__in=RowAction.written()).exists():
        raise Refused(_("There is no row that would change the address book."))
    _ask_for(address_import, Stage.WRITING, sources={Stage.PREVIEW, Stage.WRITING}, at=at, asked_by=by)


def discard(address_import: AddressImport, *, at: datetime) -> None:
    """Give an import up: file and rows are deleted. Raises Refused after the confirmation."""
    with transaction.atomic():
        open_ones = AddressImport.objects.filter(stage__in={*OPEN_STAGES, Stage.WRITING}, state__in=_finished())
        if not open_ones.filter(pk=address_import.pk).update(stage=Stage.DISCARDED):
            raise Refused(_too_late())
        forget(address_import, at=at)


def forget(address_import: AddressImport, *, at: datetime) -> None:
    """Delete the file and all rows; what was imported, when and by whom, stays."""
    with transaction.atomic():
        address_import.rows.all().delete()
        delete_file(address_import)
        AddressImport.objects.filter(pk=address_import.pk).update(sample=[], forgotten_at=at)


def forget_old(*, at: datetime) -> int:
    """Forget the imports that nobody has touched for settings.IMPORT_DAYS. Returns how many."""
    old = AddressImport.objects.filter(
        forgotten_at__isnull=True, finished_at__lt=at - timedelta(days=settings.IMPORT_DAYS)
    )
    for address_import in old:
        forget_at_once(address_import, at=at)
    return len(old)


def forget_at_once(address_import: AddressImport, *, at: datetime) -> None:
    """Forget an import, whatever it was waiting for; one that was not written yet is given up."""
    with transaction.atomic():
        AddressImport.objects.filter(pk=address_import.pk, stage__in=OPEN_STAGES).update(stage=Stage.DISCARDED)
        forget(address_import, at=at)


def delete_file(address_import: AddressImport) -> None:
    """Delete the file once the transaction is committed."""
    if name := address_import.file.name:
        AddressImport.objects.filter(pk=address_import.pk).update(file="")
        transaction.on_commit(lambda: default_storage.delete(name))


def read_file(address_import: AddressImport) -> bytes:
    """Give the file as it was sent. Raises Refused when it is forgotten."""
    if not address_import.file:
        raise Refused(_("The file is deleted by now. Upload it again."))
    with address_import.file.open("rb") as file:
        data: bytes = file.read()
    return data


def plan_again(address_import: AddressImport, *, at: datetime | None) -> int:
    """Plan all rows by the address book as it is now, and write down what is planned otherwise. Returns how many.

    With `at` these are marked as moved since then; without it, the marks are taken off. Four queries, and one for
    every BATCH rows that are planned otherwise.
    """
    planner = Planner(read_book())
    moved = []
    for row in address_import.rows.order_by("number"):
        fields = planner.plan(row.number, row.values, row.decision).as_fields()
        is_other = any(getattr(row, name) != fields[name] for name in ("action", "found_key", "changes"))
        if is_other or row.reason != fields["reason"] or (at is None and row.moved_at):
            for name, value in fields.items():
                setattr(row, name, value)
            row.moved_at = at if is_other else None
            moved.append(row)
    ImportRow.objects.bulk_create(
        moved, update_conflicts=True, unique_fields=["pk"], update_fields=[*PLANNED, "moved_at"], batch_size=BATCH
    )
    return sum(row.moved_at is not None for row in moved)


def count_rows(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Give the numbers of rows by what they do, in the order of RowAction; the rows as (action, number)."""
    numbers = dict(rows)
    return {action.value: numbers.get(action.value, 0) for action in RowAction}


def _read_as(dialect: tables.Dialect) -> dict[str, Any]:
    return {
        "kind": dialect.kind,
        "encoding": dialect.encoding,
        "delimiter": dialect.delimiter,
        "sheet": dialect.sheet,
        "sheets": dialect.sheets,
    }


def _ask_for(
    address_import: AddressImport, stage: Stage, *, sources: Collection[Stage], at: datetime, **fields: Any
) -> None:
    """Queue the next step, by a conditional update. Raises Refused when the import is elsewhere by now."""
    with transaction.atomic():
        own = AddressImport.objects.filter(pk=address_import.pk, stage__in=sources, state__in=_finished())
        queued = own.exclude(file="").update(
            stage=stage, state=JobState.QUEUED, attempts=0, error="", progress=0, progress_text="",
            queued_at=at, due_at=at, finished_at=None, **fields,
        )  # fmt: skip
        if not queued:
            raise Refused(_too_late())
        address_import.refresh_from_db()
        address_import.ring()


def _hold(address_import: AddressImport) -> None:
    """Keep the import in the preview until the transaction ends. Raises Refused where it is not there."""
    own = AddressImport.objects.filter(pk=address_import.pk, stage=Stage.PREVIEW, state=JobState.DONE)
    if not own.update(stage=Stage.PREVIEW):
        raise Refused(_too_late())


def _require_stage(address_import: AddressImport, stages: Collection[Stage]) -> None:
    own = AddressImport.objects.filter(pk=address_import.pk, stage__in=stages, state__in=_finished())
    if not own.exists():
        raise Refused(_too_late())


def _finished() -> Sequence[str]:
    return [state.value for state in JobState if state not in JobState.unfinished()]


def _too_late() -> str:
    return _("This import has gone on meanwhile. Look at its page again.")
