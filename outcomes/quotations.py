"""What may be shown of the evidence under outcomes: quotes under the line that their authors allowed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from consultations.attribution import attribution_line
from consultations.models import Attribution, Consultation, Input, InputState
from outcomes.models import Evidence, Outcome


@dataclass(frozen=True)
class Quotation:
    """One piece of evidence in the words that may be published; `quote` is empty where none was taken."""

    reference: str
    title: str
    quote: str
    source: str
    relation: str
    relation_label: str
    event: str


@dataclass
class Quoted:
    """The evidence of one outcome: what may be quoted, and how many inputs are only counted."""

    quotations: list[Quotation] = field(default_factory=list)
    counted_only: int = 0


def quotations_of(
    outcomes: Iterable[Outcome], *, drafts_of: Consultation | None = None, concluded_by: datetime | None = None
) -> dict[int, Quoted]:
    """Give the evidence of each outcome by its primary key, in one query, however many there are.

    Only what concluded events have published; with `drafts_of` also what that event is working on, for those who may
    read its drafts; with `concluded_by` only what those have that were concluded by then. Unpublished inputs are
    counted and nothing else.
    """
    published = Q(input__consultation__concluded_at__isnull=False)
    if concluded_by:
        published = Q(input__consultation__concluded_at__lte=concluded_by)
    if drafts_of:
        published |= Q(input__consultation=drafts_of)
    rows = (
        Evidence.objects.standing()
        .filter(published, outcome__in=[outcome.pk for outcome in outcomes], input__state=InputState.SUBMITTED)
        .select_related(
            "input__consultation",
            "input__participation__person",
            "input__participation__organisation",
            "input__participation__stakeholder_type",
        )
        .order_by("input__consultation__order", "input__number", "pk")
    )
    found: dict[int, Quoted] = defaultdict(Quoted)
    counted: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row.input.attribution == Attribution.UNPUBLISHED:
            counted[row.outcome_id].add(row.input_id)
        else:
            found[row.outcome_id].quotations.append(_quotation(row, row.input))
    for outcome, inputs in counted.items():
        found[outcome].counted_only = len(inputs)
    return found


def _quotation(row: Evidence, input: Input) -> Quotation:
    return Quotation(
        reference=input.reference,
        title=input.title,
        quote=row.quote,
        source=attribution_line(input),
        relation=row.relation,
        relation_label=row.get_relation_display(),
        event=input.consultation.title,
    )
