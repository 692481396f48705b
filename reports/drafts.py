"""What becomes of drafts, the editions that nobody has published: when their data has moved on, and when they go."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import translation

from consultations.models import Consent, Consultation, Input
from outcomes.models import Correction, Position
from reports.changes import changes_between
from reports.models import Edition, EditionFile, EditionJob, Place
from reports.snapshot import canonical, gather

OF_THE_EDITION = {"number", "frozen_at", "changes", "format"}
"""What two snapshots of the same data differ in."""


@dataclass(frozen=True)
class Moved:
    """Two snapshots, of then and of now, and what the second says otherwise."""

    then: dict[str, Any]
    now: dict[str, Any]
    changes: dict[str, Any]


def moved_on(edition: Edition, *, at: datetime) -> Moved | None:
    """Gather the data anew and say what an edition made now would say otherwise; None where it would say the same.

    Exact, at the price of gathering everything. For a list `newest_change` tells enough.
    """
    then = json.loads(edition.snapshot)
    choices = edition.choices
    with translation.override(choices.language):
        gathered = gather(
            edition.consultation, document=edition.document, choices=choices, number=edition.number, at=at
        )
    now = json.loads(canonical(gathered))
    told = [{name: data[name] for name in data.keys() - OF_THE_EDITION} for data in (then, now)]
    return None if told[0] == told[1] else Moved(then, now, changes_between(then, now))


def newest_change(consultation: Consultation) -> datetime | None:
    """Give when something of the series last changed that a document may tell: cheap, a constant number of queries.

    Whether an edition made now would really say something else is for `moved_on`.
    """
    of_series = {"consultation__series": consultation.series_id}
    events = Consultation.history.filter(series=consultation.series_id)
    words = Input.history.filter(**of_series, submitted_at__isnull=False, consultation__concluded_at__isnull=False)
    withdrawn = Position.objects.filter(consideration__consultation__series=consultation.series_id)
    consents = Consent.objects.filter(participation__consultation__series=consultation.series_id)
    moments = [
        events.aggregate(newest=Max("history_date"))["newest"],
        words.aggregate(newest=Max("history_date"))["newest"],
        Correction.objects.filter(**of_series).aggregate(newest=Max("made_at"))["newest"],
        withdrawn.aggregate(newest=Max("withdrawn_at"))["newest"],
        consents.aggregate(newest=Max("said_at"))["newest"],
    ]
    return max((moment for moment in moments if moment), default=None)


def drafts_to_delete(*, at: datetime) -> QuerySet[Edition]:
    """Give the drafts that are older than settings.DRAFT_DAYS and were followed by a newer edition."""
    old = Edition.objects.filter(published_at=None, frozen_at__lt=at - timedelta(days=settings.DRAFT_DAYS))
    return old.filter(Exists(_newer_than(OuterRef)))


def goes_at(edition: Edition) -> datetime | None:
    """Give from when on a draft is deleted; None for a published edition, and for the newest of its document."""
    if edition.published_at or not _followed(edition):
        return None
    return edition.frozen_at + timedelta(days=settings.DRAFT_DAYS)


def _newer_than(of: Any) -> QuerySet[Edition]:
    same = {name: of(name) for name in ("consultation", "document")}
    return Edition.objects.filter(**same, number__gt=of("number"))


def _followed(edition: Edition) -> bool:
    return _newer_than(lambda name: getattr(edition, name)).exists()


def forget_drafts(*, at: datetime) -> int:
    """Delete the drafts whose time has come, with their files; returns how many. Published ones stay for good."""
    return delete_drafts(drafts_to_delete(at=at))


def delete_drafts(drafts: QuerySet[Edition]) -> int:
    """Delete editions that nobody has published, with their files and places; returns how many."""
    with transaction.atomic():
        pks = list(drafts.filter(published_at=None).select_for_update().values_list("pk", flat=True))
        files: QuerySet[EditionFile] = QuerySet(EditionFile)
        for name in files.filter(edition__in=pks).values_list("file", flat=True):
            transaction.on_commit(partial(default_storage.delete, name), robust=True)
        EditionJob.objects.filter(edition__in=pks).update(edition=None)
        files.filter(edition__in=pks).delete()
        places: QuerySet[Place] = QuerySet(Place)
        places.filter(edition__in=pks).delete()
        editions: QuerySet[Edition] = QuerySet(Edition)
        editions.filter(pk__in=pks).delete()
    return len(pks)
