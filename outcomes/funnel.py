"""Where the bars of the funnel are drawn: a row for each line of a balance, a column for each stage."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from consultations.models import CooperationArea
from outcomes.balance import STAGES, Line

LABELS = 250
"""The width of the column of names, in the units of the drawing."""
COLUMN = 185
LONGEST_BAR = 125
HEAD = 34
BAR = 14
AREA_BAR = 6
AREA_TOP = 9
"""From a bar to those of the areas under it."""
AREA_STEP = 16
CODE = 30
"""Room for an area's code before its bar."""
GAP = 18
"""Between a row and the next."""
STAGE_LABELS = {
    "invited": _("Invited"),
    "accepted": _("Accepted"),
    "attended": _("Attended"),
    "contributed": _("Contributed"),
    "quoted": _("Quoted"),
}


@dataclass(frozen=True)
class Bar:
    """A bar with its number beside it; with `area`, that of the people who spoke to that area, and its code before."""

    x: int
    y: int
    width: int
    height: int
    number: int
    area: CooperationArea | None = None

    @property
    def number_x(self) -> int:
        return self.x + self.width + 6

    @property
    def text_y(self) -> int:
        """The base line of the texts beside it."""
        return self.y + self.height // 2 + 4


@dataclass
class Row:
    """One line of the balance: its name, its bars, and the x of the target in the columns that it holds for."""

    name: str
    is_lead: bool
    y: int
    bars: list[Bar] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)

    @property
    def text_y(self) -> int:
        return self.y + BAR // 2 + 4

    @property
    def target_top(self) -> int:
        return self.y - 3

    @property
    def target_bottom(self) -> int:
        return self.y + BAR + 3


@dataclass
class Funnel:
    width: int
    height: int
    heads: list[tuple[int, str]]
    """The x and the words over each column."""
    rows: list[Row]


def funnel_of(lines: Sequence[Line], areas: Sequence[CooperationArea] = ()) -> Funnel:
    """Lay out the funnel. All bars have one scale; with `areas`, the last two stages are shown for each area too."""
    most = max([1, *(max(line.counts.invited, line.target or 0) for line in lines)])
    by_stage = {"contributed": "contributed_in", "quoted": "quoted_in"}
    rows = []
    top = HEAD
    for line in lines:
        row = Row(line.name, bool(line.type and line.type.is_lead), top)
        spoke_to = areas if line.counts.contributed else ()
        top += BAR + GAP + (AREA_TOP + len(spoke_to) * AREA_STEP if spoke_to else 0)
        for column, stage in enumerate(STAGES):
            x = LABELS + column * COLUMN
            number = getattr(line.counts, stage)
            row.bars.append(Bar(x, row.y, _length(number, most), BAR, number))
            if line.target and stage not in by_stage:
                row.targets.append(x + _length(line.target, most))
            for order, area in enumerate(spoke_to if stage in by_stage else ()):
                number = getattr(line, by_stage[stage]).get(area.pk, 0)
                y = row.y + BAR + AREA_TOP + order * AREA_STEP
                row.bars.append(Bar(x + CODE, y, _length(number, most), AREA_BAR, number, area))
        rows.append(row)
    heads = [(LABELS + column * COLUMN, str(STAGE_LABELS[stage])) for column, stage in enumerate(STAGES)]
    return Funnel(LABELS + COLUMN * len(STAGES), top, heads, rows)


def _length(number: int, most: int) -> int:
    return round(LONGEST_BAR * number / most)
