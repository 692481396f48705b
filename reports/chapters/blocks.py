"""What chapters consist of, as plain data that a template can show."""

from dataclasses import dataclass, field
from typing import Any

from outcomes.chart import Chart, Legend
from outcomes.chart.table import Table as ChartTable

Data = dict[str, Any]


@dataclass(frozen=True)
class Paragraph:
    """One numbered paragraph."""

    number: int
    text: str
    block: str = "paragraph"


@dataclass(frozen=True)
class Asked:
    """One outcome that somebody is asked to decide about, in its words, under the number of its paragraph."""

    number: int
    outcome: Data
    is_contested: bool
    block: str = "asked"


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row names the row. `empty` is said where there are no rows."""

    caption: str
    headers: list[str]
    rows: list[list[str]]
    empty: str = ""
    block: str = "table"


@dataclass(frozen=True)
class Entry:
    """One outcome in full, under the number of its paragraph."""

    number: int
    outcome: Data
    way: list[str]
    addressees: str
    reservations: list[str]
    positions: list[str]
    block: str = "outcome"


@dataclass(frozen=True)
class Said:
    """One input in full, under the line that its author allowed."""

    input: Data
    note: str
    block: str = "said"


@dataclass(frozen=True)
class Listing:
    """A plain list; each item is a text."""

    items: list[str]
    block: str = "listing"


@dataclass(frozen=True)
class Drawing:
    """One part of a lineage chart; with `legend` also what its signs mean."""

    id: str
    title: str
    chart: Chart
    legend: Legend | None = None
    block: str = "drawing"


@dataclass(frozen=True)
class LineageTable:
    """What a lineage chart shows, in words; `told` are the references of outcomes that are told in full elsewhere."""

    title: str
    table: ChartTable
    told: frozenset[str]
    block: str = "lineage_table"


@dataclass
class Section:
    id: str
    title: str
    blocks: list[Any] = field(default_factory=list)


@dataclass
class Chapter:
    """One chapter; `area` is the place of its cooperation area (1, 2, ...) for its colour, 0 without one."""

    id: str
    title: str
    sections: list[Section] = field(default_factory=list)
    area: int = 0
    is_annex: bool = False
