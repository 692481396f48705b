"""Two editions side by side, as a page shows them."""

import json
from dataclasses import dataclass
from typing import Any

from outcomes.comparison import Changes, TypedText
from outcomes.comparison import changes_between as texts_between
from outcomes.models import Disposition
from reports.changes import changes_between, is_nothing
from reports.chapters.changes import PARTS, sentences_on
from reports.models import Edition

Data = dict[str, Any]


@dataclass(frozen=True)
class NewOutcome:
    reference: str
    title: str
    kind: str


@dataclass(frozen=True)
class OtherStanding:
    """How an outcome stood and stands, and in what it goes on where it was merged or split."""

    reference: str
    title: str
    before: Disposition
    after: Disposition
    into: list[str]


@dataclass(frozen=True)
class OtherText:
    """The reference of an outcome with another text, and the two texts."""

    reference: str
    before: TypedText
    after: TypedText

    def word_by_word(self) -> Changes | None:
        return texts_between(self.before, self.after)


@dataclass(frozen=True)
class Comparison:
    """What the later edition says otherwise; `told` are sentences under the parts that they belong to."""

    is_nothing: bool
    new: list[NewOutcome]
    standing: list[OtherStanding]
    texts: list[OtherText]
    told: dict[str, list[str]]


def compare(earlier: Edition, later: Edition) -> Comparison:
    """Compare two editions of one document by their frozen data, in the language that is spoken now."""
    return compare_data(json.loads(earlier.snapshot), json.loads(later.snapshot))


def compare_data(then: Data, now: Data) -> Comparison:
    """Compare two snapshots of one document."""
    changes = changes_between(then, now)
    before, after = ({row["reference"]: row for row in data.get("outcomes", [])} for data in (then, now))
    into = {row["reference"]: row["into"] for part in ("merged", "split") for row in changes[part]}
    return Comparison(
        is_nothing=is_nothing(changes),
        new=[NewOutcome(name, after[name]["title"], after[name]["kind_label"]) for name in changes["new"]],
        standing=[
            OtherStanding(
                row["reference"],
                after[row["reference"]]["title"],
                Disposition(row["from"]),
                Disposition(row["to"]),
                into.get(row["reference"], []),
            )
            for row in changes["standing"]
        ],
        texts=[OtherText(name, _text(before[name]), _text(after[name])) for name in changes["refined"]],
        told={part: sentences_on(part, changes) for part in PARTS},
    )


def _text(outcome: Data) -> TypedText:
    return TypedText(outcome["title"], outcome["statement"])
