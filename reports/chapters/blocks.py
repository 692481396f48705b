"""What chapters consist of, as plain data that a template can show."""

from dataclasses import dataclass, field
from typing import Any

from django.conf.locale import LANG_INFO

from outcomes.chart import Chart, Legend
from outcomes.chart.table import Table as ChartTable
from reports.chapters.wording import capital

Data = dict[str, Any]


def direction_of(language: str) -> str:
    """The direction in which a language is written, as HTML names it: “rtl” for Arabic, “ltr” where it is not known."""
    known = LANG_INFO.get(language.partition("-")[0], {})
    return "rtl" if known.get("bidi") else "ltr"


@dataclass(frozen=True)
class Paragraph:
    """One numbered paragraph; the number is that of its chapter and its own: “3.12”.

    `language` is the one that the text is in, where it was not written for the document; the same in other blocks.
    """

    number: str
    text: str
    language: str = ""
    block: str = "paragraph"


@dataclass(frozen=True)
class Pointer:
    """One numbered paragraph that says where something is told: `where` leads to `anchor`.

    `heading` is the id of the chapter or section in which that stands, for formats that can lead to headings alone.
    """

    number: str
    text: str
    where: str
    anchor: str
    heading: str
    language: str = ""
    block: str = "pointer"


@dataclass(frozen=True)
class Asked:
    """One outcome that somebody is asked to decide about, in its words, under the number of its paragraph."""

    number: str
    outcome: Data
    is_contested: bool
    block: str = "asked"


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row names the row. `empty` is said where there are no rows.

    `widest` is the place of the column that needs the most room, from 1. `anchors` are the ids of its rows in the
    document, where they have any.
    """

    caption: str
    headers: list[str]
    rows: list[list[str]]
    empty: str = ""
    widest: int = 1
    anchors: list[str] = field(default_factory=list)
    block: str = "table"

    @property
    def marked_rows(self) -> list[tuple[str, list[str]]]:
        """The rows, each with its id in the document; empty where it has none."""
        return list(zip(self.anchors or [""] * len(self.rows), self.rows, strict=True))


@dataclass(frozen=True)
class Picture:
    """A drawing of reports.pictures with what it is called and what it shows; `shape` names its template."""

    id: str
    title: str
    description: str
    shape: str
    drawing: Any
    block: str = "picture"


@dataclass(frozen=True)
class Quote:
    """One piece of evidence, with its id in the document and the language that its input is in."""

    anchor: str
    line: Data
    language: str

    @property
    def direction(self) -> str:
        return direction_of(self.language)


@dataclass(frozen=True)
class Entry:
    """One outcome in full, under the number of its paragraph.

    `facts` say what it is and where it stands, `unquoted` what it rests on besides the evidence that is quoted.
    """

    number: str
    outcome: Data
    facts: str
    way: list[str]
    quotes: list[Quote]
    reservations: list[str]
    positions: list[str]
    unquoted: str
    support: Picture | None = None
    block: str = "outcome"


@dataclass(frozen=True)
class Said:
    """One input in full, under the line that its author allowed and the number of its paragraph."""

    number: str
    input: Data
    note: str
    block: str = "said"

    @property
    def direction(self) -> str:
        return direction_of(self.input["language"])

    @property
    def kind(self) -> str:
        """What kind of input it is, with a capital letter."""
        return capital(self.input["kind"])


@dataclass(frozen=True)
class Listing:
    """A plain list; each item is a text, in the language of `languages` at its place, where there are any."""

    items: list[str]
    languages: list[str] = field(default_factory=list)
    block: str = "listing"

    @property
    def marked_items(self) -> list[tuple[str, str]]:
        """The items, each with its language; empty for the document's own."""
        return list(zip(self.languages or [""] * len(self.items), self.items, strict=True))


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
    """One section; with `is_continued` it goes on after a cut, and its title stands before.

    `language` is that of its title, where this is another than the document's; the same in a chapter.
    """

    id: str
    title: str
    blocks: list[Any] = field(default_factory=list)
    is_continued: bool = False
    language: str = ""


@dataclass
class Chapter:
    """One chapter; `area` is the place of its cooperation area or theme (1, 2, ...) for its colour, 0 without one.

    `number` is its place in the document, `lead` what stands under its title. A long one is cut in parts, numbered by
    `part` (1, 2, ...); 0 is a whole one.
    """

    id: str
    title: str
    sections: list[Section] = field(default_factory=list)
    area: int = 0
    is_annex: bool = False
    number: int = 0
    part: int = 0
    language: str = ""
    lead: str = ""

    @property
    def pages_of(self) -> str:
        """What stands before the number of each page: “2-”, or “14.3-” in the third part of a long chapter."""
        return f"{self.number}.{self.part}-" if self.part else f"{self.number}-"
