"""Who was invited and who came, against the targets: a bar for each stakeholder type or region."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.pictures.sheet import WIDTH, Sheet

NAMES = 230
NUMBERS = 130
LONGEST = WIDTH - NAMES - NUMBERS
ROW = 24
BAR = 12
TOP = 4


@dataclass(frozen=True)
class Turnout:
    """One line of a balance in plain numbers; `target` is None where there is none."""

    name: str
    target: int | None
    invited: int
    came: int


@dataclass(frozen=True)
class Bar:
    """A row: a frame as long as people were invited, filled as far as they came; `target` is where its line is."""

    turnout: Turnout
    y: float
    text_y: float
    frame: tuple[float, float]
    filled: tuple[float, float]
    target: float | None


@dataclass(frozen=True)
class Participation:
    width: int
    height: int
    names_x: float
    numbers_x: float
    anchor: str
    bars: tuple[Bar, ...]
    bar: int = BAR


def participation(turnouts: Sequence[Turnout], *, sheet: Sheet) -> Participation:
    """Lay out the bars; all have one scale. `frame` and `filled` are left edge and width."""
    most = max([1, *(max(row.invited, row.came, row.target or 0) for row in turnouts)])

    def length(number: int) -> float:
        return round(LONGEST * number / most, 1)

    bars = []
    for place, row in enumerate(turnouts):
        y = TOP + place * ROW
        invited, came = length(row.invited), length(row.came)
        bars.append(
            Bar(
                row,
                y,
                y + BAR - 2,
                (sheet.at(NAMES, invited), invited),
                (sheet.at(NAMES, came), came),
                None if row.target is None else sheet.at(NAMES + length(row.target)),
            )
        )
    edge = sheet.at(WIDTH - NUMBERS + 12)
    return Participation(WIDTH, TOP + ROW * len(bars) + 4, sheet.at(0), edge, sheet.start, tuple(bars))
