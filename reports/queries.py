"""The reads of editions that several callers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from consultations.models import Consultation

if TYPE_CHECKING:
    from consultations.queries import Viewer
    from reports.models import Edition


class EditionQuerySet(QuerySet["Edition"]):
    def published(self) -> EditionQuerySet:
        return self.filter(published_at__isnull=False)

    def visible_to(self, user: Viewer) -> EditionQuerySet:
        """Published ones; drafts to the organisers of any event of the series and to programme staff."""
        if user.is_staff:
            return self
        organised = Consultation.objects.organised_by(user).values("series")
        return self.filter(Q(published_at__isnull=False) | Q(consultation__series__in=organised))
