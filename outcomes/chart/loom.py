"""Where everything in a lineage chart stands: from ways and a pattern to a drawing."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from django.utils.translation import gettext as _

from outcomes.chart.drawing import Chart, Head, Mark, Row, Thread
from outcomes.chart.order import Family
from outcomes.chart.pattern import BEFORE_FIRST, Pattern
from outcomes.chart.signs import label_of, path_of
from outcomes.chart.ways import WITHDRAWN, Event, Knot, Stop, Way
from outcomes.models import Disposition

LANE = 8
"""Between two upright threads beside a column: each merge and split there has a lane of its own where they overlap."""
TO_LANE = 15
"""From a mark to the first lane beside it, and from the last lane to the marks of those that come out."""
TO_WITHDRAWN = 20
TAIL = 16
"""The open end of a thread that goes on."""
TO_TEXT = 12
CORNER = 6
TO_A_LETTER = 6
"""About what a letter of a head takes."""
CONTESTED, KNOT, OPEN, PLAIN = "contested", "knot", "open", "plain"


def draw(part: Iterable[Family], *, pattern: Pattern, ways: dict[str, Way]) -> Chart:
    """Draw one part of a chart: the rows of these families, as the pattern's rows are cut.

    Each outcome has one row, each of its stops one mark there. Threads run from mark to mark in time; those of merges
    and splits turn off in a lane beside the column, and run to the edge where the other end is in another part.
    """
    return _Loom(list(part), pattern, ways).weave()


class _Loom:
    """The drawing of one part while it is made."""

    def __init__(self, part: list[Family], pattern: Pattern, ways: dict[str, Way]) -> None:
        self.part, self.pattern, self.ways, self.measures = part, pattern, ways, pattern.measures
        self.references = [reference for family in part for reference in family]
        self.y = {
            reference: self.measures.head + self.measures.row * number + self.measures.row // 2
            for number, reference in enumerate(self.references)
        }
        self.first = pattern.place[self.references[0]] if self.references else 0
        self.top = self.measures.head
        self.bottom = self.top + self.measures.row * len(self.references)
        lanes: dict[str, int] = defaultdict(int)
        for knot, lane in pattern.lanes.items():
            lanes[knot.event] = max(lanes[knot.event], lane + 1)
        self.columns: dict[str, int] = {}
        self.out: dict[str, int] = {}
        x = self.measures.labels + BEFORE_FIRST
        for event in pattern.events:
            beside = 2 * TO_LANE + LANE * (lanes[event.code] - 1) if lanes[event.code] else 0
            self.columns[event.code] = x
            self.out[event.code] = x + beside
            x += max(self.measures.column, beside + self.measures.column // 2)
        self.width = x - BEFORE_FIRST + self.measures.ends
        self.uprights = [(*pattern.span(knot), self._lane_x(knot)) for knot in pattern.drawn_knots]
        self.banded = {reference for family in part[1::2] for reference in family}
        self.born_out_of = {child: knot for knot in pattern.drawn_knots for child in knot.children}
        self.ends_in = {parent: knot for knot in pattern.drawn_knots for parent in knot.parents}

    def weave(self) -> Chart:
        chart = Chart(
            self.width,
            self.bottom + 6,
            self.measures,
            self.pattern.is_mirrored,
            [self._head(event) for event in self.pattern.events],
        )
        for reference in self.references:
            self._weave_row(chart, self.ways[reference])
        chart.threads += [thread for knot in self.pattern.drawn_knots for thread in self._knot(knot)]
        y = self.top
        for number, family in enumerate(self.part):
            if number % 2:
                chart.bands.append((y, self.measures.row * len(family)))
            y += self.measures.row * len(family)
        return chart

    def _head(self, event: Event) -> Head:
        length = self.measures.column // TO_A_LETTER
        place, date = _shortened(event.place, length), _shortened(event.date, length)
        return Head(event.code, place, date, self._x(self.columns[event.code] - 8))

    def _x(self, x: int) -> int:
        return self.width - x if self.pattern.is_mirrored else x

    def _x_of(self, way: Way, stop: Stop) -> int:
        """Where a stop is marked: at its column, or beside it where the outcome came out of a merge or split there."""
        knot = self.born_out_of.get(way.reference)
        is_out_of_knot = knot and knot.event == stop.event and stop == way.stops[0]
        return (self.out if is_out_of_knot else self.columns)[stop.event]

    def _weave_row(self, chart: Chart, way: Way) -> None:
        y = self.y[way.reference]
        places = [(stop, self._x_of(way, stop)) for stop in way.stops]
        chart.marks += [self._mark(way, stop, x) for stop, x in places]
        is_contested = False
        for (stop, x), (following, to_x) in pairwise(places):
            if stop.kind != Disposition.NOT_CONSIDERED:
                is_contested = stop.kind == Disposition.CONTESTED
            kind = CONTESTED if is_contested else PLAIN
            chart.threads.append(self._straight(way, kind, stop.event, following.event, x, to_x))
        first_x = places[0][1] if places else self.measures.labels
        end_x = self._weave_end(chart, way, places[-1][1]) if places else first_x
        end = self._end_of(way)
        chart.rows.append(
            Row(
                way.reference,
                _shortened(way.title, self.measures.title),
                y,
                end,
                self._x(end_x),
                (self._x(self.measures.labels), self._x(first_x)),
                way.reference in self.pattern.guests,
                way.reference == self.pattern.whose,
                self._back(way.reference, end_x, end_x + len(end) * TO_A_LETTER),
                way.reference in self.banded,
            )
        )

    def _weave_end(self, chart: Chart, way: Way, x: int) -> int:
        """Draw what follows on the last stop, which is at `x`; returns where the words at the end begin."""
        event, knot = way.stops[-1].event, self.ends_in.get(way.reference)
        if way.is_withdrawn and way.stops[-1].kind != WITHDRAWN:
            beside = max(x, self.out[event]) + TO_WITHDRAWN
            chart.marks.append(self._mark(way, Stop(event, WITHDRAWN), beside))
            if knot is None:
                chart.threads.append(self._straight(way, OPEN, event, event, x, beside))
            return beside + TO_TEXT
        if knot:
            return max(x, self.out[knot.event]) + TO_TEXT // 2
        if way.goes_on:
            chart.threads.append(self._straight(way, OPEN, event, event, x, x + TAIL))
            return x + TAIL + TO_TEXT // 2
        return x + TO_TEXT

    def _straight(self, way: Way, kind: str, event: str, to_event: str, x: int, to_x: int) -> Thread:
        path = f"M{self._x(x)} {self.y[way.reference]}H{self._x(to_x)}"
        return Thread((way.reference, event), (way.reference, to_event), kind, path)

    def _back(self, reference: str, from_x: int, to_x: int) -> str:
        """Draw the line behind words from one x to another, if a merge's or split's upright thread runs there."""
        place = self.pattern.place[reference]
        for top, bottom, x in self.uprights:
            if top < place < bottom and from_x < x < to_x:
                return f"M{self._x(from_x - 2)} {self.y[reference]}H{self._x(to_x)}"
        return ""

    def _mark(self, way: Way, stop: Stop, place: int) -> Mark:
        x, y = self._x(place), self.y[way.reference]
        path = path_of(stop.kind, x, y, is_mirrored=self.pattern.is_mirrored)
        return Mark(way.reference, stop.event, stop.kind, self._words(way, stop), x, y, path)

    def _knot(self, knot: Knot) -> list[Thread]:
        """The threads of a merge or split as far as they are in this part."""
        found = []
        for parent in knot.parents:
            for child in knot.children:
                if path := self._turn(parent, child, knot.event, self._lane_x(knot)):
                    found.append(Thread((parent, knot.event), (child, knot.event), KNOT, path))
        return found

    def _lane_x(self, knot: Knot) -> int:
        return self.columns[knot.event] + TO_LANE + LANE * self.pattern.lanes[knot]

    def _turn(self, parent: str, child: str, event: str, lane_x: int) -> str:
        """From a parent into the lane, along it, and out to a child; cut at the edges of this part."""
        start, end = self._y_or_edge(parent), self._y_or_edge(child)
        if start == end:
            return ""
        down = 1 if end > start else -1
        forward = -1 if self.pattern.is_mirrored else 1
        x = self._x(lane_x)
        if parent in self.y:
            begin = self._x(self.columns[event])
            path = f"M{begin} {start}H{x - forward * CORNER}Q{x} {start} {x} {start + down * CORNER}"
        else:
            path = f"M{x} {start}"
        if child in self.y:
            turn = f"V{end - down * CORNER}Q{x} {end} {x + forward * CORNER} {end}"
            return f"{path}{turn}H{self._x(self.out[event])}"
        return f"{path}V{end}"

    def _y_or_edge(self, reference: str) -> int:
        """The y of a row of this part; of others that of the edge behind which they are."""
        if reference in self.y:
            return self.y[reference]
        return self.top if self.pattern.place[reference] < self.first else self.bottom

    def _end_of(self, way: Way) -> str:
        """What stands where a thread ends: its reference, or the outcome that it ended in."""
        knot = self.ends_in.get(way.reference)
        if knot is None:
            return way.reference
        more = f" +{len(knot.children) - 1}" if len(knot.children) > 1 else ""
        return f"← {knot.children[0]}{more}" if self.pattern.is_mirrored else f"→ {knot.children[0]}{more}"

    def _words(self, way: Way, stop: Stop) -> str:
        """What a mark says to those who cannot see it."""
        said = {"reference": way.reference, "event": stop.event, "what": label_of(stop.kind)}
        ends_in, out_of = self.ends_in.get(way.reference), self.born_out_of.get(way.reference)
        if ends_in and stop.kind in {Disposition.MERGED, Disposition.SPLIT}:
            return _("%(reference)s at %(event)s: %(what)s, goes on in %(others)s") % {
                **said, "others": ", ".join(ends_in.children),
            }  # fmt: skip
        if out_of and stop.kind == Disposition.PROPOSED:
            return _("%(reference)s at %(event)s: %(what)s, came out of %(others)s") % {
                **said, "others": ", ".join(out_of.parents),
            }  # fmt: skip
        return _("%(reference)s at %(event)s: %(what)s") % said


def _shortened(title: str, length: int) -> str:
    """Cut a title where there is no room for it, at a space."""
    if len(title) <= length:
        return title
    return title[:length].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…" if length else ""
