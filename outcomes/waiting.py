"""Outcomes of concluded consultations that no other has taken up yet (domain.md, roll-forward, rule 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.models import Consultation, Series
from outcomes.models import Consideration
from outcomes.plan import Place, Plan
from outcomes.rollforward import is_live_towards

if TYPE_CHECKING:
    from consultations.queries import Viewer


@dataclass(frozen=True)
class Waiting:
    """How many outcomes of one consultation wait; `receiver` is there where they are about to be laid before it."""

    consultation: Consultation
    count: int
    receiver: Consultation | None

    @property
    def sentence(self) -> str:
        if self.receiver:
            told = ngettext(
                "%(count)s outcome of %(origin)s is on its way to %(receiver)s.",
                "%(count)s outcomes of %(origin)s are on their way to %(receiver)s.",
                self.count,
            )
        else:
            told = ngettext(
                "%(count)s outcome of %(origin)s waits for a consultation that takes it up.",
                "%(count)s outcomes of %(origin)s wait for a consultation that takes them up.",
                self.count,
            )
        receiver = self.receiver.title if self.receiver else ""
        return told % {"count": self.count, "origin": self.consultation.title, "receiver": receiver}


def waiting_in(series: Series, *, viewer: Viewer | None = None) -> list[Waiting]:
    """Say where outcomes wait, in the order of the plan; three queries.

    With `viewer` as far as they may know of the plan: for who may not see a consultation that is only planned, what
    lies before it waits.
    """
    plan = Plan.of(series.pk)
    visible = Consultation.objects.filter(series=series)
    if viewer is not None:
        visible = visible.visible_to(viewer)
    known = set(visible.values_list("code", flat=True))
    receivers: dict[int, Place | None] = {}
    live = Q(pk__in=[])
    for place in plan.concluded():
        receiver = plan.receiver_of(place.code)
        receivers[place.consultation.pk] = receiver = receiver if receiver and receiver.code in known else None
        live |= Q(consultation=place.consultation) & is_live_towards(receiver)
    gone_on = Consideration.objects.filter(
        outcome=OuterRef("outcome"), laid_from=OuterRef("consultation"), consultation__in=visible
    )
    rows = Consideration.objects.filter(live, ~Exists(gone_on), outcome__dropped_at__isnull=True)
    counts = dict(rows.order_by().values_list("consultation").annotate(Count("pk")))
    return [
        Waiting(place.consultation, counts[key], receiver.consultation if receiver else None)
        for place in plan.concluded()
        if (key := place.consultation.pk) in counts
        for receiver in [receivers[key]]
    ]


def laid_before(consultation: Consultation) -> list[str]:
    """Say in sentences what lies before a consultation, by the one that it came from; two queries."""
    rows = Consideration.objects.before(consultation).order_by("laid_from__order", "laid_from")
    all_of_them = rows.values_list("laid_from__title").annotate(Count("pk"))
    worked_on = dict(rows.worked_on().values_list("laid_from__title").annotate(Count("pk")))
    told = []
    for origin, count in all_of_them:
        text = ngettext(
            "%(count)s outcome of %(origin)s lies before it; worked on: %(worked_on)s.",
            "%(count)s outcomes of %(origin)s lie before it; worked on: %(worked_on)s.",
            count,
        )
        told.append(text % {"count": count, "origin": origin, "worked_on": worked_on.get(origin, 0)})
    return told or [_("No outcome lies before it.")]
