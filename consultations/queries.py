"""The reads of series, consultations, participations and inputs that several callers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from consultations.models import Consultation, Input, Letter, Participation, Series  # noqa: F401  named in strings below
    from stakeholders.models import User

    Viewer = User | AnonymousUser

DESK_ROLES = ("rapporteur", "organiser")
"""The roles that read all inputs of their consultation; `rules.py` holds the same as predicates."""


class SeriesQuerySet(QuerySet["Series"]):
    def visible_to(self, user: Viewer) -> SeriesQuerySet:
        """Series that have announced a consultation; programme staff see all."""
        if user.is_staff:
            return self
        from consultations.models import Consultation

        announced = Consultation.objects.filter(series=OuterRef("pk"), announced_at__isnull=False)
        return self.filter(Exists(announced))


class ConsultationQuerySet(QuerySet["Consultation"]):
    def public(self) -> ConsultationQuerySet:
        """What has been announced, also when it was cancelled afterwards."""
        return self.filter(announced_at__isnull=False)

    def visible_to(self, user: Viewer) -> ConsultationQuerySet:
        """Announced ones; programme staff see the planned ones too."""
        return self if user.is_staff else self.public()

    def with_role_of(self, user: Viewer) -> ConsultationQuerySet:
        """Add the role that this person holds there, so that the rules of a page are answered without a query."""
        from consultations.models import Participation

        held = Participation.objects.of(user).holding_a_role().filter(consultation=OuterRef("pk"))
        return self.annotate(
            role_of_viewer=Coalesce(Subquery(held.values("role")[:1]), Value("")), viewer=Value(user.pk or 0)
        )

    def in_order(self) -> ConsultationQuerySet:
        """In the order of the plan of the series."""
        return self.order_by("order", "pk")

    def desk_of(self, user: Viewer) -> ConsultationQuerySet:
        """Those whose desk this person may enter: rapporteurs and organisers of it, and programme staff."""
        if user.is_staff:
            return self
        return self.filter(participations__in=_participations_of(user, DESK_ROLES))

    def organised_by(self, user: Viewer) -> ConsultationQuerySet:
        """Those of which this person is an organiser."""
        return self.filter(participations__in=_participations_of(user, ("organiser",)))

    def live(self) -> ConsultationQuerySet:
        """Those before which outcomes can still be laid: neither concluded nor cancelled."""
        return self.exclude(state__in=["concluded", "cancelled"])


class ParticipationQuerySet(QuerySet["Participation"]):
    def of(self, user: Viewer) -> ParticipationQuerySet:
        """This person's own participations."""
        return self.filter(person__user_id=user.pk) if user.is_authenticated else self.none()

    def invited(self) -> ParticipationQuerySet:
        return self.exclude(answer="not_invited")

    def holding_a_role(self) -> ParticipationQuerySet:
        """Those who were invited and did not decline: what they may do at the event, they may."""
        return self.invited().exclude(answer="declined")

    def listed(self) -> ParticipationQuerySet:
        """Those who come, or came, and agreed to be named in public."""
        return self.filter(may_be_listed=True, answer="accepted").exclude(attended=False)

    def visible_to(self, user: Viewer) -> ParticipationQuerySet:
        """One's own; the organiser those of the own event; programme staff all."""
        if user.is_staff:
            return self
        if not user.is_authenticated:
            return self.none()
        organised = _participations_of(user, ("organiser",)).values("consultation")
        return self.filter(Q(person__user_id=user.pk, invited_at__isnull=False) | Q(consultation__in=organised))


class LetterQuerySet(QuerySet["Letter"]):
    def of(self, consultation: Consultation) -> LetterQuerySet:
        """Those of a consultation, loaded with what a list of them tells, the newest first."""
        return (
            self.filter(consultation=consultation)
            .select_related("consultation", "written_by", "dispatch")
            .prefetch_related("texts")
            .order_by("-pk")
        )


class InputQuerySet(QuerySet["Input"]):
    def own(self, user: Viewer) -> InputQuerySet:
        return self.filter(participation__person__user_id=user.pk) if user.is_authenticated else self.none()

    def submitted(self) -> InputQuerySet:
        return self.filter(state="submitted")

    def visible_to(self, user: Viewer) -> InputQuerySet:
        """One's own in every state; submitted ones to the desk of their consultation and to programme staff.

        A draft is its author's alone.
        """
        from consultations.models import Participation

        if not user.is_authenticated:
            return self.none()
        # Found once for all inputs, where a join would look at the author of each.
        own = Q(participation__in=Participation.objects.of(user).values("pk"))
        if user.is_staff:
            return self.filter(own | Q(state="submitted"))
        desk = _participations_of(user, DESK_ROLES).values("consultation")
        return self.filter(own | Q(state="submitted", consultation__in=desk))

    def with_author(self) -> InputQuerySet:
        """Load with everything that an attribution line needs."""
        return self.select_related(
            "participation__person", "participation__organisation", "participation__stakeholder_type"
        )

    def with_area(self) -> InputQuerySet:
        return self.select_related("consultation", "area")

    def count_by(self, *fields: str) -> dict[tuple[object, ...], int]:
        """Numbers per combination of fields, as {(value, ...): count}."""
        rows = self.order_by().values_list(*fields).annotate(Count("pk"))
        return {tuple(row[:-1]): row[-1] for row in rows}


def _participations_of(user: Viewer, roles: tuple[str, ...]) -> ParticipationQuerySet:
    from consultations.models import Participation

    return Participation.objects.of(user).holding_a_role().filter(role__in=roles)
