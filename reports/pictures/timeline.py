"""The series in time: a row for each consultation, a sign on its date, and arrows along which outcomes go on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.pictures.sheet import WIDTH, Sheet

NAMES = 300
DATES = 150
ROOM = WIDTH - NAMES - DATES
"""What is left for time."""
OPEN = 90
"""Of this room, what those share whose dates are open, where there are any."""
INSET = 14
"""From the edge of the room to the first and last sign."""
HEAD = 24
ROW = 26
RADIUS = 6
GAP = RADIUS + 3
"""From the middle of a sign to where an arrow begins or ends."""
ARROW = 7
MOST_TICKS = 6


@dataclass(frozen=True)
class Meeting:
    """One consultation; `sign` is held, planned or cancelled; `into` is the code of what it feeds into, or empty."""

    code: str
    title: str
    starts_on: date | None
    sign: str
    is_hearing: bool = False
    into: str = ""


@dataclass(frozen=True)
class Stop:
    meeting: Meeting
    x: float
    y: float

    @property
    def text_y(self) -> float:
        return self.y + 4


@dataclass(frozen=True)
class Arrow:
    """A line from one sign to another, and the three corners of its head."""

    begins: tuple[float, float]
    ends: tuple[float, float]
    head: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Tick:
    x: float
    day: date


@dataclass(frozen=True)
class Timeline:
    width: int
    height: int
    names_x: float
    dates_x: float
    anchor: str
    room: tuple[float, float]
    """The left and right edge of the room for time."""
    stops: tuple[Stop, ...]
    arrows: tuple[Arrow, ...]
    ticks: tuple[Tick, ...]


def timeline(meetings: Sequence[Meeting], *, sheet: Sheet) -> Timeline:
    """Lay out the consultations in the order that is given; those without a date stand after all others in time."""
    dated = sorted(row.starts_on for row in meetings if row.starts_on)
    undated = [row for row in meetings if not row.starts_on]
    known = ROOM - 2 * INSET - (OPEN if undated and dated else 0)
    first, last = (dated[0], dated[-1]) if dated else (None, None)

    def place(day: date) -> float:
        if not first or not last or first == last:
            return NAMES + INSET + known / 2
        return NAMES + INSET + known * (day - first).days / (last - first).days

    begin = NAMES + INSET + (known if dated else 0)
    step = (OPEN if dated else known) / (len(undated) + (0 if dated else 1) or 1)
    stops = []
    for number, row in enumerate(meetings):
        x = place(row.starts_on) if row.starts_on else begin + step * (undated.index(row) + 1)
        stops.append(Stop(row, sheet.at(x), HEAD + ROW * number + ROW / 2))
    found = {stop.meeting.code: stop for stop in stops}
    arrows = [_arrow(stop, found[stop.meeting.into]) for stop in stops if stop.meeting.into in found]
    ticks = [Tick(sheet.at(place(day)), day) for day in _ticks(first, last)] if first and last else []
    left, right = sorted([sheet.at(NAMES), sheet.at(NAMES + ROOM)])
    dates_x = sheet.at(NAMES + ROOM + 14)
    return Timeline(
        WIDTH, HEAD + ROW * len(stops) + 6, sheet.at(0), dates_x, sheet.start, (left, right),
        tuple(stops), tuple(arrows), tuple(ticks),
    )  # fmt: skip


def _ticks(first: date, last: date) -> list[date]:
    """The first days of months or years between two days, at most MOST_TICKS of them."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next(size for size in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months / size <= MOST_TICKS - 1 or size == 1200)
    days, year, month = [], first.year, 1
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            days.append(day)
        month += step
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return days[:MOST_TICKS]


def _arrow(start: Stop, end: Stop) -> Arrow:
    angle = math.atan2(end.y - start.y, end.x - start.x)
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    tip = (end.x - GAP * along[0], end.y - GAP * along[1])
    foot = (tip[0] - ARROW * along[0], tip[1] - ARROW * along[1])
    sides = [(foot[0] + side * across[0], foot[1] + side * across[1]) for side in (ARROW / 2, -ARROW / 2)]
    begin = (start.x + GAP * along[0], start.y + GAP * along[1])
    return Arrow(_round(begin), _round(foot), (_round(tip), *map(_round, sides)))


def _round(point: tuple[float, float]) -> tuple[float, float]:
    return (round(point[0], 1), round(point[1], 1))
