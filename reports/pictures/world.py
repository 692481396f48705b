"""Where the consultations are held: a map of the land, and a sign at the principal place of each one's time zone.

The outline is Natural Earth's and the places are those of the time zone database; both are in the public domain.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reports.pictures.sheet import WIDTH

DATA = Path(__file__).parent.parent / "data"
NORTH, SOUTH = 84.0, -56.0
SCALE = WIDTH / 360
HEIGHT = round((NORTH - SOUTH) * SCALE)
LETTER = 7.6
"""The width that a letter of a code takes at most."""
LINE = 13
OFF = 9
"""From the middle of a sign to its code."""


@dataclass(frozen=True)
class Place:
    """One consultation and the time zone that says where; `sign` is held, planned or cancelled."""

    code: str
    time_zone: str
    sign: str
    is_hearing: bool = False


@dataclass(frozen=True)
class Spot:
    place: Place
    x: float
    y: float
    label_x: float
    label_y: float
    """The left end of the base line of its code."""


@dataclass(frozen=True)
class World:
    width: int
    height: int
    land: str
    """One path, in the words of SVG."""
    spots: tuple[Spot, ...]


Box = tuple[float, float, float, float]


def world(places: Sequence[Place]) -> World:
    """Lay out those places whose time zone is known. Codes stand beside their signs, where nothing else stands."""
    known = _places()
    points = [(place, *_project(*known[place.time_zone])) for place in places if place.time_zone in known]
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for _place, x, y in points]
    spots = []
    for place, x, y in points:
        width = len(place.code) * LETTER
        choices = [
            (min(max(left, 1), WIDTH - width - 1), min(max(base, LINE), HEIGHT - 3))
            for rise in (0, 1, -1, 2, -2, 3, -3)
            for left, base in ((x + OFF, y + 4 + rise * LINE), (x - OFF - width, y + 4 + rise * LINE))
        ]
        boxes = [(left, base - LINE + 3, left + width, base + 3) for left, base in choices]
        free = next((at for at, box in enumerate(boxes) if not any(_meet(box, other) for other in taken)), 0)
        taken.append(boxes[free])
        spots.append(Spot(place, x, y, round(choices[free][0], 1), round(choices[free][1], 1)))
    return World(WIDTH, HEIGHT, _land(), tuple(spots))


def _project(longitude: float, latitude: float) -> tuple[float, float]:
    """Degrees to units: equirectangular. What lies beyond the edges is brought to them."""
    inside = min(max(latitude, SOUTH), NORTH)
    return (round((longitude + 180) * SCALE, 1), round((NORTH - inside) * SCALE, 1))


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@cache
def _places() -> dict[str, list[float]]:
    """Longitude and latitude by time zone."""
    found: dict[str, list[float]] = json.loads((DATA / "places.json").read_text())["places"]
    return found


@cache
def _land() -> str:
    rings = json.loads((DATA / "land.json").read_text())["rings"]
    parts = (" ".join("{:g} {:g}".format(*_project(*point)) for point in ring) for ring in rings)
    return "".join(f"M{part}Z" for part in parts)
