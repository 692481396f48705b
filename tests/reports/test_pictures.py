"""Pictures: exact geometry of small ones, bounds of all, and that each has its description and its data beside it."""

import json
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as some

from reports.chapters import compose
from reports.chapters.blocks import Entry, Picture, Table
from reports.pictures.participation import Turnout, participation
from reports.pictures.sheet import WIDTH, Sheet
from reports.pictures.support import BAR, LONGEST, NAMES, STANCES, Answers, Round, support
from reports.pictures.timeline import Arrow, Meeting, timeline
from reports.pictures.world import HEIGHT, Place, world
from reports.rendering import render_pdf
from reports.snapshot import canonical, gather
from tests.reports.one_piece import html_of
from tests.reports.pdfs import assert_keeps_both_standards, text_of

LEFT, RIGHT = Sheet(), Sheet(is_mirrored=True)
WORDS = dict.fromkeys(STANCES, "word")
sheets = some.sampled_from([LEFT, RIGHT])
numbers = some.integers(0, 500)


def counts(support=0, reservations=0, abstain=0, disagree=0, object=0) -> dict[str, int]:
    return dict(zip(STANCES, [support, reservations, abstain, disagree, object], strict=True))


def test_participation_is_drawn_to_one_scale():
    cities, unions = Turnout("Cities", 8, 4, 2), Turnout("Trade unions", None, 1, 0)
    drawn = participation([cities, unions], sheet=LEFT)
    assert [(bar.frame, bar.filled, bar.target, bar.y) for bar in drawn.bars] == [
        ((230, 200), (230, 100), 630, 4),
        ((230, 50), (230, 0), None, 28),
    ]
    assert (drawn.width, drawn.height, drawn.names_x, drawn.numbers_x) == (760, 56, 0, 642)
    mirrored = participation([cities], sheet=RIGHT).bars[0]
    assert (mirrored.frame, mirrored.filled, mirrored.target) == ((330, 200), (430, 100), 130)


@given(some.lists(some.builds(Turnout, some.just("x"), some.none() | numbers, numbers, numbers), max_size=12), sheets)
def test_participation_keeps_to_its_sheet(rows, sheet):
    drawn = participation(rows, sheet=sheet)
    for bar in drawn.bars:
        for x, width in [bar.frame, bar.filled]:
            assert x >= 0 and x + width <= WIDTH + 0.1
        assert bar.target is None or 0 <= bar.target <= WIDTH
        assert bar.y >= 0 and bar.y + drawn.bar <= drawn.height


def test_consultations_stand_on_their_dates_and_arrows_lead_on():
    rows = [
        Meeting("A", "First", date(2011, 1, 1), "held", into="B"),
        Meeting("B", "Second", date(2011, 12, 31), "planned", into="C"),
        Meeting("C", "Hearing", None, "planned", is_hearing=True, into="GONE"),
    ]
    drawn = timeline(rows, sheet=LEFT)
    assert [(stop.x, stop.y) for stop in drawn.stops] == [(314, 37), (506, 63), (596, 89)]
    assert drawn.height == 108
    assert drawn.ticks[0].day == date(2011, 1, 1)
    assert [tick.day.month for tick in drawn.ticks] == [1, 4, 7, 10]
    assert len(drawn.arrows) == 2
    # Along the line between the signs, from the edge of one to the edge of the other.
    assert drawn.arrows[0] == Arrow((322.9, 38.2), (490.1, 60.9), ((497.1, 61.8), (489.7, 64.3), (490.6, 57.4)))
    assert [stop.x for stop in timeline(rows, sheet=RIGHT).stops] == [446, 254, 164]


def test_without_any_date_all_stand_in_their_order():
    rows = [Meeting(code, code, None, "planned") for code in "AB"]
    drawn = timeline(rows, sheet=LEFT)
    assert drawn.ticks == ()
    assert 300 < drawn.stops[0].x < drawn.stops[1].x < 610


days = some.none() | some.integers(0, 20_000).map(lambda number: date(1990, 1, 1) + timedelta(days=number))
signs = some.sampled_from(["held", "planned", "cancelled"])


@given(some.lists(some.tuples(days, signs, some.integers(0, 9)), max_size=10), sheets)
def test_the_time_line_keeps_to_its_room(rows, sheet):
    meetings = [Meeting(str(at), "x", day, sign, into=str(into)) for at, (day, sign, into) in enumerate(rows)]
    drawn = timeline(meetings, sheet=sheet)
    left, right = drawn.room
    assert 0 <= left < right <= WIDTH
    for stop in drawn.stops:
        assert left + 6 <= stop.x <= right - 6
        assert 24 < stop.y < drawn.height - 6
    assert all(left <= tick.x <= right for tick in drawn.ticks)
    assert len(drawn.ticks) <= 6
    told = sorted((stop.meeting.starts_on, stop.x) for stop in drawn.stops if stop.meeting.starts_on)
    along = [x for _day, x in told]
    assert along == sorted(along, reverse=sheet.is_mirrored)


def test_places_stand_where_they_are_and_unknown_ones_nowhere():
    drawn = world([Place("LON", "Europe/London", "held"), Place("X", "Mars/Olympus", "held"), Place("Y", "", "held")])
    # 0.1 degrees west, 51.5 north; 760 units are 360 degrees, from 84 degrees north downwards.
    assert [(spot.place.code, spot.x, spot.y) for spot in drawn.spots] == [("LON", 379.8, 68.6)]
    assert (drawn.spots[0].label_x, drawn.spots[0].label_y) == (388.8, 72.6)
    assert drawn.land.startswith("M") and drawn.land.endswith("Z")


def test_the_land_is_inside_the_map_and_crosses_it_nowhere():
    for ring in world([]).land.strip("MZ").split("ZM"):
        points = [float(number) for number in ring.split()]
        across, down = points[::2], points[1::2]
        assert min(across) >= 0 and max(across) <= WIDTH
        assert min(down) >= 0 and max(down) <= HEIGHT
        assert all(abs(one - other) < WIDTH / 3 for one, other in zip(across, [*across[1:], across[0]], strict=True))


def test_two_consultations_in_one_zone_have_codes_that_do_not_lie_on_each_other():
    drawn = world([Place(code, "Europe/Istanbul", "held") for code in ["IST1", "IST2", "IST3"]])
    assert len({(spot.label_x, spot.label_y) for spot in drawn.spots}) == 3


@given(some.lists(some.sampled_from(["Pacific/Auckland", "Pacific/Apia", "Europe/Paris", "Arctic/Longyearbyen"])))
def test_signs_and_codes_are_inside_the_map(zones):
    for spot in world([Place("LONGCODE11", zone, "held") for zone in zones]).spots:
        assert 0 <= spot.x <= WIDTH and 0 <= spot.y <= HEIGHT
        assert spot.label_x >= 0 and spot.label_x + 76 <= WIDTH
        assert 0 < spot.label_y <= HEIGHT


def test_support_is_drawn_by_stance_and_what_is_hidden_has_no_bar():
    drawn = support(
        [Round("TOR", [Answers("All", counts(2, 1, object=1)), Answers("Cities", None)])], words=WORDS, sheet=LEFT
    )
    everybody, cities = drawn.groups[0].rows
    assert [(piece.stance, piece.number, piece.x, piece.width) for piece in everybody.segments] == [
        ("support", 2, 230, 220),
        ("reservations", 1, 450, 110),
        ("object", 1, 560, 110),
    ]
    assert (everybody.answered, cities.answered, cities.segments) == (4, None, ())
    support_, reservations, objection = everybody.segments
    assert support_.stripes == ""
    assert reservations.stripes.startswith("M452 46v13M456 46v13")
    assert "h110" in objection.stripes and "v13" in objection.stripes
    assert [item.sign.stance for item in drawn.legend] == list(STANCES)
    mirrored = support([Round("TOR", [Answers("All", counts(1, 1))])], words=WORDS, sheet=RIGHT)
    assert [piece.x for piece in mirrored.groups[0].rows[0].segments] == [310, 90]


cells = some.none() | some.tuples(*[some.integers(0, 60)] * 5).map(lambda row: counts(*row))


@given(some.lists(some.lists(cells, max_size=5), max_size=3), sheets)
def test_bars_of_support_add_up_and_keep_to_their_room(told, sheet):
    rounds = [Round("E", [Answers("x", cell) for cell in row]) for row in told]
    drawn = support(rounds, words=WORDS, sheet=sheet)
    totals = [sum(cell.values()) for row in told for cell in row if cell is not None]
    most = max([1, *totals])
    for row, group in zip(told, drawn.groups, strict=True):
        for cell, bar in zip(row, group.rows, strict=True):
            assert bar.answered == (None if cell is None else sum(cell.values()))
            length = sum(piece.width for piece in bar.segments)
            assert length == pytest.approx(LONGEST * (bar.answered or 0) / most, abs=0.3)
            for piece in bar.segments:
                assert piece.x >= 0 and piece.x + piece.width <= WIDTH - (0 if sheet.is_mirrored else 90) + 0.2
                assert sheet.is_mirrored or piece.x >= NAMES
                assert piece.y >= 0 and piece.y + BAR <= drawn.height


@pytest.fixture
def data(scene) -> dict:
    gathered = json.loads(canonical(gather(scene.hearing, number=1, at=timezone.now())))
    cell = {"type": "city", "asked": 9, "counts": counts(5, 2, 1, 1)}
    hidden = {"type": "business", "asked": 2, "counts": None}
    outcome = next(row for row in gathered["outcomes"] if row["is_live"])
    outcome["results"][0].update(
        level="rough", level_label="rough consensus", asked=11, total=counts(5, 2, 2, 1), types=[cell, hidden]
    )
    gathered["events"][0]["balance"]["regions"] = [
        {**gathered["events"][0]["balance"]["types"][0], "region": "Africa", "target": 3}
    ]
    return gathered


@pytest.mark.django_db
def test_each_picture_has_its_data_beside_it(data):
    with translation.override("en"):
        chapters = compose(data)
    series = next(chapter for chapter in chapters if chapter.id == "series")
    for section in series.sections:
        for place, block in enumerate(section.blocks):
            if isinstance(block, Picture):
                assert any(isinstance(later, Table) for later in section.blocks[place + 1 :]), block.title
    pictures = [block.id for section in series.sections for block in section.blocks if isinstance(block, Picture)]
    assert pictures == [
        "picture-time", "picture-map", "turnout-types-JHB11", "turnout-regions-JHB11", "turnout-types-TOR",
    ]  # fmt: skip
    entries = [
        block for chapter in chapters for section in chapter.sections for block in section.blocks
        if isinstance(block, Entry)
    ]  # fmt: skip
    drawn = [entry for entry in entries if entry.support]
    assert [entry.outcome["reference"] for entry in drawn] == ["JHB11-KT-01"]
    # The list of answers names each type, the hidden one too.
    assert "9 of 9: 5 in support" in drawn[0].positions[0]
    assert "Businesses: not shown" in drawn[0].positions[0]


@pytest.mark.django_db
def test_pictures_are_drawn_with_title_description_and_text(data, tmp_path):
    html = html_of(data)
    named = re.findall(r'<div class="picture">.*?(<svg.*?</svg>)', html, re.DOTALL)
    assert len(named) == 6
    for drawing in named:
        assert 'role="img"' in drawing
        title, description = re.search(r'aria-labelledby="(\S+) (\S+)"', drawing).groups()
        assert re.search(rf'<title id="{title}">[^<]+</title>', drawing)
        assert re.search(rf'<desc id="{description}">[^<]+</desc>', drawing)
        assert "style=" not in drawing
    path = tmp_path / "pictures.pdf"
    path.write_bytes(render_pdf(html).content)
    told = text_of(path)
    assert "JHB11: rough consensus All 5 2 2 1 10 answers" in told
    assert "Businesses not shown" in told
    assert "People against targets by region at JHB11 Africa" in told
    assert "JHB11 Johannesburg" in told
    assert_keeps_both_standards(path)
