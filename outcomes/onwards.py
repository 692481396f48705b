"""The way of outcomes after an event: what each later, concluded event made of them, over merges and splits."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from consultations.models import ConsultationState
from outcomes.lineage import heirs_of
from outcomes.models import Consideration, Disposition


@dataclass(frozen=True)
class LaterStep:
    """What one concluded event made of an outcome that was laid before it, with the reason that is published."""

    consultation: str
    held_on: date | None
    disposition: str
    reason: str


@dataclass(frozen=True)
class Successor:
    """An outcome in which another went on by merges and splits, over any number of them: where it stands by now, and
    what the events after its birth made of it.
    """

    reference: str
    title: str
    standing: str
    later: list[LaterStep]


@dataclass(frozen=True)
class Onwards:
    """An outcome at all its events, and the outcomes in which it went on, the older first."""

    considerations: list[Consideration]
    goes_on_in: list[Successor]

    def at(self, consultation: int) -> Consideration | None:
        """The outcome before the event with that primary key; None where it never was."""
        return next((row for row in self.considerations if row.consultation_id == consultation), None)

    def since(self, consultation: int) -> list[LaterStep]:
        """What became of it from that event on: at that event itself too, where it was laid before it."""
        here = self.at(consultation)
        return _steps(row for row in self.considerations if here and row.laid_at >= here.laid_at)


def onwards_of(outcomes: Collection[int]) -> dict[int, Onwards]:
    """Tell the way of each of these, named by primary key, in three queries, however many there are."""
    heirs = heirs_of(outcomes)
    rows: dict[int, list[Consideration]] = defaultdict(list)
    way = Consideration.objects.filter(outcome__in={*outcomes, *(heir.pk for each in heirs.values() for heir in each)})
    way = way.select_related("consultation", "version_before", "version_after")
    for row in way.order_by("laid_at", "pk"):
        rows[row.outcome_id].append(row)
    return {
        pk: Onwards(
            rows[pk],
            [
                Successor(
                    reference=heir.reference,
                    title=heir.current_title or "",
                    standing=str(Disposition(heir.standing or "proposed").label),
                    later=_steps(rows[heir.pk]),
                )
                for heir in heirs.get(pk, [])
            ],
        )
        for pk in outcomes
    }


def _steps(considerations: Iterable[Consideration]) -> list[LaterStep]:
    """What concluded events made of it; where it was born it was not laid before the event, so that tells nothing."""
    return [
        LaterStep(
            consultation=row.consultation.title,
            held_on=row.consultation.starts_on,
            disposition=row.get_disposition_display(),
            reason=row.reason,
        )
        for row in considerations
        if row.consultation.state == ConsultationState.CONCLUDED and row.version_before_id
    ]
