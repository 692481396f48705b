"""The graph of texts, merges and splits over all events of a series."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from consultations.models import ConsultationState, Series
from outcomes.models import Consideration, Descent, Disposition, Outcome


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
    """Tell the whole lineage of one outcome in two queries, however large its series is.

    What events that are not concluded are working on is left out unless `with_drafts`.
    """
    return _lineages([outcome], _descents_around(outcome), with_drafts=with_drafts)[outcome.pk]


def lineages(outcomes: Iterable[Outcome], *, series: Series, with_drafts: bool = False) -> dict[int, Lineage]:
    """Tell the lineages of many outcomes of one series, by primary key, in two queries, however many there are."""
    return _lineages(outcomes, Descent.objects.filter(consultation__series=series), with_drafts=with_drafts)


def ancestors_of(outcome: Outcome) -> list[Outcome]:
    """Give all outcomes that this one came out of, over any number of generations, by reference."""
    upwards: dict[int, list[int]] = defaultdict(list)
    for parent, child in _descents_around(outcome).values_list("parent", "child"):
        upwards[child].append(parent)
    return list(Outcome.objects.filter(pk__in=_reach(outcome.pk, upwards)).order_by("reference"))


def ancestors_by_outcome(outcomes: Iterable[Outcome]) -> dict[int, list[Outcome]]:
    """Give all concluded ancestors of each outcome, by its primary key, each list by reference: in two queries.

    The outcomes must be loaded with their `born_at`.
    """
    rows = list(outcomes)
    descents = Descent.objects.filter(
        consultation__series__in={row.born_at.series_id for row in rows},
        consultation__state=ConsultationState.CONCLUDED,
    )
    upwards: dict[int, list[int]] = defaultdict(list)
    for parent, child in descents.values_list("parent", "child"):
        upwards[child].append(parent)
    reached = {row.pk: _reach(row.pk, upwards) for row in rows}
    known = Outcome.objects.in_bulk(set().union(*reached.values()))
    return {pk: sorted((known[each] for each in found), key=lambda one: one.reference) for pk, found in reached.items()}


def heirs_of(outcomes: Collection[int]) -> dict[int, list[Outcome]]:
    """Give the outcomes in which each of these, named by primary key, goes on, over all merges and splits.

    They are loaded `with_standing()`, each list by event and reference: those that went on in others again as well.
    An outcome that was neither merged nor split is left out. Two queries, however many there are.
    """
    series = Outcome.objects.filter(pk__in=outcomes).values("born_at__series")
    descents = Descent.objects.filter(consultation__series__in=series, consultation__state=ConsultationState.CONCLUDED)
    downwards: dict[int, list[int]] = defaultdict(list)
    for parent, child in descents.values_list("parent", "child"):
        downwards[parent].append(child)
    reached = {pk: _reach(pk, downwards) for pk in outcomes if pk in downwards}
    known = Outcome.objects.with_standing().in_bulk(set().union(*reached.values()))
    return {
        pk: sorted((known[each] for each in found), key=lambda one: (one.born_at.order, one.reference))
        for pk, found in reached.items()
    }


def _lineages(outcomes: Iterable[Outcome], descents: QuerySet[Descent], *, with_drafts: bool) -> dict[int, Lineage]:
    rows = list(outcomes)
    considerations = Consideration.objects.filter(outcome__in=[row.pk for row in rows])
    if not with_drafts:
        considerations = considerations.filter(consultation__state=ConsultationState.CONCLUDED)
        descents = descents.filter(consultation__state=ConsultationState.CONCLUDED)
    names: dict[int, str] = {}
    upwards: dict[int, list[int]] = defaultdict(list)
    downwards: dict[int, list[int]] = defaultdict(list)
    parents: dict[int, list[Kin]] = defaultdict(list)
    children: dict[int, list[Kin]] = defaultdict(list)
    edges = descents.values_list(
        "parent", "parent__reference", "child", "child__reference", "kind", "consultation__code"
    )
    for parent, parent_name, child, child_name, kind, code in edges.order_by("pk"):
        names[parent], names[child] = parent_name, child_name
        upwards[child].append(parent)
        downwards[parent].append(child)
        label = str(Descent.Kind(kind).label)
        parents[child].append(Kin(parent_name, kind, label, code))
        children[parent].append(Kin(child_name, kind, label, code))
    steps: dict[int, list[Step]] = defaultdict(list)
    for outcome, *told in considerations.order_by("laid_at", "pk").values_list("outcome", *TOLD_OF_A_STEP):
        steps[outcome].append(_step(*told))
    return {
        row.pk: Lineage(
            reference=row.reference,
            steps=steps[row.pk],
            parents=parents[row.pk],
            children=children[row.pk],
            ancestors=sorted(names[reached] for reached in _reach(row.pk, upwards)),
            descendants=sorted(names[reached] for reached in _reach(row.pk, downwards)),
        )
        for row in rows
    }


def _descents_around(outcome: Outcome) -> QuerySet[Descent]:
    """The merges and splits that lead to one outcome and on from it: the database walks the graph both ways."""
    walk = """
        WITH RECURSIVE up(id, parent_id) AS (
            SELECT id, parent_id FROM outcomes_descent WHERE child_id = %s
            UNION SELECT step.id, step.parent_id FROM outcomes_descent step JOIN up ON step.child_id = up.parent_id
        ), down(id, child_id) AS (
            SELECT id, child_id FROM outcomes_descent WHERE parent_id = %s
            UNION SELECT step.id, step.child_id FROM outcomes_descent step JOIN down ON step.parent_id = down.child_id
        ) SELECT id FROM up UNION SELECT id FROM down
    """
    return Descent.objects.filter(pk__in=RawSQL(walk, [outcome.pk, outcome.pk]))  # noqa: S611  a text of ours


def _reach(start: int, graph: dict[int, list[int]]) -> set[int]:
    """Everything that can be reached from `start`."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        for reached in graph.get(waiting.pop(), []):
            if reached not in found:
                found.add(reached)
                waiting.append(reached)
    return found


TOLD_OF_A_TEXT = ("number", "title", "statement", "change_note")
TOLD_OF_A_STEP = (
    "consultation__code",
    "consultation__title",
    "consultation__starts_on",
    "consultation__state",
    "disposition",
    "reason",
    *(f"version_before__{name}" for name in TOLD_OF_A_TEXT),
    *(f"version_after__{name}" for name in TOLD_OF_A_TEXT),
)
"""What a step is made of, as columns: models would take several times as long."""


def _step(code: str, title: str, held_on: date | None, state: str, disposition: str, reason: str, *texts: Any) -> Step:
    return Step(
        code=code,
        consultation=title,
        held_on=held_on,
        concluded=state == ConsultationState.CONCLUDED,
        disposition=disposition,
        disposition_label=str(Disposition(disposition).label),
        reason=reason,
        before=_text(*texts[:4]),
        after=_text(*texts[4:]),
    )


def _text(number: int | None, title: str, statement: str, change_note: str) -> Text | None:
    return None if number is None else Text(number, title, statement, change_note)
