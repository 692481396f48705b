"""Whom it concerns what a consultation made of the outcomes that were laid before it: people of earlier events whose
inputs these rest on, or who took a position against them or with reservations.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from consultations.models import Consultation, InputState, Participation
from consultations.notices import FOR_MAIL
from outcomes.lineage import ancestors_by_outcome
from outcomes.models import Consideration, Descent, Disposition, Evidence, Position, Stance
from outcomes.queries import EvidenceQuerySet


@dataclass(frozen=True)
class Verdict:
    """What a concluded event made of one outcome that was laid before it, in the text that it left with.

    `goes_on_in` are the references of what a merge or split made of it there.
    """

    reference: str
    title: str
    disposition: Disposition
    reason: str
    goes_on_in: list[str]


@dataclass
class Bearing:
    """How one verdict bears on one person: by which of their inputs, by a position of which kind, and through which
    ancestors of the outcome. The inputs and ancestors are told by reference.
    """

    verdict: Verdict
    inputs: set[str] = field(default_factory=set)
    stances: set[Stance] = field(default_factory=set)
    through: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Concerned:
    """One person with what concerns them, in the order of the list of outcomes; loaded FOR_MAIL.

    `participation` is the one at the latest of the `events` at which they said what this is about.
    """

    participation: Participation
    events: int
    bearings: list[Bearing]


def concerned_by(consultation: Consultation) -> dict[int, Concerned]:
    """Find whom the dispositions of a concluded event concern, by the person's primary key: in six queries.

    Evidence counts while it stands and its input is not withdrawn, also that of ancestors over merges and splits; a
    position while it is its author's last word and not withdrawn. Outcomes that were withdrawn since are left out, as
    their withdrawal was told. So are people without an e-mail address.
    """
    rows = list(
        Consideration.objects.before(consultation)
        .exclude(disposition=Disposition.NONE)
        .filter(outcome__withdrawn_at__isnull=True)
        .with_texts()
        .select_related("outcome__born_at")
        .in_order()
    )
    verdicts = _verdicts(rows, consultation)
    reached = _reached(rows)
    bearings: dict[int, dict[str, Bearing]] = defaultdict(dict)
    spoke: dict[int, set[int]] = defaultdict(set)

    def bearings_on(person: int, participation: int, outcome: int) -> list[Bearing]:
        """What each outcome before the event that is this one, or came out of it, means to the person."""
        spoke[person].add(participation)
        found = []
        for key, ancestor in reached[outcome]:
            bearing = bearings[person].setdefault(verdicts[key].reference, Bearing(verdicts[key]))
            bearing.through |= {ancestor} - {""}
            found.append(bearing)
        return found

    for item in _evidence(reached, consultation):
        participation = item.input.participation
        for bearing in bearings_on(participation.person_id, participation.pk, item.outcome_id):
            bearing.inputs.add(item.input.reference)
    for person, key, outcome, stance in _positions(reached, consultation):
        for bearing in bearings_on(person, key, outcome):
            bearing.stances.add(Stance(stance))
    latest = _latest(spoke)
    order = {verdict.reference: place for place, verdict in enumerate(verdicts.values())}
    return {
        person: Concerned(
            participation=latest[person],
            events=len(spoke[person]),
            bearings=sorted(found.values(), key=lambda bearing: order[bearing.verdict.reference]),
        )
        for person, found in bearings.items()
    }


def _verdicts(rows: list[Consideration], consultation: Consultation) -> dict[int, Verdict]:
    children: dict[int, list[str]] = defaultdict(list)
    made_here = Descent.objects.filter(consultation=consultation).order_by("child__reference")
    for parent, child in made_here.values_list("parent", "child__reference"):
        children[parent].append(child)
    return {
        row.outcome_id: Verdict(
            reference=row.outcome.reference,
            title=row.version_after.title if row.version_after else "",
            disposition=Disposition(row.disposition),
            reason=row.reason,
            goes_on_in=children[row.outcome_id],
        )
        for row in rows
    }


def _reached(rows: list[Consideration]) -> dict[int, list[tuple[int, str]]]:
    """For each outcome before the event, and each ancestor of one, which of them come out of it: the key of the
    outcome, and the reference of the ancestor, empty for the outcome itself.
    """
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    ancestors = ancestors_by_outcome(row.outcome for row in rows)
    for row in rows:
        found[row.outcome_id].append((row.outcome_id, ""))
        for ancestor in ancestors[row.outcome_id]:
            found[ancestor.pk].append((row.outcome_id, ancestor.reference))
    return found


def _evidence(outcomes: Collection[int], consultation: Consultation) -> EvidenceQuerySet:
    """What stands from events that were concluded before this one, of people with an e-mail address."""
    rows = Evidence.objects.standing().filter(
        outcome__in=outcomes,
        input__state=InputState.SUBMITTED,
        input__consultation__concluded_at__lte=consultation.concluded_at,
        input__participation__person__email__isnull=False,
    )
    rows = rows.exclude(input__consultation=consultation).select_related("input__consultation", "input__participation")
    return rows.only("outcome", "input__number", "input__consultation__code", "input__participation__person")


def _positions(outcomes: Collection[int], consultation: Consultation) -> Iterable[tuple[int, int, int, str]]:
    """Dissent and reservations that stand from such events: person, participation, outcome and stance of each."""
    rows = Position.objects.standing().filter(
        stance__in=[Stance.RESERVATIONS, *sorted(Stance.dissenting())],
        consideration__outcome__in=outcomes,
        consideration__consultation__concluded_at__lte=consultation.concluded_at,
        participation__person__email__isnull=False,
    )
    rows = rows.exclude(consideration__consultation=consultation)
    return rows.values_list("participation__person", "participation", "consideration__outcome", "stance")


def _latest(spoke: dict[int, set[int]]) -> dict[int, Participation]:
    """Each person's participation at the latest event among those that are given by primary key."""
    rows = Participation.objects.filter(pk__in=set().union(*spoke.values())).select_related(*FOR_MAIL)
    return {row.person_id: row for row in rows.order_by("consultation__concluded_at", "consultation__order", "pk")}
