"""What the positions of one event amount to, and how much of them may be shown (domain.md, “Level of agreement”).

Positions and tallies belong to one event; nothing here adds up two of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from django.db import models
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation
from outcomes.models import Position, Stance
from outcomes.queries import asked_for_positions
from stakeholders.models import StakeholderType


class AgreementRule(TypedDict):
    """A series' rule, as `consultations.models.series.DEFAULT_AGREEMENT_RULE` has it."""

    least_answers: int
    least_types: int
    least_per_type: int
    consensus_from: float
    support_above: float


class Level(models.TextChoices):
    TOO_FEW = "too_few", _("too few answers")
    FULL_CONSENSUS = "full_consensus", _("full consensus")
    CONSENSUS = "consensus", _("consensus")
    BROAD_SUPPORT = "broad_support", _("broad support, significant opposition")
    DIVERGENCE = "divergence", _("divergence")


@dataclass(frozen=True)
class Counts:
    """How many people hold each stance."""

    support: int = 0
    reservations: int = 0
    abstain: int = 0
    disagree: int = 0
    object: int = 0

    @property
    def agreeing(self) -> int:
        """“A” of the rule."""
        return self.support + self.reservations

    @property
    def dissenting(self) -> int:
        """“D” of the rule."""
        return self.disagree + self.object

    @property
    def decided(self) -> int:
        """“n” of the rule: abstentions are shown, not counted."""
        return self.agreeing + self.dissenting

    @property
    def answered(self) -> int:
        return self.decided + self.abstain

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, stance) + getattr(other, stance) for stance in Stance.values))


@dataclass(frozen=True)
class Cell:
    """What is shown of one stakeholder type: how many were asked, and the counts; None where they are suppressed.

    `type` is its slug, `name` what it is called in the plural.
    """

    type: str
    name: str
    asked: int
    counts: Counts | None


@dataclass(frozen=True)
class Tally:
    """The positions on one outcome at one event, as they may be shown.

    `total` is None where fewer answered than a cell needs. `against` names the lead types of which more are against
    than for, by their slugs; `least_per_type` is the number under which a cell is suppressed.
    """

    level: Level
    cells: list[Cell] = field(default_factory=list)
    total: Counts | None = None
    asked: int = 0
    against: list[str] = field(default_factory=list)
    least_per_type: int = 3

    @property
    def against_names(self) -> list[str]:
        return [cell.name for cell in self.cells if cell.type in self.against]


def level_of(by_type: Mapping[str, Counts], rule: AgreementRule) -> Level:
    """Compute the level of agreement of one event from the counts of each stakeholder type, exactly by the rule."""
    total = sum(by_type.values(), Counts())
    large = [counts for counts in by_type.values() if counts.decided >= rule["least_per_type"]]
    if total.decided < rule["least_answers"] or len(large) < rule["least_types"]:
        return Level.TOO_FEW
    if total.dissenting == 0:
        return Level.FULL_CONSENSUS
    share = total.agreeing / total.decided
    if share >= rule["consensus_from"] and not any(counts.dissenting > counts.agreeing for counts in large):
        return Level.CONSENSUS
    return Level.BROAD_SUPPORT if share > rule["support_above"] else Level.DIVERGENCE


def suppressed(answered: Mapping[str, int], *, least: int) -> set[str]:
    """Find the types whose counts are not shown, so that nobody's position can be worked out.

    Those of which fewer than `least` people answered, and as many more, the smallest first, as it takes that what is
    left when the others are taken from the total is of two types and of `least` people at the least. Types of which
    nobody answered tell nothing and are shown.
    """
    by_size = sorted((number, slug) for slug, number in answered.items() if number)
    hidden = [slug for number, slug in by_size if number < least]
    if not hidden:
        return set()
    for number, slug in by_size:
        if len(hidden) >= 2 and sum(answered[each] for each in hidden) >= least:
            break
        if number >= least:
            hidden.append(slug)
    return set(hidden)


def tally_of(
    by_type: Mapping[str, Counts],
    *,
    asked: Mapping[str, int],
    names: Mapping[str, str],
    leads: Iterable[str],
    rule: AgreementRule,
) -> Tally:
    """Put together what may be shown of the positions on one outcome at one event.

    `by_type` and `asked` are by the slug of the stakeholder type, in the order in which they are shown; a type of which
    somebody was asked or has answered has a cell. `names` gives their names in the plural.
    """
    least = rule["least_per_type"]
    total = sum(by_type.values(), Counts())
    hidden = suppressed({slug: counts.answered for slug, counts in by_type.items()}, least=least)
    slugs = list(dict.fromkeys([*asked, *by_type]))
    cells = [
        Cell(slug, names[slug], asked.get(slug, 0), None if slug in hidden else by_type.get(slug, Counts()))
        for slug in slugs
    ]
    shown = {cell.type: cell.counts for cell in cells if cell.counts and cell.counts.decided >= least}
    return Tally(
        level=level_of(by_type, rule),
        cells=cells,
        total=total if total.answered >= least or not total.answered else None,
        asked=sum(asked.values()),
        against=[slug for slug in leads if slug in shown and shown[slug].dissenting > shown[slug].agreeing],
        least_per_type=least,
    )


def tallies_of(
    consultations: Iterable[Consultation], *, considerations: Collection[int] | None = None
) -> dict[int, Tally]:
    """Give the tally of every outcome on which somebody took a position at these events, by the consideration's key.

    Given the keys of `considerations` of these events, it counts for them alone: a page shows fifty of them.

    In three queries, however many there are.
    """
    events = {event.pk: event for event in consultations}
    types = {type.slug: type for type in StakeholderType.objects.order_by("order", "name")}
    asked: dict[int, dict[str, int]] = defaultdict(dict)
    numbers = asked_for_positions(events.values()).order_by().values_list("consultation", "stakeholder_type__slug")
    for event, slug, number in numbers.annotate(Count("pk")):
        asked[event][slug] = number
    counted: dict[tuple[int, int], dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    rows = Position.objects.counted().filter(consideration__consultation__in=events).order_by()
    if considerations is not None:
        rows = rows.filter(consideration__in=considerations)
    by = ["consideration__consultation", "consideration", "participation__stakeholder_type__slug", "stance"]
    for event, consideration, slug, stance, number in rows.values_list(*by).annotate(Count("pk")):
        counted[event, consideration][slug][stance] = number
    return {
        consideration: tally_of(
            {slug: Counts(**counts[slug]) for slug in types if slug in counts},
            asked={slug: asked[event][slug] for slug in types if slug in asked[event]},
            names={slug: type.plural for slug, type in types.items()},
            leads=[slug for slug, type in types.items() if type.is_lead],
            rule=events[event].agreement_rule,
        )
        for (event, consideration), counts in counted.items()
    }
