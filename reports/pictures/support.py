"""How much support an outcome had: a bar for each stakeholder type at each event, in five textures.

What is too small to be shown came without numbers, and is drawn as a text. Nothing is added up here: a sum could give
away what was left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.pictures.sheet import WIDTH, Sheet

STANCES = ("support", "reservations", "abstain", "disagree", "object")
NAMES = 230
NUMBERS = 90
LONGEST = WIDTH - NAMES - NUMBERS
ROW = 19
BAR = 13
HEAD = 22
LEGEND = 24
STRIPE = 4
"""From one stripe of a texture to the next."""
NARROWEST = 24
"""A segment that is narrower has no room for its number."""
PLATE = 14
SIGN = 16
WORDS = 6
"""From a sign of the legend to its words."""


@dataclass(frozen=True)
class Answers:
    """The answers of one stakeholder type, or of all; `counts` by stance is None where they are not to be shown."""

    name: str
    counts: Mapping[str, int] | None


@dataclass(frozen=True)
class Round:
    """What was said at one event."""

    name: str
    answers: Sequence[Answers]


@dataclass(frozen=True)
class Segment:
    """One stance in a bar; `stripes` is the path of its texture, `number_x` the middle where there is room for it."""

    stance: str
    number: int
    x: float
    y: float
    width: float
    stripes: str
    number_x: float | None
    height: int = BAR

    @property
    def plate_x(self) -> float | None:
        """The left edge of a plate, PLATE wide, on which the number is read over a texture."""
        return None if self.number_x is None else round(self.number_x - PLATE / 2, 1)


@dataclass(frozen=True)
class Row:
    name: str
    text_y: float
    segments: tuple[Segment, ...]
    answered: int | None
    """How many answered; None where it is not to be shown."""


@dataclass(frozen=True)
class Group:
    name: str
    text_y: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Legend:
    """What one texture means."""

    sign: Segment
    words_x: float
    words: str


@dataclass(frozen=True)
class Support:
    width: int
    height: int
    names_x: float
    bars_x: float
    numbers_x: float
    anchor: str
    legend: tuple[Legend, ...]
    groups: tuple[Group, ...]


def support(rounds: Sequence[Round], *, words: Mapping[str, str], sheet: Sheet) -> Support:
    """Lay out the bars; all of one outcome have one scale: as long as people answered. `words` name the stances."""
    told = [answers.counts for row in rounds for answers in row.answers if answers.counts is not None]
    most = max([1, *(sum(counts.values()) for counts in told)])
    legend = []
    for place, stance in enumerate(STANCES):
        x = WIDTH / len(STANCES) * place
        sign = _segment(stance, 0, x, 4, SIGN, sheet)
        legend.append(Legend(sign, sheet.at(x + SIGN + WORDS), words[stance]))
    top, groups = float(LEGEND), []
    for row in rounds:
        head, top = top + 15, top + HEAD
        rows = []
        for answers in row.answers:
            rows.append(_row(answers, top, LONGEST / most, sheet))
            top += ROW
        groups.append(Group(row.name, head, tuple(rows)))
    return Support(
        WIDTH, round(top) + 2, sheet.at(0), sheet.at(NAMES), sheet.at(WIDTH - NUMBERS + 10), sheet.start,
        tuple(legend), tuple(groups),
    )  # fmt: skip


def _row(answers: Answers, top: float, unit: float, sheet: Sheet) -> Row:
    if answers.counts is None:
        return Row(answers.name, top + BAR - 2.5, (), None)
    x, segments = float(NAMES), []
    for stance in STANCES:
        if number := answers.counts[stance]:
            segments.append(_segment(stance, number, x, top, number * unit, sheet))
            x += number * unit
    return Row(answers.name, top + BAR - 2.5, tuple(segments), sum(answers.counts.values()))


def _segment(stance: str, number: int, x: float, y: float, width: float, sheet: Sheet) -> Segment:
    left, width = sheet.at(x, width), round(width, 1)
    middle = round(left + width / 2, 1) if number and width >= NARROWEST else None
    return Segment(stance, number, left, y, width, _stripes(stance, left, y, width), middle)


def _stripes(stance: str, x: float, y: float, width: float) -> str:
    """The texture: upright stripes for reservations, level ones for disagreement, both for an objection."""
    upright = "".join(f"M{x + at:g} {y:g}v{BAR}" for at in range(STRIPE // 2, int(width) + 1, STRIPE) if at < width)
    level = "".join(f"M{x:g} {y + at:g}h{width:g}" for at in range(STRIPE // 2 + 1, BAR, STRIPE))
    return {"reservations": upright, "disagree": level, "object": upright + level}.get(stance, "")
