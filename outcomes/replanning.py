"""Changing the plan of a running series: what a consultation feeds into, where it stands, of what kind it is.

Each operation locks the plan, looks ahead, refuses what would orphan outcomes that have been worked on, and moves the
others with the plan, all in one transaction. What is newly live is laid by the roll-forwards that are queued with it.
Each raises Refused with every reason, and changes nothing then.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from consultations.models import Consultation, ConsultationKind, ConsultationState
from outcomes.consequences import Consequences, consequences, laid_and_open, was_adopted
from outcomes.plan import Plan
from outcomes.rollforward import queue_roll_forward
from stakeholders.models import Person
from stakeholders.refusals import Refused


def feed_into(consultation: Consultation, *, following: Consultation | None, by: Person, at: datetime) -> Consequences:
    """Have a consultation feed into another one, or into none; returns what became of the outcomes.

    Raises Refused also for a circle and for a consultation of another series.
    """
    with transaction.atomic():
        before = Plan.locked(consultation.series_id)
        done = change_plan(before, before.feeding(consultation.code, following.code if following else ""), at=at)
    consultation.refresh_from_db(fields=["feeds_into"])
    return done


def insert_after(consultation: Consultation, *, placed: Consultation, by: Person, at: datetime) -> Consequences:
    """Put a consultation directly after another: it takes up what that one concludes, and feeds what that one fed.

    `placed` is new and not saved yet, or is taken out of where it stands: what fed into it goes past it then. Others
    that feed the same receiver go on doing so. Raises Refused also for a circle, another series, and the same one.
    """
    with transaction.atomic():
        before = Plan.locked(consultation.series_id)
        after = before.inserting(placed, after=consultation.code)
        following = after.places[placed.code].feeds_into
        _stand_between(placed, consultation, after.places[following].consultation if following else None)
        done = change_plan(before, after, at=at)
    consultation.refresh_from_db(fields=["feeds_into"])
    placed.refresh_from_db(fields=["feeds_into", "order"])
    return done


def change_kind(consultation: Consultation, *, kind: str, by: Person, at: datetime) -> Consequences:
    """Make a planned consultation one of another kind. A follow-up takes up what a hearing has adopted, no other does.

    Raises Refused also once it has been announced, and for a hearing that has themes, which no other kind has.
    """
    with transaction.atomic():
        before = Plan.locked(consultation.series_id)
        if kind != ConsultationKind.HEARING and consultation.themes.exists():
            raise Refused(_("It has themes, which only a hearing has. Take them away first, then change its kind."))
        if before.places[consultation.code].state != ConsultationState.PLANNED:
            raise Refused(_("Its kind has been announced, so it stays as it is."))
        done = change_plan(before, before.becoming(consultation.code, kind), at=at)
    consultation.refresh_from_db(fields=["kind"])
    return done


def change_plan(before: Plan, after: Plan, *, at: datetime) -> Consequences:
    """Write a changed plan and let the outcomes follow it; `before` is the locked plan.

    What nobody has worked on moves in one statement for each concluded consultation that it came from, and a
    roll-forward is queued for each, which lays what is newly live and writes the account. Raises Refused where
    outcomes that have been worked on would be orphaned, naming them.
    """
    found = consequences(before, after)
    if refusals := found.refusals():
        raise Refused(refusals)
    _write(before, after)
    for origin in found.rerouted:
        run = queue_roll_forward(origin.consultation, at=at)
        laid = laid_and_open([origin], plan=before)
        receiver = after.receiver_of(origin.code)
        if receiver is None:
            laid.delete()
            continue
        if not receiver.is_follow_up:
            laid.filter(was_adopted()).delete()
        target = after.places[receiver.code].consultation
        laid.exclude(consultation=target).update(consultation=target, roll_forward=run, laid_at=at)
    return found


def _write(before: Plan, after: Plan) -> None:
    """Save what differs: row by row, for each change is kept in the history, and there are few."""
    for code, place in after.places.items():
        if code not in before.places:
            place.consultation.save()
    for code, place in after.places.items():
        old = before.places.get(code)
        consultation = place.consultation
        changed = [name for name in ("feeds_into", "kind") if getattr(place, name) != getattr(old, name, "")]
        if changed:
            consultation.feeds_into = after.places[place.feeds_into].consultation if place.feeds_into else None
            consultation.kind = place.kind
            consultation.save(update_fields=changed)


def _stand_between(placed: Consultation, before: Consultation, following: Consultation | None) -> None:
    """Let a consultation stand in lists between the one that it follows and the next; later ones make room."""
    first = before.order + 1
    if placed.pk and first <= placed.order and (following is None or placed.order < following.order):
        return
    if following and following.order <= first:
        later = Consultation.objects.filter(series=before.series_id, order__gte=first).exclude(pk=placed.pk)
        later.update(order=F("order") + 1)
    placed.order = first
    if placed.pk:
        placed.save(update_fields=["order"])
