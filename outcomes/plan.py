"""The plan of a series: which consultation feeds into which, as it is, and as it would be after a change.

Plain data: a changed plan is a new one, and nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from consultations.models import Consultation, ConsultationKind, ConsultationState
from stakeholders.refusals import Refused


@dataclass(frozen=True)
class Place:
    """One consultation in the plan; `feeds_into` is a code, and empty where nothing follows."""

    consultation: Consultation
    feeds_into: str
    kind: str
    state: str

    @property
    def code(self) -> str:
        return self.consultation.code

    @property
    def has_ended(self) -> bool:
        return self.state in ConsultationState.ended()

    @property
    def is_follow_up(self) -> bool:
        """Whether it takes up what a hearing has adopted (domain.md, roll-forward, rule 7)."""
        return self.kind == ConsultationKind.FOLLOW_UP


@dataclass(frozen=True)
class Plan:
    """All consultations of one series by code, in the order of the plan."""

    places: dict[str, Place]

    @classmethod
    def of(cls, series: int) -> Plan:
        """Read the plan of the series with this key, in one query."""
        return cls._made_of(list(Consultation.objects.filter(series=series).in_order()))

    @classmethod
    def locked(cls, series: int) -> Plan:
        """Read it, and keep it and the state of every consultation from changing until the transaction ends.

        Whoever changes the plan or lays outcomes by it starts here. The rows are locked in the order of their keys, so
        that two never wait for each other, and without their keys, so that rows which point at them can be written.
        """
        rows = Consultation.objects.select_for_update(no_key=True).filter(series=series).order_by("pk")
        return cls._made_of(sorted(rows, key=lambda row: (row.order, row.pk)))

    @classmethod
    def _made_of(cls, rows: list[Consultation]) -> Plan:
        codes = {row.pk: row.code for row in rows}
        return cls(
            {row.code: Place(row, codes.get(row.feeds_into_id or 0, ""), row.kind, row.state) for row in rows},
        )

    def receiver_of(self, code: str) -> Place | None:
        """Give the first place along “feeds into” that is neither concluded nor cancelled; None at the end."""
        seen = {code}
        following = self.places[code].feeds_into
        while following and following not in seen:
            place = self.places[following]
            if not place.has_ended:
                return place
            seen.add(following)
            following = place.feeds_into
        return None

    def concluded(self) -> list[Place]:
        return [place for place in self.places.values() if place.state == ConsultationState.CONCLUDED]

    def feeding(self, code: str, into: str) -> Plan:
        """The plan in which one consultation feeds into another (empty: into none).

        Raises Refused for a circle, and for a consultation that is not of this series.
        """
        if into and into not in self.places:
            raise Refused(_("That consultation belongs to another series."))
        changed = self._with(replace(self.places[code], feeds_into=into))
        following = into
        while following:
            if following == code:
                raise Refused(
                    _("The plan would run in a circle: %(other)s already feeds into %(event)s.")
                    % {"other": self._title(into), "event": self._title(code)}
                )
            following = changed.places[following].feeds_into
        return changed

    def inserting(self, consultation: Consultation, *, after: str) -> Plan:
        """The plan in which a consultation, new or taken out of where it stands, follows directly after another.

        What fed into it feeds into what it fed before; what `after` fed is fed by it now. Raises Refused where both
        are the same, and for a consultation of another series.
        """
        code = consultation.code
        if code == after:
            raise Refused(_("Choose another consultation than the one after which it is to stand."))
        before = self.places[after].consultation
        if consultation.series_id != before.series_id:
            raise Refused(_("That consultation belongs to another series."))
        plan = (
            self if code in self.places else self._with(Place(consultation, "", consultation.kind, consultation.state))
        )
        old = plan.places[code].feeds_into
        for place in [place for place in plan.places.values() if place.feeds_into == code]:
            plan = plan._with(replace(place, feeds_into=old))
        following = plan.places[after].feeds_into
        plan = plan._with(replace(plan.places[after], feeds_into=""))
        return plan.feeding(code, following).feeding(after, code)

    def becoming(self, code: str, kind: str) -> Plan:
        """The plan in which one consultation is of another kind."""
        return self._with(replace(self.places[code], kind=kind))

    def cancelling(self, code: str) -> Plan:
        """The plan without one consultation: what feeds into it goes past it."""
        return self._with(replace(self.places[code], state=ConsultationState.CANCELLED))

    def _with(self, place: Place) -> Plan:
        return Plan({**self.places, place.code: place})

    def _title(self, code: str) -> str:
        return self.places[code].consultation.title
