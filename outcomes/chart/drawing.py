"""Where everything in a lineage chart stands, in the units of the drawing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from django.utils.translation import gettext as _

from outcomes.chart.order import Family
from outcomes.chart.signs import Sign, label_of, path_of, signs_of
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
BEFORE_FIRST = 18
"""From the labels to the marks of the first column."""
TO_A_LETTER = 6
"""About what a letter of a head takes."""
CONTESTED, KNOT, OPEN, PLAIN = "contested", "knot", "open", "plain"


@dataclass(frozen=True)
class Measures:
    """How wide and high the parts of a drawing are; `title` is the number of characters of a title, 0 for none."""

    row: int
    head: int
    labels: int
    column: int
    ends: int
    title: int

    def for_columns(self, number: int, *, width: int) -> "Measures":
        """The same with columns that fill the width, and no narrower than they are."""
        room = (width - self.labels - self.ends - BEFORE_FIRST) // max(1, number)
        return Measures(self.row, self.head, self.labels, max(self.column, room), self.ends, self.title)


PAGE = Measures(row=26, head=66, labels=340, column=104, ends=112, title=36)
ASIDE = Measures(row=26, head=66, labels=112, column=92, ends=112, title=0)
"""On the page of one outcome, beside other things."""
PAPER = Measures(row=18, head=58, labels=98, column=72, ends=108, title=0)


@dataclass(frozen=True)
class Pattern:
    """What all parts of one chart have in common: columns, merges and splits, and where each row stands in the whole.

    `whose` is the reference of the outcome that the chart is about, if it is about one; `guests` are outcomes of other
    areas, shown because threads come from them or lead to them.
    """

    events: Sequence[Event]
    families: Sequence[Family]
    knots: Sequence[Knot]
    measures: Measures
    is_mirrored: bool = False
    whose: str = ""
    guests: frozenset[str] = frozenset()

    @cached_property
    def place(self) -> dict[str, int]:
        """The row of each reference, counted through all parts."""
        references = [reference for family in self.families for reference in family]
        return {reference: number for number, reference in enumerate(references)}

    @cached_property
    def drawn_knots(self) -> list[Knot]:
        """The merges and splits of which something can be seen: with those of their ends that have a row."""
        found = []
        columns = {event.code for event in self.events}
        for knot in self.knots:
            parents = tuple(parent for parent in knot.parents if parent in self.place)
            children = tuple(child for child in knot.children if child in self.place)
            if parents and children and knot.event in columns:
                found.append(Knot(knot.event, parents, children))
        return found

    @cached_property
    def lanes(self) -> dict[Knot, int]:
        """The lane of each merge and split, so that no two lie on each other; the upper and shorter ones first."""
        found: dict[Knot, int] = {}
        ends: dict[str, list[int]] = defaultdict(list)
        for knot in sorted(self.drawn_knots, key=self.span):
            top, bottom = self.span(knot)
            free = (number for number, end in enumerate(ends[knot.event]) if end < top)
            lane = next(free, len(ends[knot.event]))
            ends[knot.event][lane : lane + 1] = [bottom]
            found[knot] = lane
        return found

    def span(self, knot: Knot) -> tuple[int, int]:
        """The first and the last row that a merge or split reaches."""
        rows = [self.place[reference] for reference in (*knot.parents, *knot.children)]
        return min(rows), max(rows)


@dataclass(frozen=True)
class Mark:
    """The sign of what an outcome got at an event."""

    reference: str
    event: str
    kind: str
    words: str
    x: int
    y: int
    path: str


@dataclass(frozen=True)
class Thread:
    """A line in time, from one outcome at one event to the same or another outcome; `path` is its `d`."""

    start: tuple[str, str]
    end: tuple[str, str]
    kind: str
    path: str


@dataclass(frozen=True)
class Row:
    """The words at both ends of an outcome's thread, and the guide from the first of them to it."""

    reference: str
    title: str
    y: int
    end: str
    end_x: int
    guide: tuple[int, int]
    is_guest: bool
    is_own: bool

    @property
    def text_y(self) -> int:
        return self.y + 4


@dataclass(frozen=True)
class Head:
    """The words over a column, cut where they are longer than it is wide."""

    code: str
    place: str
    date: str
    x: int


@dataclass(frozen=True)
class Legend:
    """What the signs and the kinds of threads of a chart mean."""

    signs: list[Sign]
    threads: set[str]


@dataclass
class Chart:
    """One drawing, or one part of it with the heads of the whole."""

    width: int
    height: int
    measures: Measures
    is_mirrored: bool
    heads: list[Head]
    rows: list[Row] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    bands: list[tuple[int, int]] = field(default_factory=list)
    """Top and height of the tint behind every other family."""

    @property
    def legend(self) -> Legend:
        return legend_of([self])

    @property
    def labels_x(self) -> int:
        """Where the words at the beginning of the rows begin."""
        return self.width - 8 if self.is_mirrored else 8

    @property
    def titles_x(self) -> int:
        return self.width - 112 if self.is_mirrored else 112

    @property
    def anchor(self) -> str:
        """The side on which words begin, as SVG calls it."""
        return "end" if self.is_mirrored else "start"

    @property
    def labels_left(self) -> int:
        """The left edge of the column of labels."""
        return self.width - self.measures.labels if self.is_mirrored else 0

    @property
    def halos(self) -> str:
        """A dot behind each sign, as one path, so that threads do not run through it."""
        return "".join(f"M{mark.x} {mark.y}h0" for mark in self.marks)


def legend_of(parts: Sequence[Chart]) -> Legend:
    """Explain what stands in the parts of a chart, and nothing else."""
    kinds = {mark.kind for chart in parts for mark in chart.marks}
    is_mirrored = any(chart.is_mirrored for chart in parts)
    threads = {thread.kind for chart in parts for thread in chart.threads}
    return Legend(signs_of(kinds, is_mirrored=is_mirrored), threads)


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
        marks = [self._mark(way, stop, x) for stop, x in places]
        is_contested = False
        for (stop, x), (following, to_x) in pairwise(places):
            if stop.kind != Disposition.NOT_CONSIDERED:
                is_contested = stop.kind == Disposition.CONTESTED
            chart.threads.append(
                Thread(
                    (way.reference, stop.event),
                    (way.reference, following.event),
                    CONTESTED if is_contested else PLAIN,
                    f"M{self._x(x)} {y}H{self._x(to_x)}",
                )
            )
        end_x = places[-1][1] if places else self.measures.labels
        if way.is_withdrawn and places and places[-1][0].kind != WITHDRAWN:
            event = places[-1][0].event
            beside = max(end_x, self.out[event]) + TO_WITHDRAWN
            marks.append(self._mark(way, Stop(event, WITHDRAWN), beside))
            if way.reference not in self.ends_in:
                ends = (way.reference, event)
                chart.threads.append(Thread(ends, ends, OPEN, f"M{self._x(end_x)} {y}H{self._x(beside)}"))
            end_x = beside
        elif way.reference in self.ends_in:
            end_x = max(end_x, self.out[self.ends_in[way.reference].event] - TO_TEXT // 2)
        elif way.goes_on:
            ends = (way.reference, way.stops[-1].event)
            chart.threads.append(Thread(ends, ends, OPEN, f"M{self._x(end_x)} {y}H{self._x(end_x + TAIL)}"))
            end_x += TAIL - TO_TEXT // 2
        chart.marks += marks
        first_x = places[0][1] if places else self.measures.labels
        chart.rows.append(
            Row(
                way.reference,
                _shortened(way.title, self.measures.title),
                y,
                self._end_of(way),
                self._x(end_x + TO_TEXT),
                (self._x(self.measures.labels), self._x(first_x)),
                way.reference in self.pattern.guests,
                way.reference == self.pattern.whose,
            )
        )

    def _mark(self, way: Way, stop: Stop, place: int) -> Mark:
        x, y = self._x(place), self.y[way.reference]
        path = path_of(stop.kind, x, y, is_mirrored=self.pattern.is_mirrored)
        return Mark(way.reference, stop.event, stop.kind, self._words(way, stop), x, y, path)

    def _knot(self, knot: Knot) -> list[Thread]:
        """The threads of a merge or split as far as they are in this part."""
        lane_x = self.columns[knot.event] + TO_LANE + LANE * self.pattern.lanes[knot]
        found = []
        for parent in knot.parents:
            for child in knot.children:
                if path := self._turn(parent, child, knot.event, lane_x):
                    found.append(Thread((parent, knot.event), (child, knot.event), KNOT, path))
        return found

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
