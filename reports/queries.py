"""The reads of editions that several callers share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q

from consultations.models import Consultation
from stakeholders.kept import FrozenError, KeptQuerySet

if TYPE_CHECKING:
    from consultations.queries import Viewer
    from reports.models import Edition, EditionFile, Place  # noqa: F401  named in strings below


class EditionQuerySet(KeptQuerySet["Edition"]):
    def update(self, **fields: object) -> int:
        """Raises FrozenError for anything but the publication."""
        if set(fields) - {"published_at", "published_by"}:
            raise FrozenError("an edition is never changed")
        return super().update(**fields)

    def with_files(self) -> EditionQuerySet:
        """Load with what a list of editions shows, without the frozen data, which is large."""
        rows = self.select_related("consultation__series", "frozen_by").prefetch_related("files")
        return rows.defer("snapshot")

    def published(self) -> EditionQuerySet:
        return self.filter(published_at__isnull=False)

    def visible_to(self, user: Viewer) -> EditionQuerySet:
        """Published ones; drafts to the organisers of any event of the series and to programme staff."""
        if user.is_staff:
            return self
        organised = Consultation.objects.organised_by(user).values("series")
        return self.filter(Q(published_at__isnull=False) | Q(consultation__series__in=organised))


class EditionFileQuerySet(KeptQuerySet["EditionFile"]):
    def update(self, **fields: object) -> int:
        raise FrozenError("a file of an edition is never changed")


class PlaceQuerySet(KeptQuerySet["Place"]):
    def update(self, **fields: object) -> int:
        raise FrozenError("a place in an edition is never changed")

    def telling_of(self, references: Iterable[str], *, editions: EditionQuerySet) -> PlaceQuerySet:
        """The places of these outcomes and inputs in these editions, the newest edition first."""
        rows = self.filter(reference__in=list(references), edition__in=editions).select_related("edition__consultation")
        return rows.defer("edition__snapshot").order_by("-edition__frozen_at", "-edition", "page", "pk")
