"""Laying what a consultation concluded before the next one (domain.md, “Roll-forward, precisely”)."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext as _

from consultations.models import Consultation, ConsultationState
from jobs.models import JobState
from outcomes.models import Consideration, Disposition, RollForward
from outcomes.plan import Place, Plan
from stakeholders.refusals import Refused

NO_RECEIVER = "no_receiver"
WITHDRAWN = "withdrawn"


def receiver_of(consultation: Consultation) -> Consultation | None:
    """Give the first consultation along “feeds into” that is neither concluded nor cancelled; None at the end."""
    place = Plan.of(consultation.series_id).receiver_of(consultation.code)
    return place.consultation if place else None


def queue_roll_forward(consultation: Consultation, *, at: datetime) -> RollForward:
    """Write down that the outcomes of a concluded consultation are to be carried, and tell a worker."""
    run = RollForward.objects.create(consultation=consultation, queued_at=at, due_at=at)
    run.ring()
    return run


def roll_forward(consultation: Consultation, *, at: datetime, run: RollForward | None = None) -> RollForward:
    """Lay the live outcomes of a concluded consultation before its receiver; returns the account of it.

    One consideration for each, pinning the version it left with; no text is copied. What went on from here before,
    wherever it is by now, stays there. The database refuses a second one, so this may run twice, be killed half-way
    (it is one transaction), or run beside itself. Without `run` a new account is written. The number of queries does
    not depend on the number of outcomes. Raises Refused unless the consultation is concluded.
    """
    if consultation.state != ConsultationState.CONCLUDED:
        raise Refused(
            _("%(code)s is %(state)s. Outcomes are carried forward once it is concluded.")
            % {"code": consultation.code, "state": consultation.get_state_display()}
        )
    with transaction.atomic():
        receiver = Plan.locked(consultation.series_id).receiver_of(consultation.code)
        if run is None:
            run = RollForward.objects.create(
                consultation=consultation, queued_at=at, due_at=at, finished_at=at, state=JobState.DONE, progress=100
            )
        if receiver:
            rows = _to_lay(consultation, receiver)
            _lay_before(receiver.consultation, rows, consultation=consultation, run=run, at=at)
        _write_account(run, receiver=receiver)
    return run


def roll_waiting(*, at: datetime) -> int:
    """Queue a roll-forward for each concluded consultation with outcomes that its receiver does not have yet.

    Returns how many were queued. Run by the clock: whatever kept them from being carried, they go on as soon as they
    can. Consultations whose newest roll-forward is under way or has failed are left to that.
    """
    newest = RollForward.objects.filter(consultation=OuterRef("pk")).order_by("-pk").values("state")[:1]
    at_rest = (
        Consultation.objects.filter(state=ConsultationState.CONCLUDED)
        .annotate(newest_run=Subquery(newest))
        .filter(Q(newest_run__isnull=True) | Q(newest_run=JobState.DONE))
    )
    plans: dict[int, Plan] = {}
    queued = 0
    for consultation in at_rest:
        plan = plans.get(consultation.series_id) or Plan.of(consultation.series_id)
        plans[consultation.series_id] = plan
        receiver = plan.receiver_of(consultation.code)
        if receiver and _to_lay(consultation, receiver).exists():
            queue_roll_forward(consultation, at=at)
            queued += 1
    return queued


def _to_lay(consultation: Consultation, receiver: Place) -> QuerySet[Consideration]:
    """What goes on from a concluded consultation to its receiver, and has not yet."""
    table = Consideration.objects.filter(consultation=consultation, outcome__dropped_at__isnull=True)
    return table.filter(is_live_towards(receiver)).not_carried()


def is_live_towards(receiver: Place | None) -> Q:
    """The condition for considerations whose outcomes go on to that place of the plan.

    What a hearing decided is final and goes nowhere, but for a follow-up event, which takes up what was adopted
    (domain.md, roll-forward, rules 1 and 7).
    """
    dispositions = Disposition.live()
    if receiver and receiver.is_follow_up:
        dispositions |= Disposition.live_towards_follow_ups()
    return Q(disposition__in=sorted(dispositions), outcome__withdrawn_at__isnull=True)


def _write_account(run: RollForward, *, receiver: Place | None) -> None:
    """Say of every outcome on the table what became of it: one query, and one to keep the answer."""
    table = Consideration.objects.filter(consultation=run.consultation_id, outcome__dropped_at__isnull=True)
    # A join, where EXISTS would be asked for each row: an outcome goes on from one event to one other.
    onwards = FilteredRelation(
        "outcome__considerations", condition=Q(outcome__considerations__laid_from=run.consultation_id)
    )
    fate = Case(
        When(outcome__withdrawn_at__isnull=False, then=Value(WITHDRAWN)),
        When(~is_live_towards(receiver), then=F("disposition")),
        When(onwards__roll_forward=run, then=Value("carried")),
        When(onwards__isnull=False, then=Value("already_there")),
        default=Value(NO_RECEIVER),
        output_field=CharField(),
    )
    counted = table.order_by().annotate(onwards=onwards).annotate(fate=fate).values_list("fate")
    counts = dict(counted.annotate(Count("pk")))
    run.receiver = receiver.consultation if receiver else None
    run.carried = counts.pop("carried", 0)
    run.already_there = counts.pop("already_there", 0)
    run.skipped = sum(counts.values())
    run.skipped_reasons = dict(sorted(counts.items()))
    run.save(update_fields=["receiver", "carried", "already_there", "skipped", "skipped_reasons"])


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
