"""The reads of outcomes, versions, considerations and evidence that several callers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from consultations.models import Consultation

if TYPE_CHECKING:
    from consultations.queries import Viewer
    from outcomes.models import Consideration, Evidence, Outcome, Version  # noqa: F401  named in strings below


class OutcomeQuerySet(QuerySet["Outcome"]):
    def published(self) -> OutcomeQuerySet:
        """Those of concluded events, dropped drafts left out. Withdrawn ones stay to be seen, as withdrawn."""
        return self.filter(born_at__concluded_at__isnull=False, dropped_at__isnull=True)

    def visible_to(self, user: Viewer) -> OutcomeQuerySet:
        """Published ones; drafts to the desk, and in validation to those who were invited; programme staff all."""
        if user.is_staff:
            return self
        published = Q(born_at__concluded_at__isnull=False)
        if not user.is_authenticated:
            return self.filter(published, dropped_at__isnull=True)
        desk = Consultation.objects.desk_of(user).values("pk")
        invited = Consultation.objects.filter(
            state__in=["in_validation", "concluded"],
            participations__person__user_id=user.pk,
            participations__invited_at__isnull=False,
        ).values("pk")
        return self.filter(
            published | Q(born_at__in=desk) | Q(born_at__in=invited), Q(dropped_at__isnull=True) | Q(born_at__in=desk)
        )


class VersionQuerySet(QuerySet["Version"]):
    def update(self, **fields: object) -> int:
        """Raises FrozenError where a frozen text is among them."""
        self._refuse_frozen()
        return super().update(**fields)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raises FrozenError where a frozen text is among them."""
        self._refuse_frozen()
        return super().delete()

    def _refuse_frozen(self) -> None:
        from outcomes.models.outcomes import FrozenError

        if self.filter(frozen_at__isnull=False).exists():
            raise FrozenError("a frozen version cannot be changed")


class ConsiderationQuerySet(QuerySet["Consideration"]):
    def before(self, consultation: Consultation) -> ConsiderationQuerySet:
        """Those laid before the consultation from earlier events."""
        return self.filter(consultation=consultation, version_before__isnull=False)

    def born_at(self, consultation: Consultation) -> ConsiderationQuerySet:
        """The consultation's own new outcomes, dropped drafts left out."""
        return self.filter(consultation=consultation, version_before__isnull=True, outcome__dropped_at__isnull=True)

    def undisposed(self) -> ConsiderationQuerySet:
        return self.filter(disposition="")

    def with_texts(self) -> ConsiderationQuerySet:
        return self.select_related("outcome__area", "version_before", "version_after")


class EvidenceQuerySet(QuerySet["Evidence"]):
    def standing(self) -> EvidenceQuerySet:
        """Evidence that has not been withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def delete(self) -> tuple[int, dict[str, int]]:
        from outcomes.models.outcomes import FrozenError

        raise FrozenError("evidence is withdrawn, never deleted")


def is_used() -> Exists:
    """The condition for an input that stands as evidence of an outcome that was not dropped."""
    from outcomes.models import Evidence

    return Exists(Evidence.objects.standing().filter(input=OuterRef("pk"), outcome__dropped_at__isnull=True))


def is_set_aside() -> Exists:
    """The condition for an input that was set aside and not taken back."""
    from outcomes.models import SettingAside

    return Exists(SettingAside.objects.filter(input=OuterRef("pk"), taken_back_at__isnull=True))
