"""From the plain data of a snapshot to the chapters of a dossier (domain.md, “The dossier, chapter by chapter”).

Plain data in, plain data out: no query, no HTML. Paragraphs are numbered through the whole document, so that people can
cite them in the room, and every sentence about an outcome carries its reference.
"""

from reports.chapters.annexes import annexes
from reports.chapters.areas import area_chapter
from reports.chapters.back import for_decision, not_taken_up, register
from reports.chapters.blocks import Chapter, Data
from reports.chapters.front import how_to_read, summary, the_series
from reports.chapters.material import Material


def compose(data: Data) -> list[Chapter]:
    """Give the chapters of a dossier in their order. Every chapter is there; empty ones say so."""
    material = Material(data)
    found = [how_to_read(material), summary(material), the_series(material)]
    found += [area_chapter(material, place, row) for place, row in enumerate(data["areas"], start=1)]
    found += [for_decision(material), not_taken_up(material), register(material)]
    return [*found, *annexes(material)]
