"""Word by word comparison of two texts."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.comparison import Changes, Piece, changes_between, compare


@dataclass(frozen=True)
class Text:
    title: str
    statement: str


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("same text", "same text", [Piece("same", "same text")]),
        (
            "pay half a year",
            "pay a year",
            [Piece("same", "pay"), Piece("removed", " half"), Piece("same", " a year")],
        ),
        (
            "Cities pay.",
            "Businesses pay.",
            [Piece("removed", "Cities"), Piece("added", "Businesses"), Piece("same", " pay.")],
        ),
        ("one", "one, two", [Piece("same", "one"), Piece("added", ", two")]),
        ("المدن تدفع", "المدن تشارك", [Piece("same", "المدن "), Piece("removed", "تدفع"), Piece("added", "تشارك")]),
    ],
)
def test_the_pieces_tell_what_changed(before, after, pieces):
    assert compare(before, after) == pieces


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_gets_lost(before, after):
    pieces = compare(before, after)
    assert "".join(piece.text for piece in pieces if piece.op != "added") == before
    assert "".join(piece.text for piece in pieces if piece.op != "removed") == after


def test_texts_that_say_the_same_have_no_changes():
    text = Text("Title", "Statement")
    assert changes_between(text, text) is None
    assert changes_between(None, text) is None
    assert changes_between(text, None) is None
    assert changes_between(text, Text("Title", "Other")) == Changes(
        title=[Piece("same", "Title")], statement=[Piece("removed", "Statement"), Piece("added", "Other")]
    )
