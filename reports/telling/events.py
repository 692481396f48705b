"""Events as a snapshot tells them, with who came and agreed to be named."""

from collections import defaultdict
from typing import Any

from consultations.models import Attribution, Consultation, Input, Participation
from outcomes.balance import STAGES, Balance, Line, balances_of
from outcomes.fates import coverage_by_event
from reports.telling.moments import day_of, local

Data = dict[str, Any]


def tell_events(events: list[Consultation], *, inputs: list[Input]) -> list[Data]:
    """Tell events in their order; `inputs` are the submitted ones of those that are concluded."""
    shown = {event.pk for event in events}
    participants = _participants(events)
    balances = balances_of(events)
    counts = coverage_by_event(events)
    unpublished: dict[int, int] = defaultdict(int)
    for row in inputs:
        unpublished[row.consultation_id] += row.attribution == Attribution.UNPUBLISHED
    return [
        {
            "code": event.code,
            "title": event.title,
            "kind": event.get_kind_display(),
            "is_hearing": event.is_hearing,
            "state": event.state,
            "state_label": event.get_state_display(),
            "description": event.description,
            "place": ", ".join(filter(None, [event.city, event.country])),
            "venue": event.venue,
            "starts_on": day_of(event.starts_on),
            "ends_on": day_of(event.ends_on),
            "time_zone": event.time_zone,
            "host": event.host.name if event.host else "",
            "partners": [partner.name for partner in event.partners.all()],
            "areas": [area.code for area in event.areas.all()],
            "feeds_into": event.feeds_into.code
            if event.feeds_into and (event.feeds_into_id in shown or event.feeds_into.announced_at)
            else "",
            "cancellation_reason": event.cancellation_reason,
            "concluded_on": day_of(event.concluded_at.astimezone(event.zone).date() if event.concluded_at else None),
            "sessions": [
                {
                    "title": session.title,
                    "kind": session.get_kind_display(),
                    "starts_at": local(session.starts_at, event),
                    "ends_at": local(session.ends_at, event),
                    "area": session.area.code if session.area else "",
                }
                for session in event.sessions.all()
            ],
            "balance": _tell_balance(balances[event.pk]) if event.concluded_at else None,
            "participants": participants[event.pk],
            "inputs": vars(counts[event.pk]) if event.concluded_at else None,
            "unpublished_inputs": unpublished[event.pk] if event.concluded_at else 0,
        }
        for event in events
    ]


def _participants(events: list[Consultation]) -> dict[int, list[Data]]:
    """Those who came or accepted, and agreed to be named."""
    rows = (
        Participation.objects.listed()
        .filter(consultation__in=[event.pk for event in events])
        .select_related("person", "organisation", "stakeholder_type")
        .order_by("stakeholder_type__order", "person__name", "pk")
    )
    found: dict[int, list[Data]] = defaultdict(list)
    for row in rows:
        found[row.consultation_id].append(
            {
                "name": row.person.name,
                "organisation": row.organisation.name if row.organisation else "",
                "type": row.stakeholder_type.name,
                "role": row.get_role_display(),
            }
        )
    return found


def _tell_balance(balance: Balance) -> Data:
    """How many people there were at each stage, by stakeholder type and region; `came` is the stage of the targets."""

    def line(row: Line) -> Data:
        return {"target": row.target, **{stage: getattr(row.counts, stage) for stage in STAGES}}

    return {
        "came": balance.came,
        "types": [{"type": row.type.slug, **line(row)} for row in balance.types if row.type],
        "regions": [{"region": row.name, **line(row)} for row in balance.regions],
    }
