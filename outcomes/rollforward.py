"""Laying what a consultation concluded before the next one (domain.md, “Roll-forward, precisely”)."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Case, CharField, Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from consultations.lifecycle import lock
from consultations.models import Consultation, ConsultationKind, ConsultationState
from jobs.models import JobState
from outcomes.models import Consideration, Disposition, RollForward
from stakeholders.refusals import Refused

NO_RECEIVER = "no_receiver"
WITHDRAWN = "withdrawn"


def receiver_of(consultation: Consultation) -> Consultation | None:
    """Give the first consultation along “feeds into” that is neither concluded nor cancelled; None at the end."""
    seen = {consultation.pk}
    following = consultation.feeds_into
    while following and following.state in ConsultationState.ended():
        if following.pk in seen:
            return None
        seen.add(following.pk)
        following = following.feeds_into
    return following


def queue_roll_forward(consultation: Consultation, *, at: datetime) -> RollForward:
    """Write down that the outcomes of a concluded consultation are to be carried, and tell a worker."""
    run = RollForward.objects.create(consultation=consultation, queued_at=at, due_at=at)
    run.ring()
    return run


def roll_forward(consultation: Consultation, *, at: datetime, run: RollForward | None = None) -> RollForward:
    """Lay the live outcomes of a concluded consultation before its receiver; returns the account of it.

    One consideration for each, pinning the version it left with; no text is copied. The database refuses a second
    one, so this may run twice, be killed half-way (it is one transaction), or run beside itself. Without `run` a new
    account is written. The number of queries does not depend on the number of outcomes. Raises Refused unless the
    consultation is concluded.
    """
    if consultation.state != ConsultationState.CONCLUDED:
        raise Refused(
            _("%(code)s is %(state)s. Outcomes are carried forward once it is concluded.")
            % {"code": consultation.code, "state": consultation.get_state_display()}
        )
    with transaction.atomic():
        receiver = _locked_receiver(consultation)
        if run is None:
            run = RollForward.objects.create(
                consultation=consultation, queued_at=at, due_at=at, finished_at=at, state=JobState.DONE, progress=100
            )
        table = Consideration.objects.filter(consultation=consultation, outcome__dropped_at__isnull=True)
        live = _is_live(receiver)
        if receiver:
            _lay_before(receiver, table.filter(live), consultation=consultation, run=run, at=at)
        here = Exists(Consideration.objects.filter(consultation=receiver, outcome=OuterRef("outcome")))
        by_this_run = Exists(run.considerations.filter(consultation=receiver, outcome=OuterRef("outcome")))
        fate = Case(
            When(outcome__withdrawn_at__isnull=False, then=Value(WITHDRAWN)),
            When(~live, then=F("disposition")),
            *([When(by_this_run, then=Value("carried")), When(here, then=Value("already_there"))] if receiver else []),
            default=Value(NO_RECEIVER),
            output_field=CharField(),
        )
        counts = dict(table.order_by().annotate(fate=fate).values_list("fate").annotate(Count("pk")))
        run.receiver = receiver
        run.carried = counts.pop("carried", 0)
        run.already_there = counts.pop("already_there", 0)
        run.skipped = sum(counts.values())
        run.skipped_reasons = dict(sorted(counts.items()))
        run.save(update_fields=["receiver", "carried", "already_there", "skipped", "skipped_reasons"])
    return run


def roll_waiting(*, at: datetime) -> int:
    """Queue a roll-forward for each concluded consultation whose outcomes waited for a receiver that is there now.

    Returns how many were queued. Run by the clock, so that a plan made later takes up what waited.
    """
    queued = 0
    newer = RollForward.objects.filter(consultation=OuterRef("consultation"), pk__gt=OuterRef("pk"))
    waiting = RollForward.objects.filter(
        ~Exists(newer), state=JobState.DONE, receiver__isnull=True, consultation__feeds_into__isnull=False
    ).select_related("consultation__feeds_into")
    for run in waiting:
        if receiver_of(run.consultation):
            queue_roll_forward(run.consultation, at=at)
            queued += 1
    return queued


def _is_live(receiver: Consultation | None) -> Q:
    """The condition for considerations whose outcomes go on.

    What a hearing decided is final and goes nowhere, but for a follow-up event, which takes up what was adopted
    (domain.md, roll-forward, rules 1 and 7).
    """
    dispositions = Disposition.live()
    if receiver and receiver.kind == ConsultationKind.FOLLOW_UP:
        dispositions |= {Disposition.ADOPTED, Disposition.ADOPTED_AS_AMENDED}
    return Q(disposition__in=sorted(dispositions), outcome__withdrawn_at__isnull=True)


def _locked_receiver(consultation: Consultation) -> Consultation | None:
    """Find the receiver and keep it from being concluded or cancelled until the transaction ends."""
    while receiver := receiver_of(Consultation.objects.select_related("feeds_into").get(pk=consultation.pk)):
        receiver = lock(receiver)
        if receiver.state not in ConsultationState.ended():
            return receiver
    return None


def _lay_before(
    receiver: Consultation,
    live: QuerySet[Consideration],
    *,
    consultation: Consultation,
    run: RollForward,
    at: datetime,
) -> None:
    """Insert the considerations in one statement, leaving out those that are there already."""
    columns = {
        "outcome": F("outcome_id"),
        "consultation": Value(receiver.pk),
        "version_before": F("version_after_id"),
        "disposition": Value(Disposition.NONE.value, output_field=CharField()),
        "reason": Value("", output_field=CharField()),
        "laid_at": Value(at, output_field=DateTimeField()),
        "laid_from": Value(consultation.pk),
        "roll_forward": Value(run.pk),
    }
    names_in_table = {field.name: field.column for field in Consideration._meta.concrete_fields}
    rows = live.order_by().annotate(**{f"new_{name}": value for name, value in columns.items()})
    select, parameters = rows.values_list(*(f"new_{name}" for name in columns)).query.sql_with_params()
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(names_in_table[name])) for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(Consideration._meta.db_table)} ({names}) {select} ON CONFLICT DO NOTHING",
            parameters,
        )
