"""What chapters consist of, as plain data that a template can show."""

from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]


@dataclass(frozen=True)
class Paragraph:
    """One numbered paragraph."""

    number: int
    text: str
    block: str = "paragraph"


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
    positions: str
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
class Chart:
    """The way of outcomes through events: a column for each event, a row for each outcome."""

    title: str
    events: list[str]
    rows: list[Data]
    block: str = "chart"


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
