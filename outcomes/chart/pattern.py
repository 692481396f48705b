"""What all parts of one chart have in common, and how wide and high its parts are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from outcomes.chart.order import Family
from outcomes.chart.ways import Event, Knot

BEFORE_FIRST = 18
"""From the labels to the signs of the first column."""


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
