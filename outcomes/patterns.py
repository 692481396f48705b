"""What a series has published of its lineage, as charts take it. All their queries are here."""

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.utils.formats import date_format

from consultations.models import Consultation, ConsultationState, CooperationArea, Series
from outcomes.chart import (
    ASIDE,
    PAGE,
    Chart,
    Event,
    Pattern,
    Way,
    columns_in_time,
    draw,
    families_of,
    knots_of,
    way_of,
)
from outcomes.chart.table import Table, tabulate
from outcomes.lineage import Lineage, lineages
from outcomes.models import Consideration, Descent, Outcome

WIDTH = 1190
"""Of an area's chart where it has few events: as wide as the page."""


def area_pattern(area: CooperationArea, *, is_mirrored: bool = False) -> Pattern:
    """Give the whole lineage of an area by what concluded events have published, in four queries.

    Every outcome of the area has a row; so have those of other areas that these came out of or ended in, as guests.
    """
    series = area.series
    of_area = Outcome.objects.published().filter(Q(area=area) | Q(pk__in=area.further_outcomes.values("pk")))
    own = list(of_area.order_by("born_at__order", "area__order", "number", "pk").values_list("reference", flat=True))
    descents = _descents(series)
    at_home = set(own)
    kin = {end for _event, *ends in descents if at_home & set(ends) for end in ends}
    guests = sorted(kin - at_home)
    knots = knots_of(descents)
    events = _events(series)
    return Pattern(
        events,
        families_of([*own, *guests], knots),
        knots,
        PAGE.for_columns(len(events), width=WIDTH),
        is_mirrored=is_mirrored,
        guests=frozenset(guests),
    )


def ways_of(references: Iterable[str], *, series: Series, with_drafts: bool = False) -> dict[str, Way]:
    """Give the ways of outcomes by their references, in three queries."""
    rows = list(Outcome.objects.filter(reference__in=list(references), born_at__series=series))
    found = lineages(rows, series=series, with_drafts=with_drafts)
    return {row.reference: way_of(found[row.pk], is_withdrawn=row.withdrawn_at is not None) for row in rows}


def kin_of(
    outcome: Outcome, lineage: Lineage, *, with_drafts: bool = False, is_mirrored: bool = False
) -> tuple[Chart, Table]:
    """Draw an outcome with all that it came out of and that came out of it, and put the same into words.

    The columns are the events that one of them was at. In six queries.
    """
    series = outcome.born_at.series
    references = [*lineage.ancestors, outcome.reference, *lineage.descendants]
    ways = ways_of(references, series=series, with_drafts=with_drafts)
    visited = {stop.event for way in ways.values() for stop in way.stops}
    knots = knots_of(_descents(series, with_drafts=with_drafts))
    events = [event for event in _events(series, with_drafts=with_drafts) if event.code in visited]
    families = families_of(references, knots)
    pattern = Pattern(events, families, knots, ASIDE, is_mirrored=is_mirrored, whose=outcome.reference)
    return draw(families, pattern=pattern, ways=ways), tabulate(families, pattern=pattern, ways=ways)


def _events(series: Series, *, with_drafts: bool = False) -> Sequence[Event]:
    """The concluded events of a series in the order of time; with drafts also those that are at work."""
    states = {ConsultationState.CONCLUDED, *(ConsultationState.in_work() if with_drafts else ())}
    rows = {row.code: row for row in Consultation.objects.filter(series=series, state__in=states).in_order()}
    laid = Consideration.objects.filter(consultation__in=[row.pk for row in rows.values()], laid_from__isnull=False)
    flows = laid.order_by().values_list("laid_from__code", "consultation__code").distinct()
    return [_event(rows[code]) for code in columns_in_time(list(rows), flows)]


def _event(row: Consultation) -> Event:
    return Event(row.code, row.city or row.title, date_format(row.starts_on, "M Y") if row.starts_on else "")


def _descents(series: Series, *, with_drafts: bool = False) -> list[tuple[str, str, str]]:
    """The event, the parent and the child of each merge and split of a series."""
    rows = Descent.objects.filter(consultation__series=series, child__dropped_at__isnull=True)
    if not with_drafts:
        rows = rows.filter(consultation__state=ConsultationState.CONCLUDED)
    return list(rows.order_by("pk").values_list("consultation__code", "parent__reference", "child__reference"))
