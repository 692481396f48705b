"""The signs for what an outcome gets at an event: told apart by their shape, in black and white as in colour."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from outcomes.chart.ways import UNDECIDED, WITHDRAWN
from outcomes.models import Disposition

DISC = "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0z"
RING = DISC + "m2 0a4 4 0 1 1 8 0a4 4 0 1 1-8 0z"
SQUARE = "m-6-6h12v12h-12z"
FRAME = SQUARE + "m2 2v8h8v-8z"
CROSS = "m-6.5-4.5l2-2 4.5 4.5 4.5-4.5 2 2-4.5 4.5 4.5 4.5-2 2-4.5-4.5-4.5 4.5-2-2 4.5-4.5z"
SMALL_CROSS = "m.8 2l1.2-1.2 2 2 2-2 1.2 1.2-2 2 2 2-1.2 1.2-2-2-2 2-1.2-1.2 2-2z"
SHAPES = {
    Disposition.PROPOSED: RING,
    Disposition.REAFFIRMED: DISC,
    Disposition.REFINED: "m-7.5 0l7.5-7.5 7.5 7.5-7.5 7.5z",
    Disposition.CONTESTED: "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0zm6-4a4 4 0 0 1 0 8z",
    Disposition.MERGED: "m-5-7l12 7-12 7z",
    Disposition.SPLIT: "m-7 0l12-7v14zm4 0l6 3.5v-7z",
    Disposition.RETIRED: "m-2.5-8h5v16h-5z",
    Disposition.NOT_CONSIDERED: "m-5.5 6.5l4-13h2l-4 13zm5 0l4-13h2l-4 13z",
    Disposition.ADOPTED: SQUARE,
    Disposition.ADOPTED_AS_AMENDED: SQUARE + "m2 6l4 4 4-4-4-4z",
    Disposition.REFERRED: FRAME + "m2.5 1l4 3-4 3z",
    Disposition.NOT_ADOPTED: FRAME + SMALL_CROSS,
    WITHDRAWN: CROSS,
    UNDECIDED: "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0z",
}
"""Paths around their middle, filled by the even-odd rule."""
MIRRORED = {
    Disposition.MERGED: "m5-7l-12 7 12 7z",
    Disposition.SPLIT: "m7 0l-12-7v14zm-4 0l-6 3.5v-7z",
    Disposition.REFERRED: FRAME + "m5.5 1l-4 3 4 3z",
}
"""Those that point forward in time, where that is to the left."""
MEANINGS = {
    Disposition.PROPOSED: _("proposed: born here"),
    Disposition.REAFFIRMED: _("reaffirmed"),
    Disposition.REFINED: _("refined: a new text"),
    Disposition.CONTESTED: _("contested"),
    Disposition.MERGED: _("merged with others"),
    Disposition.SPLIT: _("split into several"),
    Disposition.RETIRED: _("retired"),
    Disposition.NOT_CONSIDERED: _("not considered"),
    Disposition.ADOPTED: _("adopted"),
    Disposition.ADOPTED_AS_AMENDED: _("adopted as amended"),
    Disposition.REFERRED: _("referred"),
    Disposition.NOT_ADOPTED: _("not adopted"),
    WITHDRAWN: _("withdrawn"),
    UNDECIDED: _("no disposition yet"),
}


@dataclass(frozen=True)
class Sign:
    """One sign and what it means."""

    kind: str
    meaning: str
    path: str


def signs_of(kinds: Iterable[str], *, is_mirrored: bool = False) -> list[Sign]:
    """Explain the signs of these kinds, each once, in the order of the dispositions; drawn around 0, 0."""
    shown = set(kinds)
    return [
        Sign(kind, str(meaning), path_of(kind, 0, 0, is_mirrored=is_mirrored))
        for kind, meaning in MEANINGS.items()
        if kind in shown
    ]


def label_of(kind: str) -> str:
    """Say what happened in one or two words, as the table beside a chart does."""
    return str(MEANINGS[kind] if kind in {WITHDRAWN, UNDECIDED} else Disposition(kind).label)


def path_of(kind: str, x: int, y: int, *, is_mirrored: bool = False) -> str:
    """Draw a sign around a point: the `d` of one path, filled by the even-odd rule."""
    shapes = SHAPES | MIRRORED if is_mirrored else SHAPES
    return f"M{x} {y}{shapes[kind]}"
