"""What happens to positions where two records of one person are made one (`consultations.merging`)."""

from django.db.models import QuerySet

from outcomes.models import Position
from stakeholders.merging import Merger


def keep_later_position(merger: Merger, own: Position, double: Position) -> None:
    """One person has one position: the one taken later counts, and the earlier one is kept as replaced by it."""
    earlier, later = sorted([own, double], key=lambda position: (position.taken_at, position.pk))
    positions: QuerySet[Position] = QuerySet(Position)
    positions.filter(pk=earlier.pk).update(superseded_at=later.taken_at)
