"""What a document is drawn in: one part for each chapter, several for a long one, and what stands before and after.

Plain data in, HTML out. The HTML of a chapter tells of that chapter alone: neither its pages nor its paragraphs are
counted on from those before it, and neither edition nor date stands in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from reports.chapters import compose
from reports.chapters.blocks import Chapter, Data, Drawing, Picture, Section, Table
from reports.chapters.cover import cover_of
from reports.chapters.mentions import Mention, index_of
from reports.pages.drawing import Attached
from reports.references import addresses_in

LONGEST = 60_000
"""How much of a chapter is drawn at once, in characters of its plain data: about 40 pages.

WeasyPrint takes 1.7 MB for each page of a document until it is written.
"""
OF_A_DRAWING = 1_500
"""What a drawing counts, which fills about a page."""


@dataclass(frozen=True)
class Part:
    """One document to draw; `name` is its own within the whole, `title` what people call it.

    `pages_of` stands before the number of each page; without it pages have small Roman ones. One that `goes_on` is a
    later part of the same chapter.
    """

    name: str
    title: str
    html: str
    pages_of: str = ""
    goes_on: bool = False
    attached: Attached | None = None


def chapters_of(data: Data) -> list[Chapter]:
    """Give the chapters in their order, the long ones cut."""
    return [piece for chapter in compose(data) for piece in cut(chapter)]


def chapter_parts(data: Data, chapters: list[Chapter]) -> list[Part]:
    """Write each chapter as a document of its own."""
    addresses = addresses_in(data)
    return [
        Part(
            name=f"{chapter.id}.{chapter.part}" if chapter.part else chapter.id,
            title=chapter.title,
            html=render_to_string(
                "reports/dossier/frame.html", {"data": data, "chapter": chapter, "addresses": addresses}
            ),
            pages_of=chapter.pages_of,
            goes_on=chapter.part > 1,
        )
        for chapter in chapters
    ]


def first_and_last(
    data: Data, chapters: list[Chapter], *, pages: Mapping[str, str], attached: Attached
) -> tuple[Part, Part]:
    """Write what is made last: cover, contents and figures, with what is attached; and the index of references.

    `pages` gives the page, as people call it, on which each anchor stands; empty as long as none is known.
    """
    context = around(data, chapters, pages)
    index = context["index"]
    html = render_to_string("reports/dossier/front.html", context)
    first = Part("front", _("Contents"), html, attached=attached)
    html = render_to_string("reports/dossier/last.html", context | {"chapter": index})
    return first, Part(index.id, index.title, html, pages_of=index.pages_of)


def around(data: Data, chapters: list[Chapter], pages: Mapping[str, str]) -> dict[str, Any]:
    """Give the templates what stands on the cover, in the contents and in the index."""
    index = Chapter("index", _("Index of references"), is_annex=True, number=chapters[-1].number + 1)
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
        "chapters": chapters,
        "cover": cover_of(data),
        "frozen_at": datetime.fromisoformat(data["frozen_at"]),
        "contents": [*((row, pages.get(row.id)) for row in listed), (index, f"{index.pages_of}1" if pages else None)],
        "figures": [(figure, pages.get(figure.id)) for figure in figures],
        "references": listed_references(data, chapters, pages),
        "addresses": addresses_in(data),
        "index": index,
    }


def listed_references(
    data: Data, chapters: list[Chapter], pages: Mapping[str, str]
) -> list[tuple[str, str, list[tuple[str, list[tuple[Mention, str | None]]]]]]:
    """Give the lists of the index, each with its id and title: references, where they are told of, on which page."""
    index = index_of(data, chapters)
    return [
        (id, title, [(line.reference, [(row, pages.get(row.anchor)) for row in line.mentions]) for line in lines])
        for id, title, lines in [
            ("index-outcomes", _("Outcomes"), index.outcomes),
            ("index-inputs", _("Inputs"), index.inputs),
        ]
    ]


def cut(chapter: Chapter) -> list[Chapter]:
    """Give a chapter in parts that can be drawn one by one; a short one as it is."""
    parts: list[list[Section]] = [[]]
    size = 0
    for section in chapter.sections:
        begun = False
        for block in _in_pieces(section.blocks):
            weight = OF_A_DRAWING if isinstance(block, Drawing | Picture) else len(repr(block))
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


def _in_pieces(blocks: list[Any]) -> Iterator[Any]:
    """Cut tables of many rows too; each piece has the caption and the heads."""
    for block in blocks:
        if not isinstance(block, Table) or len(repr(block)) <= LONGEST:
            yield block
            continue
        begin, size = 0, 0
        for place, row in enumerate(block.rows):
            weight = len(repr(row))
            if size and size + weight > LONGEST / 2:
                yield replace(block, rows=block.rows[begin:place], anchors=block.anchors[begin:place])
                begin, size = place, 0
            size += weight
        yield replace(block, rows=block.rows[begin:], anchors=block.anchors[begin:])
