"""The same as a lineage chart in words, for those who cannot see it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from outcomes.chart.order import Family
from outcomes.chart.pattern import Pattern
from outcomes.chart.signs import label_of
from outcomes.chart.ways import WITHDRAWN, Event, Way


@dataclass(frozen=True)
class Line:
    """What each event made of one outcome, a cell for each event, and the references of those that it ended in."""

    reference: str
    title: str
    cells: list[str]
    children: str


@dataclass(frozen=True)
class Table:
    events: list[Event]
    rows: list[Line]


def tabulate(part: Iterable[Family], *, pattern: Pattern, ways: dict[str, Way]) -> Table:
    """Put one part of a chart into words, row by row as it is drawn."""
    children: dict[str, list[str]] = defaultdict(list)
    for knot in pattern.knots:
        for parent in knot.parents:
            children[parent] += knot.children
    rows = []
    for reference in (reference for family in part for reference in family):
        way = ways[reference]
        said = {stop.event: label_of(stop.kind) for stop in way.stops}
        if way.is_withdrawn and way.stops and way.stops[-1].kind != WITHDRAWN:
            last = way.stops[-1].event
            said[last] = _("%(what)s, later withdrawn") % {"what": said[last]}
        cells = [said.get(event.code, "") for event in pattern.events]
        rows.append(Line(reference, way.title, cells, ", ".join(children[reference])))
    return Table(list(pattern.events), rows)
