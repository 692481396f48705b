"""Everything that a dossier says, gathered at one moment as plain data.

All queries of a dossier are here, and so is all attribution: what leaves this module may be printed. It takes what the
series has made public, and the hearing itself: announced consultations, outcomes of concluded ones, inputs under the
lines that their authors allowed, and the people who agreed to be listed. Nothing else comes in.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
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
from outcomes.balance import STAGES, Balance, Line, balances_of
from outcomes.fates import Fate, FateKind, coverage_by_event, fates_of
from outcomes.lineage import Lineage, Step, ancestors_by_outcome, lineages
from outcomes.models import Correction, Disposition, Outcome, Version
from outcomes.quotations import Quoted, quotations_of
from outcomes.results import EventResult, Voice, open_objections, results_by_event
from reports.changes import changes_between
from reports.choices import Choices
from reports.models import Document, Edition
from reports.narrowing import narrow_to
from reports.schema import schema_address
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
            "events": _tell_events(events, inputs=inputs),
            "outcomes": _tell_outcomes(
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


def _tell_events(events: list[Consultation], *, inputs: list[Input]) -> list[Data]:
    shown = {event.pk for event in events}
    participants = _participants(events)
    balances = balances_of(events)
    counts = coverage_by_event(events)
    unpublished: dict[int, int] = defaultdict(int)
    for row in inputs:
        unpublished[row.consultation_id] += row.attribution == Attribution.UNPUBLISHED
    return [
        {
            "code": event.code,
            "title": event.title,
            "kind": event.get_kind_display(),
            "is_hearing": event.is_hearing,
            "state": event.state,
            "state_label": event.get_state_display(),
            "description": event.description,
            "place": ", ".join(filter(None, [event.city, event.country])),
            "venue": event.venue,
            "starts_on": _day(event.starts_on),
            "ends_on": _day(event.ends_on),
            "time_zone": event.time_zone,
            "host": event.host.name if event.host else "",
            "partners": [partner.name for partner in event.partners.all()],
            "areas": [area.code for area in event.areas.all()],
            "feeds_into": event.feeds_into.code
            if event.feeds_into and (event.feeds_into_id in shown or event.feeds_into.announced_at)
            else "",
            "cancellation_reason": event.cancellation_reason,
            "concluded_on": _day(event.concluded_at.astimezone(event.zone).date() if event.concluded_at else None),
            "sessions": [
                {
                    "title": session.title,
                    "kind": session.get_kind_display(),
                    "starts_at": _local(session.starts_at, event),
                    "ends_at": _local(session.ends_at, event),
                    "area": session.area.code if session.area else "",
                }
                for session in event.sessions.all()
            ],
            "balance": _tell_balance(balances[event.pk]) if event.concluded_at else None,
            "participants": participants[event.pk],
            "inputs": vars(counts[event.pk]) if event.concluded_at else None,
            "unpublished_inputs": unpublished[event.pk] if event.concluded_at else 0,
        }
        for event in events
    ]


def _participants(events: list[Consultation]) -> dict[int, list[Data]]:
    """Those who came or accepted, and agreed to be named."""
    rows = (
        Participation.objects.listed()
        .filter(consultation__in=[event.pk for event in events])
        .select_related("person", "organisation", "stakeholder_type")
        .order_by("stakeholder_type__order", "person__name", "pk")
    )
    found: dict[int, list[Data]] = defaultdict(list)
    for row in rows:
        found[row.consultation_id].append(
            {
                "name": row.person.name,
                "organisation": row.organisation.name if row.organisation else "",
                "type": row.stakeholder_type.name,
                "role": row.get_role_display(),
            }
        )
    return found


def _tell_balance(balance: Balance) -> Data:
    """How many people there were at each stage, by stakeholder type and region; `came` is the stage of the targets."""

    def line(row: Line) -> Data:
        return {"target": row.target, **{stage: getattr(row.counts, stage) for stage in STAGES}}

    return {
        "came": balance.came,
        "types": [{"type": row.type.slug, **line(row)} for row in balance.types if row.type],
        "regions": [{"region": row.name, **line(row)} for row in balance.regions],
    }


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


def _tell_outcomes(outcomes: list[Outcome], *, hearing: Consultation, until: datetime | None) -> list[Data]:
    """Tell outcomes; the evidence is that of events which were concluded by then, of all where there is no `until`."""
    ways = lineages(outcomes, series=hearing.series)
    sources = _with_ancestors(outcomes) if until else outcomes
    quoted = quotations_of(sources, concluded_by=until)
    results, objections = results_by_event(outcomes), open_objections(outcomes)
    references = {outcome.reference: quoted[outcome.pk] for outcome in sources if outcome.pk in quoted}
    versions: dict[int, list[Data]] = defaultdict(list)
    final = Version.objects.filter(outcome__in=[outcome.pk for outcome in outcomes], frozen_at__isnull=False)
    for version in final.select_related("consultation").order_by("number"):
        versions[version.outcome_id].append(
            {
                "number": version.number,
                "event": version.consultation.code,
                "language": version.language,
                "title": version.title,
                "statement": version.statement,
                "change_note": version.change_note,
                "is_correction": version.is_correction,
            }
        )
    return [
        {
            **_tell_outcome(outcome, ways[outcome.pk], versions=versions[outcome.pk], quoted=references),
            "results": [_tell_result(event) for event in results.get(outcome.pk, [])],
            "inherited_objections": [_tell_voice(voice) for voice in objections[outcome.pk] if voice.through],
        }
        for outcome in outcomes
    ]


def _with_ancestors(outcomes: list[Outcome]) -> list[Outcome]:
    """These and all that they came out of, which may have ended before they came to be."""
    known = {outcome.pk: outcome for outcome in outcomes}
    for ancestors in ancestors_by_outcome(outcomes).values():
        known.update((ancestor.pk, ancestor) for ancestor in ancestors)
    return list(known.values())


def _tell_outcome(outcome: Outcome, way: Lineage, *, versions: list[Data], quoted: dict[str, Quoted]) -> Data:
    standing = Disposition(outcome.standing or Disposition.PROPOSED)
    own = quoted.get(outcome.reference, Quoted())
    return {
        "reference": outcome.reference,
        "area": outcome.area.code,
        "further_areas": sorted(area.code for area in outcome.further_areas.all()),
        "kind": outcome.kind,
        "kind_label": outcome.get_kind_display(),
        "addressees": [row.slug for row in outcome.addressees.all()],
        "born_at": outcome.born_at.code,
        "language": outcome.current_language,
        "title": outcome.current_title,
        "statement": outcome.current_statement,
        "standing": standing.value,
        "standing_label": str(standing.label),
        "is_live": standing in Disposition.live() and outcome.withdrawn_at is None,
        "withdrawal_reason": outcome.withdrawal_reason,
        "steps": [_tell_step(step) for step in way.steps],
        "versions": versions,
        "parents": [{"reference": kin.reference, "kind": kin.kind_label, "event": kin.code} for kin in way.parents],
        "children": [{"reference": kin.reference, "kind": kin.kind_label, "event": kin.code} for kin in way.children],
        "evidence": _tell_evidence(own, ""),
        "inherited": [line for name in way.ancestors for line in _tell_evidence(quoted.get(name, Quoted()), name)],
        "counted_only": own.counted_only,
    }


def _tell_result(event: EventResult) -> Data:
    """What participants said at one event, as it may be shown: small cells are suppressed here already."""
    tally = event.result.tally
    return {
        "event": event.code,
        "level": tally.level.value if tally else "",
        "level_label": str(tally.level.label) if tally else "",
        "asked": tally.asked if tally else 0,
        "total": asdict(tally.total) if tally and tally.total else None,
        "types": [
            {"type": cell.type, "asked": cell.asked, "counts": asdict(cell.counts) if cell.counts else None}
            for cell in (tally.cells if tally else [])
        ],
        "against": tally.against if tally else [],
        "voices": [_tell_voice(voice) for voice in event.result.voices],
        "counted_only": event.result.counted_only,
    }


def _tell_voice(voice: Voice) -> Data:
    return {
        "stance": voice.stance.value,
        "stance_label": voice.stance_label,
        "reason": voice.reason,
        "source": voice.source,
        "on_earlier_text": voice.on_earlier_text,
        "through": voice.through,
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
            "made_on": _day(row.made_at.astimezone(row.consultation.zone).date()),
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


def _tell_step(step: Step) -> Data:
    return {
        "event": step.code,
        "held_on": _day(step.held_on),
        "disposition": step.disposition,
        "label": str(step.disposition_label),
        "reason": step.reason,
        "version_before": step.before.number if step.before else None,
        "version_after": step.after.number if step.after else None,
    }


def _tell_evidence(quoted: Quoted, through: str) -> list[Data]:
    """The quotations of one outcome; `through` names the ancestor by which they are inherited."""
    return [
        {
            "input": line.reference,
            "title": line.title,
            "quote": line.quote,
            "source": line.source,
            "relation": line.relation,
            "relation_label": str(line.relation_label),
            "through": through,
        }
        for line in quoted.quotations
    ]


def _changes(hearing: Consultation, data: Data) -> Data | None:
    """Say what changed since the last edition; None in the first one."""
    earlier = Edition.objects.filter(consultation=hearing, document=data["document"])
    last = earlier.order_by("-number").values_list("number", "snapshot").first()
    return changes_between({**json.loads(last[1]), "number": last[0]}, data) if last else None


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _local(moment: datetime | None, event: Consultation) -> str:
    """A moment in the event's own time, without its zone."""
    return moment.astimezone(event.zone).replace(tzinfo=None).isoformat(timespec="minutes") if moment else ""
