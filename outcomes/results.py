"""What participants said in validation, as it may be shown: tallies, and reservations and dissent in their words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from consultations.attribution import attribution_line
from consultations.models import Attribution
from outcomes.agreement import Tally, tallies_of
from outcomes.lineage import ancestors_by_outcome
from outcomes.models import Consideration, Outcome, Position, Stance


@dataclass(frozen=True)
class Voice:
    """A reservation or a dissent in its author's words, under the line that they allowed.

    `on_earlier_text` where the text has changed since; `through` names the ancestor on which it was said.
    """

    stance: Stance
    reason: str
    source: str
    on_earlier_text: bool
    through: str = ""

    @property
    def stance_label(self) -> str:
        return str(self.stance.label)


@dataclass
class Result:
    """What the positions of one event on one outcome say. `counted_only` are dissents whose words are not published."""

    tally: Tally | None = None
    voices: list[Voice] = field(default_factory=list)
    counted_only: int = 0


@dataclass(frozen=True)
class EventResult:
    """The result of one concluded event, for lists over all of them."""

    code: str
    consultation: str
    held_on: date | None
    result: Result


def results_of(considerations: Iterable[Consideration]) -> dict[int, Result]:
    """Give what was said on each of these, by primary key, in four queries, however many there are.

    They must be loaded with their consultation. A consideration on which nobody said anything is left out.
    """
    rows = {row.pk: row for row in considerations}
    events = {row.consultation_id: row.consultation for row in rows.values()}
    tallies = tallies_of(events.values(), considerations=rows.keys())
    found: dict[int, Result] = defaultdict(Result)
    for pk in rows.keys() & tallies.keys():
        found[pk].tally = tallies[pk]
    for position in _voiced(rows.keys()):
        _add(found[position.consideration_id], position)
    return dict(found)


def results_by_event(outcomes: Iterable[Outcome]) -> dict[int, list[EventResult]]:
    """Give the published results of outcomes, by primary key: one for each concluded event, in order of time.

    Never added up over events (domain.md, roll-forward, rule 3). Four queries, however many outcomes.
    """
    rows = Consideration.objects.filter(
        outcome__in=[outcome.pk for outcome in outcomes], consultation__concluded_at__isnull=False
    )
    way = list(rows.select_related("consultation").order_by("laid_at", "pk"))
    results = results_of(way)
    found: dict[int, list[EventResult]] = defaultdict(list)
    for row in way:
        if row.pk in results:
            event = row.consultation
            found[row.outcome_id].append(EventResult(event.code, event.title, event.starts_on, results[row.pk]))
    return found


def open_objections(outcomes: Iterable[Outcome]) -> dict[int, list[Voice]]:
    """Give the dissent that stands against each outcome from all concluded events, its ancestors' with it.

    It stays until its author withdraws it (domain.md, roll-forward, rules 3 and 4). By primary key.
    """
    rows = list(outcomes)
    ancestors = ancestors_by_outcome(rows)
    known = {row.pk: row for row in rows} | {each.pk: each for found in ancestors.values() for each in found}
    said: dict[int, list[Position]] = defaultdict(list)
    positions = (
        Position.objects.standing()
        .dissenting()
        .filter(consideration__outcome__in=known, consideration__consultation__concluded_at__isnull=False)
        .exclude(attribution=Attribution.UNPUBLISHED)
    )
    for position in positions.with_author().select_related("consideration").order_by("taken_at", "pk"):
        said[position.consideration.outcome_id].append(position)
    return {
        row.pk: [
            _voice(position, through="" if each == row else each.reference)
            for each in [*ancestors[row.pk], row]
            for position in said[each.pk]
        ]
        for row in rows
    }


def _voiced(considerations: Iterable[int]) -> Iterable[Position]:
    rows = Position.objects.standing().filter(consideration__in=list(considerations)).exclude(reason="")
    voiced = rows.filter(stance__in=[Stance.RESERVATIONS, *sorted(Stance.dissenting())])
    return voiced.with_author().order_by("pk")


def _add(result: Result, position: Position) -> None:
    if position.attribution == Attribution.UNPUBLISHED:
        result.counted_only += 1
    else:
        result.voices.append(_voice(position))


def _voice(position: Position, *, through: str = "") -> Voice:
    return Voice(
        stance=Stance(position.stance),
        reason=position.reason,
        source=attribution_line(position),
        on_earlier_text=position.outdated_at is not None,
        through=through,
    )
