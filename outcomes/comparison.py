"""What changed between two texts, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol

TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is in both, only in the older ("removed") or only in the newer one ("added")."""

    op: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """Give the pieces that make the older text into the newer one, in reading order.

    Joined without the added pieces they are `before`, without the removed ones `after`.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    pieces = []
    for op, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(Piece("same", "".join(old[old_from:old_to])))
            continue
        if old_from < old_to:
            pieces.append(Piece("removed", "".join(old[old_from:old_to])))
        if new_from < new_to:
            pieces.append(Piece("added", "".join(new[new_from:new_to])))
    return pieces


class Text(Protocol):
    """What has a title and a statement: a version, stored or as plain data."""

    @property
    def title(self) -> str: ...
    @property
    def statement(self) -> str: ...


@dataclass(frozen=True)
class TypedText:
    """A text that is not stored."""

    title: str
    statement: str


@dataclass(frozen=True)
class Changes:
    """What became of a title and a statement."""

    title: list[Piece]
    statement: list[Piece]


def changes_between(before: Text | None, after: Text | None) -> Changes | None:
    """Compare two texts of an outcome; None where one is missing or both say the same."""
    if before is None or after is None or (before.title, before.statement) == (after.title, after.statement):
        return None
    return Changes(compare(before.title, after.title), compare(before.statement, after.statement))
