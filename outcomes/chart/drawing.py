"""What a drawn chart consists of, as plain data for its template, in the units of the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from outcomes.chart.pattern import Measures
from outcomes.chart.signs import Sign, signs_of


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
    back: str = ""
    """What keeps the words at the end readable where a thread runs through them: the `d` of a line behind them."""
    is_banded: bool = False

    @property
    def text_y(self) -> int:
        return self.y + 4

    @property
    def label(self) -> str:
        return f"({self.reference})" if self.is_guest else self.reference


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
    has_guests: bool


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
    def rule_y(self) -> int:
        """The line under the heads."""
        return self.measures.head - 1

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
    has_guests = any(row.is_guest for chart in parts for row in chart.rows)
    return Legend(signs_of(kinds, is_mirrored=is_mirrored), threads, has_guests)
