"""From the plain data of a snapshot to the chapters of its document (domain.md, “The dossier, chapter by chapter”).

Plain data in, plain data out: no query, no HTML. Paragraphs are numbered within their chapter, so that people can cite
them in the room, and every sentence about an outcome carries its reference.
"""

from collections.abc import Callable
from functools import partial

from reports.chapters.annexes import annex_writers
from reports.chapters.areas import area_chapter
from reports.chapters.back import for_decision, not_taken_up, register
from reports.chapters.blocks import Chapter, Data
from reports.chapters.event import event_summary, the_consultation
from reports.chapters.front import how_to_read, summary, the_series
from reports.chapters.material import Material


def compose(data: Data) -> list[Chapter]:
    """Give the chapters of a dossier or an event report in their order. Every chapter is there; empty ones say so."""
    material = Material(data)
    front = [event_summary, the_consultation] if material.is_report else [summary, the_series]
    back = [not_taken_up, register] if material.is_report else [for_decision, not_taken_up, register]
    writers: list[Callable[[Material], Chapter]] = [how_to_read, *front]
    writers += [partial(area_chapter, place=place, area=row) for place, row in enumerate(data["areas"], start=1)]
    writers += [*back, *annex_writers(data["choices"]["annexes"])]
    chapters = []
    for number, write in enumerate(writers, start=1):
        material.begin_chapter(number)
        chapter = write(material)
        chapter.number = number
        chapters.append(chapter)
    return chapters
