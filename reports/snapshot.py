"""Everything that a dossier says, gathered at one moment as plain data.

All queries of a dossier are here, and so is all attribution: what leaves this module may be printed. It takes what the
series has made public, and the hearing itself: announced consultations, outcomes of concluded ones, inputs under the
lines that their authors allowed, and the people who agreed to be listed. Nothing else comes in.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from consultations.attribution import attribution_line
from consultations.models import (
    Attribution,
    Consultation,
    ConsultationState,
    CooperationArea,
    Input,
    Participation,
)
from outcomes.fates import Fate, FateKind, fates_of
from outcomes.models import Correction, Outcome
from reports.changes import changes_between
from reports.choices import Choices
from reports.models import Document, Edition
from reports.narrowing import narrow_to
from reports.schema import schema_address
from reports.telling.events import tell_events
from reports.telling.moments import day_of
from reports.telling.outcomes import tell_outcomes
from stakeholders.models import StakeholderType

FORMAT = "dossier/3"
DEFAULT = Choices()
Data = dict[str, Any]


def gather(
    consultation: Consultation,
    *,
    document: str = Document.DOSSIER,
    choices: Choices = DEFAULT,
    number: int,
    at: datetime,
) -> Data:
    """Gather what edition `number` of a hearing's dossier or of a concluded consultation's report says.

    All is seen at one moment of the database. A report has the same shape as a dossier: its events are that one
    consultation, and its outcomes those that were before it, as it left them. Returns JSON-ready plain data: dates and
    moments are ISO texts, keys are codes and references. The number of queries does not depend on how much there is.
    """
    is_report = document == Document.REPORT
    with _one_moment():
        events = _events(consultation, alone=is_report)
        outcomes = _outcomes(events, alone=is_report)
        inputs = _inputs(events)
        fates = fates_of(inputs)
        data: Data = {
            "$schema": schema_address(),
            "format": FORMAT,
            "number": number,
            "document": str(document),
            "language": choices.language,
            "choices": choices.as_data(),
            "frozen_at": at.isoformat(),
            "site": settings.SITE_URL,
            "series": _series(consultation),
            "consultation": consultation.code,
            "hearing": "" if is_report else consultation.code,
            "areas": _areas(consultation),
            "themes": [] if is_report else _themes(consultation),
            "types": _types(consultation),
            "events": tell_events(events, inputs=inputs),
            "outcomes": tell_outcomes(
                outcomes, hearing=consultation, until=consultation.concluded_at if is_report else None
            ),
            "inputs": [_tell_input(row, fates[row.pk]) for row in inputs if row.attribution in Attribution.quotable()],
        }
        if is_report:
            data["outcomes"] = [narrow_to(consultation.code, row) for row in data["outcomes"]]
            data["areas"] = _areas_at(consultation.code, data)
        data["corrections"] = _corrections(events)
        data["changes"] = _changes(consultation, data)
    return data


def canonical(data: Data) -> str:
    """Write plain data as canonical JSON: sorted keys, no spare space, UTF-8. The same data gives the same bytes."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let all queries inside see the database as it was at the first of them."""
    if connection.in_atomic_block:
        yield
        return
    with _only_reading(), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _only_reading() -> Iterator[None]:
    """Let SQLite begin without the lock for writing, which our transactions take at once; others write meanwhile."""
    own: Any = connection
    before = getattr(own, "transaction_mode", None)
    own.transaction_mode = "DEFERRED"
    try:
        yield
    finally:
        own.transaction_mode = before


def _series(hearing: Consultation) -> Data:
    series = hearing.series
    return {
        "slug": series.slug,
        "language": settings.LANGUAGE_CODE,
        "title": series.title,
        "central_question": series.central_question,
        "summary": series.summary,
        "background": series.background,
        "earlier_meetings": [
            {"title": meeting.title, "place": meeting.place} for meeting in series.earlier_meetings.all()
        ],
    }


def _areas(hearing: Consultation) -> list[Data]:
    rows = CooperationArea.objects.filter(series=hearing.series_id).prefetch_related("guiding_questions")
    return [
        {
            "code": area.code,
            "title": area.title,
            "description": area.description,
            "questions": [question.text for question in area.guiding_questions.all()],
        }
        for area in rows.order_by("order", "code")
    ]


def _themes(hearing: Consultation) -> list[Data]:
    """The hearing's own themes, each with the codes of the areas that it takes up: the crosswalk."""
    rows = hearing.themes.prefetch_related("areas").order_by("order", "code")
    return [
        {
            "code": theme.code,
            "title": theme.title,
            "description": theme.description,
            "areas": [area.code for area in theme.areas.all()],
        }
        for theme in rows
    ]


def _types(hearing: Consultation) -> list[Data]:
    """Those that the series is for, and all others from which somebody took part."""
    took_part = Participation.objects.filter(consultation__series=hearing.series_id, stakeholder_type=OuterRef("pk"))
    rows = StakeholderType.objects.filter(Q(series=hearing.series_id) | Exists(took_part)).distinct()
    return [{"slug": row.slug, "name": row.name, "plural": row.plural, "is_lead": row.is_lead} for row in rows]


def _areas_at(code: str, data: Data) -> list[Data]:
    """Those that one consultation works on, and those of the outcomes that were before it."""
    own = {area for event in data["events"] for area in event["areas"] if event["code"] == code}
    own |= {outcome["area"] for outcome in data["outcomes"]} | {row["area"] for row in data["inputs"]}
    return [area for area in data["areas"] if area["code"] in own]


def _events(consultation: Consultation, *, alone: bool) -> list[Consultation]:
    """The consultations of the series that are public, in order, and the hearing itself; or the one alone."""
    own = Q(pk=consultation.pk)
    return list(
        Consultation.objects.filter(own if alone else own | Q(announced_at__isnull=False))
        .filter(series=consultation.series_id)
        .in_order()
        .select_related("series", "host", "feeds_into")
        .prefetch_related("partners", "sessions__area", "areas")
    )


def _outcomes(events: list[Consultation], *, alone: bool) -> list[Outcome]:
    """The outcomes born at these consultations; or all that were before the one, wherever they were born."""
    rows = Outcome.objects.published()
    if alone:
        rows = rows.filter(considerations__consultation__in=[event.pk for event in events])
    else:
        rows = rows.filter(born_at__in=[event.pk for event in events])
    return list(
        rows.with_standing()
        .select_related("born_at__series")
        .prefetch_related("addressees", "further_areas")
        .order_by("area__order", "area__code", "born_at__order", "number")
    )


def _inputs(events: list[Consultation]) -> list[Input]:
    """The submitted inputs of concluded events."""
    concluded = [event.pk for event in events if event.state == ConsultationState.CONCLUDED]
    rows = Input.objects.submitted().filter(consultation__in=concluded).with_author().with_area()
    return list(rows.order_by("consultation__order", "number"))


def _tell_input(row: Input, fate: Fate) -> Data:
    return {
        "reference": row.reference,
        "event": row.consultation.code,
        "area": row.area.code,  # type: ignore[union-attr] # what was submitted has one
        "kind": row.get_kind_display(),
        "title": row.title,
        "text": row.text,
        "language": row.language,
        "source": attribution_line(row),
        "fate": fate.kind.value,
        "used_in": sorted({use.reference for use in fate.uses}),
        "reason": fate.reason if fate.kind == FateKind.SET_ASIDE else "",
    }


def _corrections(events: list[Consultation]) -> list[Data]:
    """What was corrected or withdrawn after the conclusion, the oldest first, with what later events decided."""
    rows = Correction.objects.filter(consultation__in=[event.pk for event in events]).select_related(
        "outcome", "consultation", "version"
    )
    shown = rows.prefetch_related("flags__consideration__consultation").order_by("made_at", "pk")
    return [
        {
            "outcome": row.outcome.reference,
            "event": row.consultation.code,
            "made_on": day_of(row.made_at.astimezone(row.consultation.zone).date()),
            "version": row.version.number if row.version else None,
            "reason": row.reason,
            "decisions": [
                {"event": flag.consideration.consultation.code, "is_taken": flag.is_taken, "reason": flag.reason}
                for flag in row.flags.all()
                if flag.consideration.consultation.concluded_at
            ],
        }
        for row in shown
    ]


def _changes(hearing: Consultation, data: Data) -> Data | None:
    """Say what changed since the last edition; None in the first one."""
    earlier = Edition.objects.filter(consultation=hearing, document=data["document"])
    last = earlier.order_by("-number").values_list("number", "snapshot").first()
    return changes_between({**json.loads(last[1]), "number": last[0]}, data) if last else None
