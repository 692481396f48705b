"""What a document is drawn in: one part for each chapter, several for a long one, and what stands before and after.

Plain data in, HTML out. The HTML of a chapter tells of that chapter alone: neither its pages nor its paragraphs are
counted on from those before it, and neither edition nor date stands in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from reports.chapters import compose
from reports.chapters.blocks import Asked, Chapter, Data, Drawing, Entry, Picture, Said, Section, Table
from reports.chapters.cover import cover_of
from reports.chapters.index import IndexLine, IndexLines, index_chapter
from reports.pages.drawing import Attached
from reports.references import addresses_in

LONGEST = 32_000
"""How much of a chapter is drawn at once, in characters that are printed: about 20 pages.

WeasyPrint takes 1.7 MB for each page of a document until it is written; and the less there is in a part, the less is
drawn again when a word of it changes.
"""
OF_A_LINE = 40
"""What a line counts at least, of which about 40 fill a page."""
OF_A_DRAWING = 1_500
"""What a drawing counts, which fills about a page."""
OF_A_MENTION = 40
"""What one place in the index counts: about a hundred fill a page, and a page full of links takes twice as long."""


@dataclass(frozen=True)
class Part:
    """One document to draw; `name` is its own within the whole, `title` what people call it.

    `pages_of` stands before the number of each page; without it pages have small Roman ones. One that `goes_on` is a
    later part of the same chapter. A page that is not to be counted has `pages_of` as its name.
    """

    name: str
    title: str
    template: str
    context: Mapping[str, Any]
    pages_of: str = ""
    goes_on: bool = False
    is_counted: bool = True
    attached: Attached | None = None

    def html(self) -> str:
        """Write it, anew each time: of a long document the HTML takes more memory than all else."""
        with translation.override(self.context["data"]["language"]):
            return render_to_string(f"reports/dossier/{self.template}.html", self.context)


def chapters_of(data: Data) -> list[Chapter]:
    """Give the chapters in their order, the long ones cut."""
    return [piece for chapter in compose(data) for piece in cut(chapter)]


def chapter_parts(data: Data, chapters: list[Chapter]) -> list[Part]:
    """Give each chapter as a document of its own."""
    addresses = addresses_in(data)
    return [
        Part(
            name=f"{chapter.id}.{chapter.part}" if chapter.part else chapter.id,
            title=chapter.title,
            template="frame",
            context={"data": data, "chapter": chapter, "addresses": addresses},
            pages_of=chapter.pages_of,
            goes_on=chapter.part > 1,
        )
        for chapter in chapters
    ]


def parts_around(
    data: Data, chapters: list[Chapter], *, pages: Mapping[str, str], attached: Attached
) -> tuple[Part, list[Part]]:
    """Give what is made last: cover, contents and figures, with what is attached; and the index and the back cover.

    `pages` gives the page, as people call it, on which each anchor stands; empty as long as none is known.
    """
    index = index_chapter(data, chapters, pages)
    context = around(data, chapters, index, pages)
    first = Part("front", _("Contents"), "front", context, attached=attached)
    title = _("About this edition")
    back = Part("back", title, "back", context, pages_of=title, is_counted=False)
    return first, [*chapter_parts(data, cut(index)), back]


def around(data: Data, chapters: list[Chapter], index: Chapter, pages: Mapping[str, str]) -> dict[str, Any]:
    """Give the templates what stands on the cover, in the contents and on the back."""
    listed = [chapter for chapter in chapters if chapter.part < 2]
    figures = [
        block
        for chapter in chapters
        for section in chapter.sections
        for block in section.blocks
        if isinstance(block, Drawing | Picture)
    ]
    return {
        "data": data,
        "cover": cover_of(data),
        "frozen_at": datetime.fromisoformat(data["frozen_at"]),
        "contents": [*((row, pages.get(row.id)) for row in listed), (index, f"{index.pages_of}1" if pages else None)],
        "figures": [(figure, pages.get(figure.id)) for figure in figures],
    }


def cut(chapter: Chapter) -> list[Chapter]:
    """Give a chapter in parts that can be drawn one by one; a short one as it is."""
    parts: list[list[Section]] = [[]]
    size = 0
    for section in chapter.sections:
        begun = False
        for block in _in_pieces(section.blocks):
            weight = _weight(block)
            if size and size + weight > LONGEST:
                parts.append([])
                size = 0
            if not begun or not parts[-1]:
                parts[-1].append(replace(section, blocks=[], is_continued=begun))
                begun = True
            parts[-1][-1].blocks.append(block)
            size += weight
        if not begun:
            parts[-1].append(section)
    if len(parts) == 1:
        return [chapter]
    return [replace(chapter, sections=sections, part=number) for number, sections in enumerate(parts, start=1)]


def _weight(block: Any) -> int:
    """Say how much of a part a block takes, in characters that are printed."""
    match block:
        case Drawing() | Picture():
            return OF_A_DRAWING
        case IndexLines(lines=lines):
            return sum(map(_weight_of_line, lines))
        case Asked(outcome=outcome):
            return _printed(outcome["title"], outcome["statement"])
        case Entry(outcome=outcome):
            quotes = (quote.line["quote"] or quote.line["title"] for quote in block.quotes)
            sources = (quote.line["source"] for quote in block.quotes)
            told = [*block.way, *block.reservations, *block.positions, *quotes, *sources]
            return _printed(outcome["title"], outcome["statement"], block.facts, block.unquoted, *told)
        case Said(input=row, note=note):
            return _printed(row["title"], row["text"], row["source"], note)
        case Table(rows=rows):
            return sum(map(_weight_of_row, rows))
    return len(repr(block))


def _printed(*texts: str) -> int:
    """A text takes a line, however short it is."""
    return sum(max(len(text), OF_A_LINE) for text in texts)


def _weight_of_row(row: list[str]) -> int:
    return max(sum(map(len, row)), OF_A_LINE)


def _weight_of_line(line: IndexLine) -> int:
    return OF_A_MENTION * (len(line.mentions) + 1)


def _in_pieces(blocks: list[Any]) -> Iterator[Any]:
    """Cut long tables and lists of the index too; each piece of a table has the caption and the heads."""
    for block in blocks:
        if _weight(block) <= LONGEST:
            yield block
            continue
        match block:
            case Table(rows=rows, anchors=anchors):
                for begin, end in _stretches(list(map(_weight_of_row, rows))):
                    yield replace(block, rows=rows[begin:end], anchors=anchors[begin:end])
            case IndexLines(lines=lines):
                for begin, end in _stretches(list(map(_weight_of_line, lines))):
                    yield replace(block, lines=lines[begin:end])
            case _:
                yield block


def _stretches(weights: list[int]) -> Iterator[tuple[int, int]]:
    """Cut a row of weights so that each stretch is at most half of LONGEST; give where it begins and ends."""
    begin, size = 0, 0
    for place, weight in enumerate(weights):
        if size and size + weight > LONGEST / 2:
            yield begin, place
            begin, size = place, 0
        size += weight
    yield begin, len(weights)
