"""What all chapters look up, and the count of the paragraphs."""

from itertools import count

from reports.chapters.blocks import Data, Paragraph


class Material:
    """The data of a snapshot, with its events, types and outcomes by their keys."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.numbers = count(1)
        self.events: dict[str, Data] = {event["code"]: event for event in data["events"]}
        self.held = [event for event in data["events"] if event["concluded_on"]]
        self.types: dict[str, Data] = {row["slug"]: row for row in data["types"]}
        self.outcomes: dict[str, Data] = {outcome["reference"]: outcome for outcome in data["outcomes"]}
        self.live = [outcome for outcome in data["outcomes"] if outcome["is_live"]]
        self.hearing = self.events[data["hearing"]]

    def paragraph(self, text: str) -> Paragraph:
        return Paragraph(next(self.numbers), text)

    def type_name(self, slug: str) -> str:
        return self.types[slug]["plural"] if slug in self.types else slug

    def inputs_in_all(self) -> dict[str, int]:
        fates = ["used", "set_aside", "withdrawn", "open"]
        return {fate: sum(event["inputs"][fate] for event in self.held) for fate in fates}
