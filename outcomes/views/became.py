"""What became of what one said at a consultation, up to now: the page that the message of its conclusion leads to."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consultations.models import Consultation, Participation
from outcomes.models import Position
from outcomes.onwards import LaterStep, Successor, onwards_of


@dataclass(frozen=True)
class PositionTold:
    """A position that somebody took, and the way of the outcome from that event on; where it was merged or split,
    that of the outcomes in which it went on as well.
    """

    position: Position
    later: list[LaterStep]
    goes_on_in: list[Successor]


@require_safe
def became(request: HttpRequest, code: str) -> HttpResponse:
    """Own inputs with their fates, and own positions with what became of those outcomes at every later event."""
    participation = get_object_or_404(
        Participation.objects.of(request.user).invited().select_related("consultation__series", "person"),
        consultation__code=code,
    )
    consultation: Consultation = participation.consultation
    inputs = participation.inputs.exclude(submitted_at=None).with_area().order_by("number")
    context = {
        "consultation": consultation,
        "participation": participation,
        "inputs": list(inputs),
        "positions": _positions(participation),
    }
    return render(request, "outcomes/became.html", context)


def _positions(participation: Participation) -> list[PositionTold]:
    said = list(
        participation.positions.filter(superseded_at=None)
        .select_related("consideration__outcome", "consideration__consultation", "version")
        .order_by("consideration__outcome__area__order", "consideration__outcome__reference")
    )
    ways = onwards_of({position.consideration.outcome_id for position in said})
    told = []
    for position in said:
        way = ways[position.consideration.outcome_id]
        told.append(PositionTold(position, way.since(participation.consultation_id), way.goes_on_in))
    return told
