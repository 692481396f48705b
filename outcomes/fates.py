"""What became of inputs: used in which outcomes and what became of those, or set aside and why."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from consultations.models import Consultation, ConsultationState, CooperationArea, Input, InputState
from outcomes.models import Consideration, Evidence, SettingAside
from outcomes.onwards import LaterStep, Onwards, Successor, onwards_of
from outcomes.queries import is_set_aside, is_used
from stakeholders.models import StakeholderType


class FateKind(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    USED = "used"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Use:
    """One outcome that an input is evidence of; `later` tells its way through the concluded events since.

    Where it was merged or split, `goes_on_in` are the outcomes on that way, each with its own.
    """

    reference: str
    title: str
    relation: str
    quote: str
    later: list[LaterStep]
    goes_on_in: list[Successor] = field(default_factory=list)


@dataclass(frozen=True)
class Fate:
    """What became of one input; `reason` is that of a setting aside."""

    kind: FateKind
    uses: list[Use] = field(default_factory=list)
    reason: str = ""


@dataclass
class Coverage:
    """How many inputs have which fate. `used + set_aside + withdrawn + open` are all inputs ever submitted."""

    used: int = 0
    set_aside: int = 0
    withdrawn: int = 0
    open: int = 0

    @property
    def total(self) -> int:
        return self.used + self.set_aside + self.withdrawn + self.open

    @property
    def decided(self) -> int:
        return self.total - self.open

    @property
    def decided_percent(self) -> int:
        """How many of them have a fate, in whole percent, rounded down; 100 where there are none."""
        return 100 * (self.total - self.open) // self.total if self.total else 100


@dataclass(frozen=True)
class CoverageTable:
    """The coverage of one consultation: all of it, by area, by stakeholder type, and by both.

    Types are those that somebody on the list of participants stands for, so that one who gave nothing is seen too.
    """

    all: Coverage
    areas: list[tuple[CooperationArea, Coverage]]
    types: list[tuple[StakeholderType, Coverage, list[tuple[CooperationArea, Coverage]]]]


def fates_of(inputs: Iterable[Input], *, at_the_desk: bool = False) -> dict[int, Fate]:
    """Tell what became of each input, by its primary key, in six queries at most, however many there are.

    Authors learn it when validation opens; until then an input counts as open, unless `at_the_desk`. Inputs must be
    loaded with their consultation.
    """
    rows = list(inputs)
    told = [
        row.pk
        for row in rows
        if at_the_desk or row.consultation.state in {ConsultationState.IN_VALIDATION, ConsultationState.CONCLUDED}
    ]
    evidence = list(
        Evidence.objects.standing()
        .filter(input__in=told, outcome__dropped_at__isnull=True)
        .select_related("outcome", "input")
        .order_by("outcome__reference", "pk")
    )
    ways = onwards_of({item.outcome_id for item in evidence})
    uses: dict[int, list[Use]] = defaultdict(list)
    for item in evidence:
        if use := _use(item, ways[item.outcome_id]):
            uses[item.input_id].append(use)
    reasons = dict(
        SettingAside.objects.filter(input__in=told, taken_back_at__isnull=True).values_list("input", "reason")
    )
    return {row.pk: _fate(row, uses.get(row.pk, []), reasons.get(row.pk)) for row in rows}


def add_fates_at_the_desk(inputs: Iterable[Input]) -> None:
    """Give each input its `fate` as the desk of its event sees it, without what later events made of it; one query.

    Inputs must be loaded with `reason_set_aside`, as outcomes.queries gives it.
    """
    rows = list(inputs)
    here = Consideration.objects.filter(outcome=OuterRef("outcome"), consultation=OuterRef("input__consultation"))
    title = Coalesce("version_after__title", "version_before__title")
    evidence = Evidence.objects.standing().filter(input__in=[row.pk for row in rows], outcome__dropped_at__isnull=True)
    found = evidence.select_related("outcome").annotate(title_here=Subquery(here.values_list(title)[:1]))
    uses: dict[int, list[Use]] = defaultdict(list)
    for item in found.order_by("outcome__reference", "pk"):
        if title_here := getattr(item, "title_here", None):
            use = Use(item.outcome.reference, title_here, item.get_relation_display(), item.quote, later=[])
            uses[item.input_id].append(use)
    for row in rows:
        row.fate = _fate(row, uses.get(row.pk, []), row.reason_set_aside)  # type: ignore[attr-defined]


def coverage(consultation: Consultation) -> Coverage:
    """Count the inputs of a consultation by fate, drafts left out, in one query."""
    return coverage_by(consultation)[None]


def coverage_by(consultation: Consultation, group: str = "") -> dict[object, Coverage]:
    """Count the inputs by fate for each value of `group` (a field path of Input, like "area"), in one query.

    Without `group` everything is counted under None.
    """
    return _count_by(Input.objects.filter(consultation=consultation), *filter(None, [group]))


def coverage_by_event(consultations: Iterable[Consultation]) -> dict[object, Coverage]:
    """Count the inputs of many consultations by fate, by the consultation's primary key, in one query."""
    return _count_by(Input.objects.filter(consultation__in=[row.pk for row in consultations]), "consultation")


def types_on_the_list(consultation: Consultation) -> QuerySet[StakeholderType]:
    """The stakeholder types for which somebody on the list of participants stands."""
    return StakeholderType.objects.filter(pk__in=consultation.participations.order_by().values("stakeholder_type"))


def coverage_table(
    consultation: Consultation, *, areas: Sequence[CooperationArea], types: Sequence[StakeholderType]
) -> CoverageTable:
    """Count the inputs by fate for each of these areas and stakeholder types, in one query.

    Give the areas of the consultation and its `types_on_the_list`.
    """
    counted = _count_by(Input.objects.filter(consultation=consultation), "area", "participation__stakeholder_type")

    def total(area: int | None = None, type: int | None = None) -> Coverage:
        chosen = [
            found
            for key, found in counted.items()
            if isinstance(key, tuple) and area in {None, key[0]} and type in {None, key[1]}
        ]
        return Coverage(*(sum(getattr(found, each.name) for found in chosen) for each in fields(Coverage)))

    return CoverageTable(
        all=total(),
        areas=[(area, total(area.pk)) for area in areas],
        types=[(type, total(type=type.pk), [(area, total(area.pk, type.pk)) for area in areas]) for type in types],
    )


def fate_kind() -> Case:
    """Which fate an input has that was ever submitted, as it stands at the desk: the value of a FateKind."""
    return Case(
        When(state=InputState.WITHDRAWN, then=Value(FateKind.WITHDRAWN.value)),
        When(is_used(), then=Value(FateKind.USED.value)),
        When(is_set_aside(), then=Value(FateKind.SET_ASIDE.value)),
        default=Value(FateKind.OPEN.value),
        output_field=CharField(),
    )


def _count_by(inputs: QuerySet[Input], *groups: str) -> dict[object, Coverage]:
    ever_submitted = inputs.exclude(Q(state=InputState.DRAFT) | Q(state=InputState.WITHDRAWN, number__isnull=True))
    found: dict[object, Coverage] = defaultdict(Coverage)
    rows = ever_submitted.order_by().annotate(fate=fate_kind()).values_list(*groups, "fate").annotate(Count("pk"))
    for *values, kind, number in rows:
        key = tuple(values) if len(values) > 1 else next(iter(values), None)
        setattr(found[key], kind, number)
    return found


def _use(evidence: Evidence, way: Onwards) -> Use | None:
    """Tell one use: the text that the outcome had at the input's own event, and its way since; None where it was
    never before that event.
    """
    event = evidence.input.consultation_id
    here = way.at(event)
    if here is None:
        return None
    text = here.version_after or here.version_before
    return Use(
        reference=evidence.outcome.reference,
        title=text.title if text else "",
        relation=evidence.get_relation_display(),
        quote=evidence.quote,
        later=way.since(event),
        goes_on_in=way.goes_on_in,
    )


def _fate(row: Input, uses: list[Use], reason: str | None) -> Fate:
    if row.state == InputState.DRAFT:
        return Fate(FateKind.DRAFT)
    if row.state == InputState.WITHDRAWN:
        return Fate(FateKind.WITHDRAWN)
    if uses:
        return Fate(FateKind.USED, uses=uses)
    if reason is not None:
        return Fate(FateKind.SET_ASIDE, reason=reason)
    return Fate(FateKind.OPEN)
