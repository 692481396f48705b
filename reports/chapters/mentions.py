"""Where in the document each outcome and each input is told of: what the index lists, and what is read back from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reports.chapters.blocks import Asked, Chapter, Entry, Paragraph, Pointer, Said, Table
from reports.references import REFERENCE


@dataclass(frozen=True)
class Mention:
    """That a paragraph of a chapter tells of an outcome or input; `anchor` is its place in the document.

    `paragraph` is empty for a row of a table.
    """

    reference: str
    chapter: str
    paragraph: str
    anchor: str


def mentions_in(chapters: Iterable[Chapter]) -> list[Mention]:
    """Give every place that is about an outcome or an input, in the order of the document; a paragraph has each once.

    A row of the register stands only for an outcome that nothing else tells of.
    """
    found = [mention for chapter in chapters for mention in _in_chapter(chapter)]
    numbered = {mention.reference for mention in found if mention.paragraph}
    once: dict[tuple[str, str], Mention] = {}
    for mention in found:
        if mention.paragraph or mention.reference not in numbered:
            once.setdefault((mention.reference, mention.paragraph), mention)
    return list(once.values())


def _in_chapter(chapter: Chapter) -> Iterator[Mention]:
    for section in chapter.sections:
        for block in section.blocks:
            for reference, number, anchor in _in_block(block):
                yield Mention(reference, chapter.title, number, anchor)


def _in_block(block: Any) -> Iterator[tuple[str, str, str]]:
    match block:
        case Entry(number=number, outcome=outcome, quotes=quotes):
            yield outcome["reference"], number, outcome["reference"]
            for quote in quotes:
                yield quote.line["input"], number, quote.anchor
        case Asked(number=number, outcome=outcome):
            yield outcome["reference"], number, f"p{number}"
        case Said(number=number, input=input):
            yield input["reference"], number, f"p{number}"
        case Paragraph(number=number, text=text) | Pointer(number=number, text=text):
            # What begins with a reference is about it; others only name it, perhaps on the next page.
            if found := REFERENCE.match(text):
                yield found.group(), number, f"p{number}"
        case Table(rows=rows, anchors=anchors):
            for row, anchor in zip(rows, anchors, strict=False):
                yield row[0], "", anchor
