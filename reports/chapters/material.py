"""What all chapters look up, and the count of the paragraphs."""

from collections.abc import Iterator
from itertools import count

from outcomes.models import Disposition
from reports.chapters.blocks import Data, Paragraph
from reports.chapters.grouping import Group, groups_of
from reports.models import Document

ENDED = {Disposition.MERGED, Disposition.SPLIT, Disposition.RETIRED, Disposition.NOT_ADOPTED}


def told_in_full(data: Data) -> list[Data]:
    """The outcomes of a snapshot that have a place of their own in its chapters.

    In a dossier those that stand; in a report also those that its hearing decided finally.
    """
    if data["document"] == Document.DOSSIER:
        return [outcome for outcome in data["outcomes"] if outcome["is_live"]]
    standing = [outcome for outcome in data["outcomes"] if not outcome["withdrawal_reason"]]
    return [outcome for outcome in standing if outcome["standing"] not in ENDED]


class Material:
    """The data of a snapshot, with its events, types and outcomes by their keys."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.begin_chapter(1)
        self.events: dict[str, Data] = {event["code"]: event for event in data["events"]}
        self.held = [event for event in data["events"] if event["concluded_on"]]
        self.types: dict[str, Data] = {row["slug"]: row for row in data["types"]}
        self.outcomes: dict[str, Data] = {outcome["reference"]: outcome for outcome in data["outcomes"]}
        self.live = [outcome for outcome in data["outcomes"] if outcome["is_live"]]
        self.languages: dict[str, str] = {row["reference"]: row["language"] for row in data["inputs"]}
        self.told = told_in_full(data)
        self.groups = groups_of(data, self.told)
        self.chapter_numbers: dict[str, int] = {}
        """Of the chapters of the groups, by their ids; `compose` knows them before anything is written."""
        self.event = self.events[data["consultation"]]
        self.of_series: str = data["series"]["language"]
        self.is_report = data["document"] == Document.REPORT

    def begin_chapter(self, number: int) -> None:
        """From here on paragraphs are numbered within this chapter: “3.12”; so no chapter changes another's numbers."""
        self.numbers: Iterator[str] = (f"{number}.{paragraph}" for paragraph in count(1))

    def paragraph(self, text: str, *, language: str = "") -> Paragraph:
        """Number a paragraph; `language` is its own, where it was not written for this document."""
        return Paragraph(next(self.numbers), text, language)

    def home_of(self, area: str) -> Group:
        """The group whose chapter draws an area, by its code, and tells its outcomes in full."""
        return next(group for group in self.groups if area in group.drawn)

    def type_name(self, slug: str) -> str:
        return self.types[slug]["plural"] if slug in self.types else slug

    def language_of(self, input: str) -> str:
        """The language of an input, by its reference; the document's where the input itself is not told."""
        return self.languages.get(input, str(self.data["language"]))

    def inputs_in_all(self) -> dict[str, int]:
        fates = ["used", "set_aside", "withdrawn", "open"]
        return {fate: sum(event["inputs"][fate] for event in self.held) for fate in fates}
