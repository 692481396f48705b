"""Outcomes as a snapshot tells them: their texts, their way, what they rest on and what stands against them."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Any

from consultations.models import Consultation
from outcomes.lineage import Lineage, Step, ancestors_by_outcome, lineages
from outcomes.models import Disposition, Outcome, Version
from outcomes.quotations import Quoted, quotations_of
from outcomes.results import EventResult, Voice, open_objections, results_by_event
from reports.telling.moments import day_of

Data = dict[str, Any]


def tell_outcomes(outcomes: list[Outcome], *, hearing: Consultation, until: datetime | None) -> list[Data]:
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


def _tell_step(step: Step) -> Data:
    return {
        "event": step.code,
        "held_on": day_of(step.held_on),
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
