"""The balance of a consultation: who is invited, accepts, comes, contributes and is quoted, against the targets.

By stakeholder type, by region and by cooperation area (domain.md, “Balance”). Nobody is turned away by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, prefetch_related_objects
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from consultations.models import Answer, Attribution, Consultation, Input, Participation, RegionTarget, Target
from consultations.models.series import country_key
from outcomes.models import Evidence
from stakeholders.models import Organisation, StakeholderType

STAGES = ("invited", "accepted", "attended", "contributed", "quoted")
"""The funnel, from the first to the last; each counts people."""
COUNTRY = Coalesce(NullIf("organisation__country", Value("")), NullIf("person__country", Value("")), Value(""))
"""Where a participant comes from: the country of the organisation there, else the person's own."""


@dataclass(frozen=True)
class Counts:
    """How many people: on the list, and of those at each stage."""

    listed: int = 0
    invited: int = 0
    accepted: int = 0
    declined: int = 0
    attended: int = 0
    contributed: int = 0
    quoted: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in COUNTED})


COUNTED = tuple(Counts.__dataclass_fields__)
Counted = dict[int, dict[Any, Counts]]
"""By a consultation's primary key, and then by what people are counted by."""


@dataclass
class Line:
    """The people of one stakeholder type or one region, against the target; `target` is None where there is none.

    `came` is the stage that the target is held against. `contributed_in` and `quoted_in` count people by the primary
    key of the area.
    """

    name: str
    target: int | None
    counts: Counts
    came: str
    type: StakeholderType | None = None
    contributed_in: dict[int, int] = field(default_factory=dict)
    quoted_in: dict[int, int] = field(default_factory=dict)

    @property
    def present(self) -> int:
        number: int = getattr(self.counts, self.came)
        return number

    @property
    def missing(self) -> int:
        """How many people are wanted still."""
        return max(0, (self.target or 0) - self.present)


@dataclass
class Balance:
    """All of it for one consultation; `came` is “attended” once attendance was taken, before that “accepted”."""

    types: list[Line]
    regions: list[Line]
    came: str

    @property
    def total(self) -> Counts:
        return sum((line.counts for line in self.types), Counts())

    @property
    def missing(self) -> list[Line]:
        """The stakeholder types below their target, lead ones first."""
        below = [line for line in self.types if line.missing]
        return sorted(below, key=lambda line: not (line.type and line.type.is_lead))


def balances_of(consultations: Sequence[Consultation]) -> dict[int, Balance]:
    """Count the people of consultations of one series by stakeholder type and region, by the primary key of each.

    Shown are the types that the series watches, those with a target and those of whom somebody is on the list; and
    the regions of the series, where it has some. The number of queries does not depend on how many there are.
    """
    if not consultations:
        return {}
    series = consultations[0].series
    prefetch_related_objects(
        consultations,
        Prefetch("targets", Target.objects.order_by("pk")),
        Prefetch("region_targets", RegionTarget.objects.order_by("pk")),
    )
    by_type, by_country = _count(consultations, F("stakeholder_type")), _count(consultations, COUNTRY)
    given, quoted = _people_by_area(consultations, _given()), _people_by_area(consultations, quoted_inputs())
    types = list(StakeholderType.objects.order_by("order", "name"))
    watched = set(series.stakeholder_types.values_list("pk", flat=True))
    regions = list(series.regions.all())
    found = {}
    for consultation in consultations:
        key = consultation.pk
        came = "attended" if any(counts.attended for counts in by_type[key].values()) else "accepted"
        targets = {target.stakeholder_type_id: target.number for target in consultation.targets.all()}
        lines = [
            Line(
                name=type.name,
                target=targets.get(type.pk),
                counts=by_type[key].get(type.pk, Counts()),
                came=came,
                type=type,
                contributed_in=given[key, type.pk],
                quoted_in=quoted[key, type.pk],
            )
            for type in types
            if type.pk in watched | targets.keys() | by_type[key].keys()
        ]
        wanted = {target.region_id: target.number for target in consultation.region_targets.all()}
        named = [(region.name, wanted.get(region.pk), region.country_names) for region in regions]
        found[key] = Balance(lines, _lines_by_region(named, by_country[key], came=came) if named else [], came)
    return found


def balance_of(consultation: Consultation) -> Balance:
    """The balance of one consultation."""
    return balances_of([consultation])[consultation.pk]


def quoted_inputs() -> QuerySet[Input]:
    """Inputs of which an outcome quotes a passage that may be published."""
    quotes = Evidence.objects.standing().filter(~Q(quote=""), input=OuterRef("pk"), outcome__dropped_at__isnull=True)
    return _given().filter(Exists(quotes), attribution__in=sorted(Attribution.quotable()))


def unasked_organisations(consultation: Consultation) -> QuerySet[Organisation]:
    """The organisations of the address book from which nobody has been invited to the consultation."""
    asked = consultation.participations.invited().filter(organisation=OuterRef("pk"))
    return Organisation.objects.filter(~Exists(asked))


def missing_with_unasked(consultation: Consultation, balance: Balance) -> list[tuple[Line, int]]:
    """The types below their target, each with how many of its organisations have not been asked; in one query."""
    rows = unasked_organisations(consultation).order_by().values_list("stakeholder_type").annotate(Count("pk"))
    unasked = dict(rows)
    return [(line, unasked.get(line.type.pk, 0)) for line in balance.missing if line.type]


def _count(consultations: Iterable[Consultation], by: Combinable) -> Counted:
    """Count the people of consultations by an expression, in one query."""
    given = _given().filter(participation=OuterRef("pk"))
    quoted = quoted_inputs().filter(participation=OuterRef("pk"))
    rows = (
        Participation.objects.filter(consultation__in=[consultation.pk for consultation in consultations])
        .order_by()
        .annotate(counted_by=by, gave=Exists(given), was_quoted=Exists(quoted))
        .values("consultation", "counted_by")
        .annotate(
            listed=Count("pk"),
            invited=Count("pk", filter=~Q(answer=Answer.NOT_INVITED)),
            accepted=Count("pk", filter=Q(answer=Answer.ACCEPTED)),
            declined=Count("pk", filter=Q(answer=Answer.DECLINED)),
            attended=Count("pk", filter=Q(attended=True)),
            contributed=Count("pk", filter=Q(gave=True)),
            quoted=Count("pk", filter=Q(was_quoted=True)),
        )
    )
    found: Counted = defaultdict(dict)
    for row in rows:
        found[row["consultation"]][row["counted_by"]] = Counts(**{name: row[name] for name in COUNTED})  # type: ignore[literal-required]
    return found


def _given() -> QuerySet[Input]:
    return Input.objects.submitted().order_by()


def _people_by_area(
    consultations: Iterable[Consultation], inputs: QuerySet[Input]
) -> dict[tuple[int, int], dict[int, int]]:
    """Count the people behind inputs, as {(consultation, stakeholder type): {area: number}} by primary keys."""
    found: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    rows = (
        inputs.filter(consultation__in=[consultation.pk for consultation in consultations])
        .values_list("consultation", "participation__stakeholder_type", "area")
        .annotate(Count("participation", distinct=True))
    )
    for consultation, type, area, number in rows:
        found[consultation, type][area] = number
    return found


def _lines_by_region(
    regions: list[tuple[str, int | None, set[str]]], by_country: dict[str, Counts], *, came: str
) -> list[Line]:
    """A line for each region, given as name, target and countries; who is in none of them comes last.

    A country that stands in two regions is counted in both.
    """
    counted: dict[str, Counts] = defaultdict(Counts)
    for country, counts in by_country.items():
        counted[country_key(country)] += counts

    def total(countries: Iterable[str]) -> Counts:
        return sum((counted[country] for country in countries if country in counted), Counts())

    lines = [Line(name, target, total(countries), came) for name, target, countries in regions]
    placed = set().union(*(countries for _name, _target, countries in regions))
    rest = [(_("Other countries"), counted.keys() - placed - {""}), (_("Country not known"), {""})]
    return lines + [Line(name, None, total(keys), came) for name, keys in rest if total(keys).listed]
