"""Working through the inputs of an event: tag them, or set them aside with a reason that their authors will read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, QuerySet, TextField, Value
from django.utils.translation import gettext as _

from consultations.lifecycle import lock
from consultations.models import Consultation, ConsultationState, Input
from consultations.queries import InputQuerySet
from outcomes.codebook import find_or_add_tag
from outcomes.models import SettingAside, Tag, Tagging
from outcomes.queries import is_set_aside, is_used
from stakeholders.models import Person
from stakeholders.refusals import Refused

NAMED_AT_MOST = 10


def lock_for_synthesis(consultation: Consultation) -> Consultation:
    """Read the consultation afresh and keep its state until the transaction ends; every act at the desk starts here.

    Raises Refused unless it is in synthesis or in validation.
    """
    consultation = lock(consultation)
    if consultation.state not in ConsultationState.in_work():
        raise Refused(
            _("%(code)s is %(state)s. Rapporteurs work on it in synthesis and in validation.")
            % {"code": consultation.code, "state": consultation.get_state_display()}
        )
    return consultation


def set_aside(inputs: Iterable[Input], *, consultation: Consultation, reason: str, by: Person, at: datetime) -> int:
    """Set inputs aside with one reason; returns how many. Those set aside already keep their reason.

    Raises Refused without a reason, or when some of them are used as evidence (naming them).
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Give a reason: the authors will read it."))
    with transaction.atomic():
        lock_for_synthesis(consultation)
        chosen = _submitted(inputs, consultation)
        if used := list(chosen.filter(is_used()).order_by("number")[: NAMED_AT_MOST + 1]):
            references = ", ".join(input.reference for input in used[:NAMED_AT_MOST])
            more = _(" and others") if len(used) > NAMED_AT_MOST else ""
            raise Refused(
                _("These inputs are used as evidence, so they cannot be set aside: %(references)s. Withdraw it first.")
                % {"references": references + more}
            )
        return _insert(
            SettingAside,
            chosen.exclude(is_set_aside()),
            reason=Value(reason, output_field=TextField()),
            set_aside_at=Value(at, output_field=DateTimeField()),
            set_aside_by=Value(by.pk),
        )


def take_back(input: Input, *, by: Person, at: datetime) -> None:
    """Undo a setting aside: the input is open again. Harmless when it is not set aside."""
    with transaction.atomic():
        lock_for_synthesis(input.consultation)
        input.settings_aside.filter(taken_back_at__isnull=True).update(taken_back_at=at, taken_back_by=by)


def tag(inputs: Iterable[Input], *, consultation: Consultation, name: str, by: Person, at: datetime) -> int:
    """Put a tag of the series' codebook on inputs, adding it to the codebook if new; returns how many got it.

    Raises Refused for a name that is none, and for a retired tag.
    """
    with transaction.atomic():
        lock_for_synthesis(consultation)
        label = find_or_add_tag(consultation.series, name)
        return _insert(
            Tagging,
            _submitted(inputs, consultation).exclude(Exists(label.taggings.filter(input=OuterRef("pk")))),
            tag=Value(label.pk),
            tagged_at=Value(at, output_field=DateTimeField()),
            tagged_by=Value(by.pk),
        )


def untag(inputs: Iterable[Input], *, consultation: Consultation, tag: Tag) -> int:
    """Take a tag off inputs; returns how many had it."""
    with transaction.atomic():
        lock_for_synthesis(consultation)
        chosen = _submitted(inputs, consultation).values("pk")
        return Tagging.objects.filter(tag=tag, input__in=chosen).delete()[0]


def _submitted(inputs: Iterable[Input], consultation: Consultation) -> InputQuerySet:
    """The submitted ones of this consultation among `inputs`, read afresh; a QuerySet is asked again, not listed."""
    keys: Any = inputs.order_by().values("pk") if isinstance(inputs, QuerySet) else [input.pk for input in inputs]
    return Input.objects.submitted().filter(consultation=consultation, pk__in=keys).select_related("consultation")


def _insert(model: type[Tagging | SettingAside], inputs: InputQuerySet, **columns: Value) -> int:
    """Insert a row for each input in one statement, and give their number. What is there already is left out."""
    values: dict[str, Value | F] = {"input": F("pk"), **columns}
    rows = inputs.select_related(None).order_by().annotate(**{f"new_{name}": value for name, value in values.items()})
    try:
        select, parameters = rows.values_list(*(f"new_{name}" for name in values)).query.sql_with_params()
    except EmptyResultSet:
        return 0
    quote = connection.ops.quote_name
    columns_of = {field.name: str(field.column) for field in model._meta.concrete_fields}
    names = ", ".join(quote(columns_of[name]) for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) {select} ON CONFLICT DO NOTHING", parameters
        )
        return int(cursor.rowcount)
