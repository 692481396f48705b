"""Where the marks and threads of a lineage chart are drawn: events as columns, from left to right in time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from outcomes.lineage import Kin, Lineage

COLUMN = 170
ROW = 76
TOP = 46
"""Of the first row's marks, in the units of the drawing: room for a label above."""
BELOW = 22
"""From a mark to the label under it."""
ABOVE = 16
"""From a mark to the label over it."""


@dataclass(frozen=True)
class Mark:
    """A dot with a word over and one under it; `reference` where it stands for another outcome."""

    x: int
    y: int
    over: str
    under: str
    changed: bool = False
    reference: str = ""

    @property
    def over_y(self) -> int:
        return self.y - ABOVE

    @property
    def under_y(self) -> int:
        return self.y + BELOW


@dataclass(frozen=True)
class Chart:
    """One outcome at its events, between the outcomes it came out of and those it ended in."""

    width: int
    height: int
    marks: list[Mark]
    threads: list[tuple[Mark, Mark]] = field(default_factory=list)


def chart_of(lineage: Lineage) -> Chart | None:
    """Lay out the chart of a lineage; None where there is but one mark and so nothing to see."""
    left = 1 if lineage.parents else 0
    rows = max(1, len(lineage.parents), len(lineage.children))
    middle = TOP + ROW * (rows - 1) // 2
    steps = [
        Mark(_x(left + place), middle, step.code, step.disposition_label, changed=step.changed_text)
        for place, step in enumerate(lineage.steps)
    ]
    if not steps:
        return None
    parents = _column(lineage.parents, 0, rows)
    children = _column(lineage.children, left + len(steps), rows)
    marks = [*parents, *steps, *children]
    if len(marks) < 2:
        return None
    threads = [(parent, steps[0]) for parent in parents]
    threads += pairwise(steps)
    threads += [(steps[-1], child) for child in children]
    columns = left + len(steps) + (1 if children else 0)
    return Chart(width=COLUMN * columns, height=TOP + ROW * (rows - 1) + BELOW + 12, marks=marks, threads=threads)


def _x(column: int) -> int:
    return COLUMN * column + COLUMN // 2


def _column(kin: Sequence[Kin], column: int, rows: int) -> list[Mark]:
    """Marks under one another, centred on the chart's middle."""
    first = TOP + ROW * (rows - len(kin)) // 2
    return [
        Mark(_x(column), first + ROW * place, one.reference, f"{one.kind_label}, {one.code}", reference=one.reference)
        for place, one in enumerate(kin)
    ]
