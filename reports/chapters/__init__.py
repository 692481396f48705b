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
from reports.chapters.grouping import is_by_themes
from reports.chapters.material import Material
from reports.chapters.themes import theme_chapter


def compose(data: Data) -> list[Chapter]:
    """Give the chapters of a dossier or an event report in their order. Every chapter is there; empty ones say so."""
    material = Material(data)
    front = [event_summary, the_consultation] if material.is_report else [summary, the_series]
    back = [not_taken_up, register] if material.is_report else [for_decision, not_taken_up, register]
    writers: list[Callable[[Material], Chapter]] = [how_to_read, *front]
    tell = theme_chapter if is_by_themes(data) else area_chapter
    material.chapter_numbers = {row.id: number for number, row in enumerate(material.groups, start=len(writers) + 1)}
    writers += [partial(tell, group=group) for group in material.groups]
    writers += [*back, *annex_writers(data["choices"]["annexes"])]
    chapters = []
    for number, write in enumerate(writers, start=1):
        material.begin_chapter(number)
        chapter = write(material)
        chapter.number = number
        chapters.append(chapter)
    return chapters
