"""What a change of plan would do to outcomes, told before it is done (domain.md, roll-forward, rule 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.models import Consideration, Disposition
from outcomes.plan import Place, Plan
from outcomes.queries import ConsiderationQuerySet
from outcomes.rollforward import is_live_towards

NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Lot:
    """Outcomes of one concluded consultation to which the same happens: how many, and the first five by reference.

    `lie_before` is where they are now, `go_before` where they will be; None is nowhere: they wait.
    """

    come_from: Place
    lie_before: Place | None
    go_before: Place | None
    count: int
    references: list[str]

    @property
    def which(self) -> str:
        named = ", ".join(self.references)
        return _("%(some)s and more") % {"some": named} if self.count > len(self.references) else named


@dataclass(frozen=True)
class Consequences:
    """What a change of plan does, by the concluded consultations whose outcomes it concerns.

    `moving` and `waiting` have been laid already and nobody has worked on them; `carried` are laid for the first time;
    `ending` were laid before a follow-up, which alone takes up what a hearing adopted; `forbidding` have been worked on
    and would be orphaned. `rerouted` are the concluded consultations whose receiver is another one.
    """

    before: Plan
    after: Plan
    rerouted: list[Place] = field(default_factory=list)
    moving: list[Lot] = field(default_factory=list)
    waiting: list[Lot] = field(default_factory=list)
    carried: list[Lot] = field(default_factory=list)
    ending: list[Lot] = field(default_factory=list)
    forbidding: list[Lot] = field(default_factory=list)

    def refusals(self) -> list[str]:
        """Why the change cannot be made, naming what has been worked on; empty where it can."""
        return [
            _(
                "Work on these outcomes has begun at %(event)s: %(which)s. "
                "Undo their dispositions and withdraw their evidence first."
            )
            % {"event": _title(lot.lie_before), "which": lot.which}
            for lot in self.forbidding
        ]

    def sentences(self) -> list[str]:
        """What will happen, in the order in which it concerns people: first the plan, then the outcomes."""
        told = [*self._plan_told(), *self._moves_told(), *self._waits_told()]
        if not (self.moving or self.waiting or self.carried or self.ending):
            told.append(_("No outcome moves by it."))
        return told

    def _plan_told(self) -> Iterable[str]:
        for place in self.after.places.values():
            if place.code not in self.before.places:
                yield _("%(event)s is added to the plan.") % {"event": _title(place)}
        for code, place in self.after.places.items():
            old = self.before.places.get(code)
            title = {"event": _title(place), "other": _title(self.after.places.get(place.feeds_into))}
            if old and old.state != place.state:
                yield _("%(event)s does not take place.") % title
            if (old.feeds_into if old else "") != place.feeds_into:
                if place.feeds_into:
                    yield _("%(event)s feeds into %(other)s.") % title
                else:
                    yield _("%(event)s feeds into no other consultation.") % title
            if old and old.kind != place.kind and place.is_follow_up:
                yield _("%(event)s becomes a follow-up: it takes up what a hearing has adopted.") % title
            elif old and old.kind != place.kind and old.is_follow_up:
                yield _("%(event)s is no follow-up any more: what a hearing has adopted does not go there.") % title

    def _moves_told(self) -> Iterable[str]:
        for lot in self.moving:
            yield ngettext(
                "%(count)s outcome of %(origin)s moves from %(old)s to %(new)s: %(which)s.",
                "%(count)s outcomes of %(origin)s move from %(old)s to %(new)s: %(which)s.",
                lot.count,
            ) % _words(lot)
        for lot in self.carried:
            yield ngettext(
                "%(count)s outcome of %(origin)s is laid before %(new)s: %(which)s.",
                "%(count)s outcomes of %(origin)s are laid before %(new)s: %(which)s.",
                lot.count,
            ) % _words(lot)

    def _waits_told(self) -> Iterable[str]:
        for lot in self.waiting:
            yield ngettext(
                "%(count)s outcome of %(origin)s leaves %(old)s and waits for a consultation that takes it up: "
                "%(which)s.",
                "%(count)s outcomes of %(origin)s leave %(old)s and wait for a consultation that takes them up: "
                "%(which)s.",
                lot.count,
            ) % _words(lot)
        for lot in self.ending:
            yield ngettext(
                "%(count)s outcome that %(origin)s adopted leaves %(old)s, for only a follow-up takes it up: "
                "%(which)s.",
                "%(count)s outcomes that %(origin)s adopted leave %(old)s, for only a follow-up takes them up: "
                "%(which)s.",
                lot.count,
            ) % _words(lot)


def consequences(before: Plan, after: Plan) -> Consequences:
    """Say what becomes of the outcomes when the plan changes; three queries, however many they are.

    Nothing is written. `before` is the plan as it is.
    """
    found = Consequences(before, after)
    for place in before.concluded():
        if _way(before, place.code) != _way(after, place.code):
            found.rerouted.append(place)
    by_key = {place.consultation.pk: place for place in before.places.values()}
    laid = laid_and_open(found.rerouted, plan=before).annotate(is_final=was_adopted())
    for worked_on, rows in [(True, laid.worked_on()), (False, laid.untouched())]:
        for origin, here, is_final, count, references in _lots(rows, "laid_from", "consultation", "is_final"):
            come_from, lie_before = by_key[origin], by_key[here]
            target = after.receiver_of(come_from.code)
            ends = is_final and not (target and target.is_follow_up)
            lot = Lot(come_from, lie_before, None if ends else target, count, references)
            if not ends and target and target.code == lie_before.code:
                continue
            if worked_on:
                found.forbidding.append(lot)
            elif ends:
                found.ending.append(lot)
            else:
                (found.moving if target else found.waiting).append(lot)
    for origin, count, references in _lots(_newly_live(found.rerouted, after), "consultation"):
        come_from = by_key[origin]
        found.carried.append(Lot(come_from, None, after.receiver_of(come_from.code), count, references))
    return found


def laid_and_open(origins: Iterable[Place], *, plan: Plan) -> ConsiderationQuerySet:
    """What was carried from these consultations and lies before one that has not ended by that plan."""
    return Consideration.objects.filter(
        laid_from__in=[place.consultation.pk for place in origins],
        consultation__in=[place.consultation.pk for place in plan.places.values() if not place.has_ended],
    )


def was_adopted() -> Exists:
    """The condition for considerations of outcomes that a hearing adopted there where they came from."""
    adopted = Consideration.objects.filter(
        outcome=OuterRef("outcome"),
        consultation=OuterRef("laid_from"),
        disposition__in=sorted(Disposition.live_towards_follow_ups()),
    )
    return Exists(adopted)


def _newly_live(origins: Iterable[Place], after: Plan) -> ConsiderationQuerySet:
    """What has not gone on from these consultations so far, and would by the new plan."""
    live = Q(pk__in=[])
    for place in origins:
        if receiver := after.receiver_of(place.code):
            live |= Q(consultation=place.consultation) & is_live_towards(receiver)
    return Consideration.objects.filter(live, outcome__dropped_at__isnull=True).not_carried()


def _lots(rows: QuerySet[Consideration], *by: str) -> list[tuple[Any, ...]]:
    """Sort rows into lots: for each combination of `by` its values, the number of rows, and the first references."""
    numbered = rows.order_by().annotate(
        lot_size=Window(Count("pk"), partition_by=[F(name) for name in by]),
        lot_place=Window(RowNumber(), partition_by=[F(name) for name in by], order_by="outcome__reference"),
    )
    first = numbered.filter(lot_place__lte=NAMED_AT_MOST).order_by("lot_place")
    lots: dict[tuple[Any, ...], tuple[int, list[str]]] = {}
    for *key, size, reference in first.values_list(*by, "lot_size", "outcome__reference"):
        lots.setdefault(tuple(key), (size, []))[1].append(reference)
    return [(*key, size, references) for key, (size, references) in sorted(lots.items())]


def _way(plan: Plan, code: str) -> tuple[str, bool]:
    """What decides where the outcomes of a consultation go, and which of them."""
    receiver = plan.receiver_of(code)
    return (receiver.code, receiver.is_follow_up) if receiver else ("", False)


def _words(lot: Lot) -> dict[str, object]:
    return {
        "count": lot.count,
        "which": lot.which,
        "origin": _title(lot.come_from),
        "old": _title(lot.lie_before),
        "new": _title(lot.go_before),
    }


def _title(place: Place | None) -> str:
    return place.consultation.title if place else ""
