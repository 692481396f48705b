"""The lineage of an area: its chart, in parts that fit on a page, and the same as a table."""

from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from outcomes.chart import (
    PAPER,
    Event,
    Pattern,
    Stop,
    Way,
    columns_in_time,
    cut,
    draw,
    families_of,
    knots_of,
    legend_of,
)
from outcomes.chart.table import tabulate
from outcomes.chart.ways import kind_of
from reports.chapters.blocks import Data, Drawing, LineageTable
from reports.chapters.material import Material

WIDTH = 760
"""Of a drawing, in its own units; on paper it is as wide as the text."""
ROWS_A_PAGE = 56
ROWS_ON_FIRST_PAGE = 34
"""Where a chart takes several: the first has the guiding questions and the legend too."""


def lineage_blocks(material: Material, area: Data, rows: list[Data]) -> list[Any]:
    """Give the drawings and the table of these outcomes of an area; nothing where there are none.

    Outcomes of other areas that these came out of or ended in are shown with them.
    """
    if not rows:
        return []
    pattern = _pattern(material, rows)
    ways = {reference: _way(material.outcomes[reference]) for reference in pattern.place}
    fits_on_one = len(pattern.place) <= ROWS_A_PAGE
    parts = cut(pattern.families, rows=ROWS_A_PAGE, rows_on_first=None if fits_on_one else ROWS_ON_FIRST_PAGE)
    charts = [draw(part, pattern=pattern, ways=ways) for part in parts]
    title = _("%(area)s: what each consultation made of each outcome") % {"area": area["title"]}
    blocks: list[Any] = [
        Drawing(
            f"chart-{area['code']}-{number}",
            title if len(charts) == 1 else f"{title} ({number}/{len(charts)})",
            chart,
            legend_of(charts) if number == 1 else None,
        )
        for number, chart in enumerate(charts, start=1)
    ]
    told = frozenset(row["reference"] for row in material.live)
    return [*blocks, LineageTable(title, tabulate(pattern.families, pattern=pattern, ways=ways), told)]


def _pattern(material: Material, rows: list[Data]) -> Pattern:
    own = [row["reference"] for row in rows]
    kin = {relative["reference"] for row in rows for relative in [*row["parents"], *row["children"]]}
    guests = sorted(kin.intersection(material.outcomes).difference(own))
    told = [material.outcomes[reference] for reference in [*own, *guests]]
    knots = knots_of(
        (child["event"], row["reference"], child["reference"]) for row in told for child in row["children"]
    )
    held = {event["code"]: event for event in material.held}
    codes = [[step["event"] for step in row["steps"]] for row in told]
    flows = {(earlier, later) for way in codes for earlier, later in pairwise(way)}
    events = [_event(held[code]) for code in columns_in_time(list(held), flows)]
    return Pattern(
        events,
        families_of([*own, *guests], knots),
        knots,
        PAPER.for_columns(len(events), width=WIDTH),
        is_mirrored=get_language_bidi(),
        guests=frozenset(guests),
    )


def _event(event: Data) -> Event:
    first = event["starts_on"]
    place = event["place"].partition(",")[0] or event["title"]
    return Event(event["code"], place, date_format(date.fromisoformat(first), "M Y") if first else "")


def _way(row: Data) -> Way:
    stops = tuple(Stop(step["event"], kind_of(step["disposition"])) for step in row["steps"])
    return Way(row["reference"], row["title"], stops, bool(row["withdrawal_reason"]))
