"""The graph of texts, merges and splits over all events of a series."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from consultations.models import ConsultationState, Series
from outcomes.models import Consideration, Descent, Outcome, Version


@dataclass(frozen=True)
class Text:
    """One version, as plain data."""

    number: int
    title: str
    statement: str
    change_note: str


@dataclass(frozen=True)
class Step:
    """An outcome at one event: the text that came, what it got, the text that left. Before None: born there."""

    code: str
    consultation: str
    held_on: date | None
    concluded: bool
    disposition: str
    disposition_label: str
    reason: str
    before: Text | None
    after: Text | None

    @property
    def changed_text(self) -> bool:
        return self.before is not None and self.after is not None and self.before.number != self.after.number


@dataclass(frozen=True)
class Kin:
    """An outcome that this one came out of, or that came out of it: the reference, how, and at which event."""

    reference: str
    kind: str
    kind_label: str
    code: str


@dataclass(frozen=True)
class Lineage:
    """One outcome over all events. `ancestors` and `descendants` are all of them, over any number of generations."""

    reference: str
    steps: list[Step]
    parents: list[Kin] = field(default_factory=list)
    children: list[Kin] = field(default_factory=list)
    ancestors: list[str] = field(default_factory=list)
    descendants: list[str] = field(default_factory=list)

    @property
    def current(self) -> Text | None:
        """The text that it has by now."""
        texts = [step.after or step.before for step in self.steps]
        return next((text for text in reversed(texts) if text), None)


def lineage_of(outcome: Outcome, *, with_drafts: bool = False) -> Lineage:
    """Tell the whole lineage of one outcome in two queries.

    What events that are not concluded are working on is left out unless `with_drafts`.
    """
    return lineages([outcome], series=outcome.born_at.series, with_drafts=with_drafts)[outcome.pk]


def lineages(outcomes: Iterable[Outcome], *, series: Series, with_drafts: bool = False) -> dict[int, Lineage]:
    """Tell the lineages of many outcomes of one series, by primary key, in two queries, however many there are."""
    rows = list(outcomes)
    parents, children = _descents(series, with_drafts=with_drafts)
    upwards = {child: [descent.parent for descent in found] for child, found in parents.items()}
    downwards = {parent: [descent.child for descent in found] for parent, found in children.items()}
    considerations = Consideration.objects.filter(outcome__in=[row.pk for row in rows]).select_related(
        "consultation", "version_before", "version_after"
    )
    if not with_drafts:
        considerations = considerations.filter(consultation__state=ConsultationState.CONCLUDED)
    steps: dict[int, list[Step]] = defaultdict(list)
    for consideration in considerations.order_by("laid_at", "pk"):
        steps[consideration.outcome_id].append(_step(consideration))
    return {
        row.pk: Lineage(
            reference=row.reference,
            steps=steps[row.pk],
            parents=[_kin(descent, descent.parent) for descent in parents.get(row.pk, [])],
            children=[_kin(descent, descent.child) for descent in children.get(row.pk, [])],
            ancestors=sorted(reached.reference for reached in _reach(row.pk, upwards)),
            descendants=sorted(reached.reference for reached in _reach(row.pk, downwards)),
        )
        for row in rows
    }


def ancestors_by_outcome(outcomes: Iterable[Outcome]) -> dict[int, list[Outcome]]:
    """Give all concluded ancestors of each outcome, by primary key, in one query for each series that they are of.

    The outcomes must be loaded with their `born_at__series`.
    """
    by_series: dict[Series, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_series[outcome.born_at.series].append(outcome)
    found: dict[int, list[Outcome]] = {}
    for series, rows in by_series.items():
        parents, _ = _descents(series, with_drafts=False)
        upwards = {child: [descent.parent for descent in descents] for child, descents in parents.items()}
        for row in rows:
            found[row.pk] = sorted(_reach(row.pk, upwards), key=lambda ancestor: ancestor.reference)
    return found


def ancestors_of(outcome: Outcome) -> list[Outcome]:
    """Give all outcomes that this one came out of, over any number of generations, by reference."""
    parents, _ = _descents(outcome.born_at.series, with_drafts=True)
    upwards = {child: [descent.parent for descent in found] for child, found in parents.items()}
    return sorted(_reach(outcome.pk, upwards), key=lambda ancestor: ancestor.reference)


def _descents(series: Series, *, with_drafts: bool) -> tuple[dict[int, list[Descent]], dict[int, list[Descent]]]:
    """All merges and splits of a series, by child and by parent."""
    rows = Descent.objects.filter(consultation__series=series).select_related("parent", "child", "consultation")
    if not with_drafts:
        rows = rows.filter(consultation__state=ConsultationState.CONCLUDED)
    by_child: dict[int, list[Descent]] = defaultdict(list)
    by_parent: dict[int, list[Descent]] = defaultdict(list)
    for row in rows:
        by_child[row.child_id].append(row)
        by_parent[row.parent_id].append(row)
    return by_child, by_parent


def _reach(start: int, graph: dict[int, list[Outcome]]) -> list[Outcome]:
    """Everything that can be reached from `start`, each once."""
    found: dict[int, Outcome] = {}
    waiting = [start]
    while waiting:
        for outcome in graph.get(waiting.pop(), []):
            if outcome.pk not in found:
                found[outcome.pk] = outcome
                waiting.append(outcome.pk)
    return list(found.values())


def _kin(descent: Descent, outcome: Outcome) -> Kin:
    return Kin(outcome.reference, descent.kind, descent.get_kind_display(), descent.consultation.code)


def _step(row: Consideration) -> Step:
    return Step(
        code=row.consultation.code,
        consultation=row.consultation.title,
        held_on=row.consultation.starts_on,
        concluded=row.consultation.state == ConsultationState.CONCLUDED,
        disposition=row.disposition,
        disposition_label=row.get_disposition_display(),
        reason=row.reason,
        before=_text(row.version_before),
        after=_text(row.version_after),
    )


def _text(version: Version | None) -> Text | None:
    return Text(version.number, version.title, version.statement, version.change_note) if version else None
