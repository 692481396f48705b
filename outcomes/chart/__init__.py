"""The lineage chart: events as columns, a row and a thread for each outcome. Plain data in, plain data out.

`ways` says what is drawn, `order` in which columns and rows, `signs` how what happened is marked; `loom` weaves that by
a `pattern` into a `drawing`. One template shows it, on pages and in documents: `outcomes/chart/chart.html`.
"""

from outcomes.chart.drawing import Chart, Legend, legend_of
from outcomes.chart.loom import draw
from outcomes.chart.order import columns_in_time, cut, families_of, knots_of
from outcomes.chart.pattern import ASIDE, PAGE, PAPER, Pattern
from outcomes.chart.ways import Event, Knot, Stop, Way, way_of

__all__ = [
    "ASIDE",
    "PAGE",
    "PAPER",
    "Chart",
    "Event",
    "Knot",
    "Legend",
    "Pattern",
    "Stop",
    "Way",
    "columns_in_time",
    "cut",
    "draw",
    "families_of",
    "knots_of",
    "legend_of",
    "way_of",
]
