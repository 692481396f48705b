"""What a lineage chart draws: exact signs and threads for small cases, and what holds for every lineage."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.chart import PAGE, PAPER, Chart, Event, Knot, Pattern, Stop, Way, columns_in_time, cut, draw, families_of
from outcomes.chart.order import knots_of
from outcomes.chart.signs import MEANINGS, SHAPES, label_of
from outcomes.chart.table import tabulate
from outcomes.models import Disposition

EVENTS = [Event("JHB", "Johannesburg", "Jun 2011"), Event("TOR"), Event("IST"), Event("HEAR")]


def way(reference: str, *stops: str, is_withdrawn: bool = False) -> Way:
    """`way("A", "JHB proposed", "TOR refined")`"""
    return Way(reference, f"Title of {reference}", tuple(Stop(*stop.split()) for stop in stops), is_withdrawn)


def pattern_of(ways: list[Way], descents: list[tuple[str, str, str]], **changes: object) -> Pattern:
    knots = knots_of(descents)
    given = {"events": EVENTS, "families": families_of([way.reference for way in ways], knots), "knots": knots}
    return Pattern(**{**given, "measures": PAGE, **changes})


def chart(*ways: Way, descents: list[tuple[str, str, str]] = (), **changes: object) -> Chart:
    pattern = pattern_of(list(ways), descents, **changes)
    return draw(pattern.families, pattern=pattern, ways={way.reference: way for way in ways})


def marks(chart: Chart) -> list[str]:
    return [f"{mark.reference} {mark.event} {mark.kind}" for mark in chart.marks]


def threads(chart: Chart) -> list[str]:
    return [f"{' '.join(thread.start)} - {' '.join(thread.end)} {thread.kind}" for thread in chart.threads]


def rows(chart: Chart) -> list[str]:
    return [row.reference for row in chart.rows]


def test_a_thread_runs_from_birth_through_every_event():
    drawn = chart(way("A", "JHB proposed", "TOR reaffirmed", "IST refined", "HEAR adopted_as_amended"))
    assert marks(drawn) == ["A JHB proposed", "A TOR reaffirmed", "A IST refined", "A HEAR adopted_as_amended"]
    assert threads(drawn) == ["A JHB - A TOR plain", "A TOR - A IST plain", "A IST - A HEAR plain"]
    assert [(row.reference, row.title, row.end) for row in drawn.rows] == [("A", "Title of A", "A")]


def test_what_is_live_has_an_open_end_and_what_ended_has_none():
    drawn = chart(
        way("A", "JHB proposed", "TOR reaffirmed"),
        way("B", "JHB proposed", "TOR retired"),
        way("C", "JHB proposed", "TOR adopted"),
    )
    assert [thread for thread in threads(drawn) if thread.endswith("open")] == ["A TOR - A TOR open"]


def test_born_late_it_begins_at_its_column():
    drawn = chart(way("A", "JHB proposed", "TOR not_considered"), way("B", "IST proposed"))
    born = {mark.reference: mark.x for mark in drawn.marks if mark.kind == "proposed"}
    columns = [head.x for head in drawn.heads]
    assert [born["A"] - columns[0], born["B"] - columns[2]] == [8, 8]


def test_contested_it_is_carried_visibly_contested_until_an_event_says_more_than_not_considered():
    drawn = chart(way("A", "JHB proposed", "TOR contested", "IST not_considered", "HEAR adopted"))
    assert threads(drawn) == ["A JHB - A TOR plain", "A TOR - A IST contested", "A IST - A HEAR contested"]


def test_three_are_merged_into_one():
    ways = [way(name, "JHB proposed", "TOR merged") for name in ["A", "B", "C"]]
    drawn = chart(
        *ways, way("M", "TOR proposed", "IST reaffirmed"),
        descents=[("TOR", "A", "M"), ("TOR", "B", "M"), ("TOR", "C", "M")],
    )  # fmt: skip
    assert rows(drawn) == ["A", "B", "C", "M"]
    assert [thread for thread in threads(drawn) if thread.endswith("knot")] == [
        "A TOR - M TOR knot", "B TOR - M TOR knot", "C TOR - M TOR knot",
    ]  # fmt: skip
    place = {(mark.reference, mark.event): mark.x for mark in drawn.marks}
    assert place["M", "TOR"] > place["A", "TOR"] == place["B", "TOR"]
    assert [row.end for row in drawn.rows] == ["→ M", "→ M", "→ M", "M"]
    words = {mark.words for mark in drawn.marks}
    assert {"A at TOR: merged, goes on in M", "M at TOR: proposed, came out of A, B, C"} <= words


def test_one_is_split_into_three():
    drawn = chart(
        way("A", "JHB proposed", "TOR split"),
        *(way(name, "TOR proposed", "IST retired") for name in ["X", "Y", "Z"]),
        descents=[("TOR", "A", "X"), ("TOR", "A", "Y"), ("TOR", "A", "Z")],
    )
    assert rows(drawn) == ["A", "X", "Y", "Z"]
    assert [thread for thread in threads(drawn) if thread.endswith("knot")] == [
        "A TOR - X TOR knot", "A TOR - Y TOR knot", "A TOR - Z TOR knot",
    ]  # fmt: skip
    assert [row.end for row in drawn.rows] == ["→ X +2", "X", "Y", "Z"]


def test_a_merge_after_a_split_lies_beside_the_part_that_it_takes():
    drawn = chart(
        way("A", "JHB proposed", "TOR split"),
        way("Q", "JHB proposed", "TOR reaffirmed", "IST merged"),
        way("X", "TOR proposed", "IST merged"),
        way("Y", "TOR proposed", "IST reaffirmed"),
        way("N", "IST proposed", "HEAR referred"),
        descents=[("TOR", "A", "X"), ("TOR", "A", "Y"), ("IST", "X", "N"), ("IST", "Q", "N")],
    )
    assert rows(drawn) == ["A", "Y", "X", "Q", "N"]
    assert [thread for thread in threads(drawn) if thread.endswith("knot")] == [
        "A TOR - X TOR knot", "A TOR - Y TOR knot", "Q IST - N IST knot", "X IST - N IST knot",
    ]  # fmt: skip


def test_those_with_a_family_of_their_own_stand_over_those_that_join_without():
    drawn = chart(
        way("A", "JHB proposed", "IST merged"),
        *(way(name, "JHB proposed", "TOR merged") for name in ["B", "C"]),
        way("M", "TOR proposed", "IST merged"),
        way("N", "IST proposed"),
        descents=[("TOR", "B", "M"), ("TOR", "C", "M"), ("IST", "M", "N"), ("IST", "A", "N")],
    )
    assert rows(drawn) == ["B", "C", "M", "A", "N"]
    assert [row.back for row in drawn.rows] == [""] * 5, "no thread runs through words"


def test_words_that_a_thread_runs_through_are_kept_readable():
    names = ["JHB-KT-01", "JHB-KT-02", "JHB-KT-03", "TOR-KT-01", "IST-KT-01"]
    merged = [way(name, "JHB proposed", "TOR merged") for name in names[1:3]]
    ways = [
        way(names[0], "JHB proposed", "IST merged"),
        *merged,
        way(names[3], "TOR proposed"),
        way(names[4], "IST proposed"),
    ]
    knots = [Knot("TOR", tuple(names[1:3]), (names[3],)), Knot("IST", (names[0],), (names[4],))]
    pattern = Pattern(EVENTS, [names], knots, PAPER)
    drawn = draw([names], pattern=pattern, ways={way.reference: way for way in ways})
    assert [bool(row.back) for row in drawn.rows] == [False, True, True, True, False]


def test_withdrawn_after_its_last_event_it_ends_in_a_sign_of_its_own():
    drawn = chart(way("A", "JHB proposed", "TOR reaffirmed", is_withdrawn=True))
    assert marks(drawn) == ["A JHB proposed", "A TOR reaffirmed", "A TOR withdrawn"]
    assert threads(drawn) == ["A JHB - A TOR plain", "A TOR - A TOR open"]


def test_withdrawn_before_an_event_got_to_it_that_says_so():
    drawn = chart(way("A", "JHB proposed", "TOR withdrawn", is_withdrawn=True))
    assert marks(drawn) == ["A JHB proposed", "A TOR withdrawn"]


def test_kin_without_a_row_draw_nothing():
    drawn = chart(way("A", "JHB proposed", "TOR merged"), descents=[("TOR", "A", "M"), ("TOR", "B", "M")])
    assert threads(drawn) == ["A JHB - A TOR plain"]


def test_every_disposition_has_a_shape_of_its_own_and_words():
    told = {*Disposition, "withdrawn", "undecided"} - {Disposition.NONE}
    assert set(SHAPES) == set(MEANINGS) == told
    assert len(set(SHAPES.values())) == len(told)
    assert label_of("adopted_as_amended") == "adopted as amended"


def test_the_legend_explains_what_is_there():
    drawn = chart(way("A", "JHB proposed", "TOR retired"))
    assert [sign.meaning for sign in drawn.legend.signs] == ["proposed: born here", "retired"]
    assert drawn.legend.threads == {"plain"}


def test_mirrored_time_runs_to_the_left():
    ways = [way("A", "JHB proposed", "TOR split"), way("X", "TOR proposed"), way("Y", "TOR proposed")]
    descents = [("TOR", "A", "X"), ("TOR", "A", "Y")]
    drawn, mirrored = chart(*ways, descents=descents), chart(*ways, descents=descents, is_mirrored=True)
    assert [mark.x for mark in mirrored.marks] == [drawn.width - mark.x for mark in drawn.marks]
    assert (mirrored.rows[0].end, mirrored.anchor) == ("← X +1", "end")


def test_columns_keep_the_order_of_the_plan_unless_time_ran_otherwise():
    assert columns_in_time(["JHB", "TOR", "IST"], [("JHB", "IST")]) == ["JHB", "TOR", "IST"]
    assert columns_in_time(["JHB", "TOR", "IST"], [("IST", "TOR"), ("JHB", "IST")]) == ["JHB", "IST", "TOR"]


def test_a_long_chart_is_cut_between_families():
    families = [["A"], ["B", "C", "D"], ["E", "F"], list("GHIJKLM")]
    assert cut(families, rows=4) == [[["A"], ["B", "C", "D"]], [["E", "F"]], [list("GHIJ")], [list("KLM")]]
    assert cut([["A"], ["B"], ["C"]], rows=2, rows_on_first=1) == [[["A"]], [["B"], ["C"]]]
    assert cut([], rows=4) == []


def test_threads_of_a_family_that_is_cut_run_to_the_edge_and_on():
    ways = {name: way(name, "JHB proposed", "TOR merged") for name in "ABC"} | {"M": way("M", "TOR proposed")}
    pattern = pattern_of(list(ways.values()), [("TOR", name, "M") for name in "ABC"])
    above, below = (draw(part, pattern=pattern, ways=ways) for part in cut(pattern.families, rows=2))
    assert (rows(above), rows(below)) == (["A", "B"], ["C", "M"])
    bottom = PAGE.head + 2 * PAGE.row
    assert [thread.path.endswith(f"V{bottom}") for thread in above.threads if thread.kind == "knot"] == [True, True]
    assert [thread.start[0] for thread in below.threads if thread.kind == "knot"] == ["A", "B", "C"]
    assert [head.code for head in below.heads] == ["JHB", "TOR", "IST", "HEAR"]


def test_merges_that_overlap_have_lanes_of_their_own():
    knots = [Knot("TOR", ("A", "D"), ("M",)), Knot("TOR", ("B", "C"), ("N",)), Knot("TOR", ("E", "F"), ("O",))]
    pattern = Pattern(EVENTS, [list("ABNCDM"), list("EOF")], knots, PAGE)
    assert [pattern.lanes[knot] for knot in knots] == [0, 1, 0]


def test_the_table_says_the_same_in_words():
    ways = [
        way("A", "JHB proposed", "TOR merged"),
        way("B", "JHB proposed", "TOR merged"),
        way("M", "TOR proposed", "IST contested", is_withdrawn=True),
    ]
    pattern = pattern_of(ways, [("TOR", "A", "M"), ("TOR", "B", "M")])
    table = tabulate(pattern.families, pattern=pattern, ways={way.reference: way for way in ways})
    assert [(row.reference, row.cells, row.children) for row in table.rows] == [
        ("A", ["proposed", "merged", "", ""], "M"),
        ("B", ["proposed", "merged", "", ""], "M"),
        ("M", ["", "proposed", "contested, later withdrawn", ""], ""),
    ]


@st.composite
def lineages(draw_from: st.DrawFn) -> tuple[list[Way], list[tuple[str, str, str]]]:
    """A random area: at each event outcomes are born, and each that came is carried, ended, merged or split."""
    stops: dict[str, list[Stop]] = {}
    descents = []
    live: list[str] = []
    number = iter(range(1000))

    def bear(event: str) -> str:
        reference = f"{event}-KT-{next(number):02}"
        stops[reference] = [Stop(event, "proposed")]
        return reference

    for event in (event.code for event in EVENTS):
        came, live = draw_from(st.permutations(live)), []
        while came:
            one, *came = came
            act = draw_from(st.sampled_from(["reaffirmed", "refined", "contested", "retired", "merged", "split"]))
            if act == "merged" and not came:
                act = "not_considered"
            if act == "merged":
                number_of_others = draw_from(st.integers(1, min(3, len(came))))
                parents, came = [one, *came[:number_of_others]], came[number_of_others:]
                child = bear(event)
                descents += [(event, parent, child) for parent in parents]
                live.append(child)
            elif act == "split":
                parents = [one]
                children = [bear(event) for _ in range(draw_from(st.integers(2, 3)))]
                descents += [(event, one, child) for child in children]
                live += children
            else:
                parents = [one]
                live += [one] if act != "retired" else []
            for parent in parents:
                stops[parent].append(Stop(event, act))
        live += [bear(event) for _ in range(draw_from(st.integers(0, 4)))]
    withdrawn = draw_from(st.sets(st.sampled_from(sorted(stops)))) if stops else set()
    return [Way(name, name, tuple(found), name in withdrawn) for name, found in stops.items()], descents


@given(
    area=lineages(), rows_at_most=st.integers(1, 12), is_mirrored=st.booleans(), measures=st.sampled_from([PAGE, PAPER])
)
def test_whatever_happened_it_is_drawn_once_and_forwards(area, rows_at_most, is_mirrored, measures):
    ways, descents = area
    pattern = pattern_of(ways, descents, is_mirrored=is_mirrored, measures=measures)
    by_reference = {way.reference: way for way in ways}
    parts = cut(pattern.families, rows=rows_at_most)
    drawn = [draw(part, pattern=pattern, ways=by_reference) for part in parts]
    # Every outcome has one row, in one part, and parts are not longer than they may be.
    assert sorted(row for part in drawn for row in rows(part)) == sorted(by_reference)
    assert all(len(part.rows) <= rows_at_most for part in drawn)
    # Those that an outcome came out of stand over it, and kin lie together.
    assert all(pattern.place[parent] < pattern.place[child] for _event, parent, child in descents)
    family_of = {reference: number for number, family in enumerate(pattern.families) for reference in family}
    assert all(family_of[parent] == family_of[child] for _event, parent, child in descents)
    # Every step has one mark; what was withdrawn has one more.
    assert sorted(mark for part in drawn for mark in marks(part)) == sorted(
        [f"{way.reference} {stop.event} {stop.kind}" for way in ways for stop in way.stops]
        + [f"{way.reference} {way.stops[-1].event} withdrawn" for way in ways if way.is_withdrawn]
    )
    columns = {event.code: number for number, event in enumerate(EVENTS)}
    for part in drawn:
        places = [(mark.x, mark.y) for mark in part.marks]
        assert len(set(places)) == len(places)
        for _y, in_row in _by_row(part).items():
            assert all(abs(one - other) >= 14 for one, other in pairwise(sorted(in_row)))
        assert all(0 < x < part.width and part.measures.head < y < part.height for x, y in places)
        # Threads never run backwards in time.
        assert all(columns[thread.start[1]] <= columns[thread.end[1]] for thread in part.threads)
        forwards = -1 if is_mirrored else 1
        x_of = {(mark.reference, mark.event): mark.x for mark in reversed(part.marks)}
        for thread in part.threads:
            if thread.start in x_of and thread.end in x_of and thread.start != thread.end:
                assert (x_of[thread.end] - x_of[thread.start]) * forwards > 0
    # Every merge and split is drawn, and no two of them lie on each other.
    knotted = {(thread.start[0], thread.end[0]) for part in drawn for thread in part.threads if thread.kind == "knot"}
    assert knotted == {(parent, child) for _event, parent, child in descents}
    for one, lane in pattern.lanes.items():
        for other, other_lane in pattern.lanes.items():
            if one != other and (one.event, lane) == (other.event, other_lane):
                (top, bottom), (other_top, other_bottom) = pattern.span(one), pattern.span(other)
                assert bottom < other_top or other_bottom < top


def _by_row(part: Chart) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for mark in part.marks:
        found.setdefault(mark.y, []).append(mark.x)
    return found


@pytest.mark.parametrize("generations", [2000])
def test_a_family_of_any_depth_is_ordered(generations):
    knots = [Knot("TOR", (f"{number}",), (f"{number + 1}",)) for number in range(generations)]
    (family,) = families_of([str(number) for number in range(generations + 1)], knots)
    assert family == [str(number) for number in range(generations + 1)]
