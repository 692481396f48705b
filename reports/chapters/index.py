"""The index of references: which paragraphs tell of each outcome and input, and on which page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from reports.chapters.blocks import Chapter, Data, Section
from reports.chapters.mentions import Mention, mentions_in


@dataclass(frozen=True)
class IndexLine:
    """One reference with all places that tell of it."""

    reference: str
    mentions: list[Mention]


@dataclass(frozen=True)
class IndexLines:
    """One list of the index under its title.

    `pages` gives the page, as people call it, on which each anchor stands, where it is known.
    """

    title: str
    lines: list[IndexLine]
    pages: Mapping[str, str] = field(default_factory=dict)
    block: str = "index_lines"

    @property
    def marked_lines(self) -> list[tuple[str, list[tuple[Mention, str | None]]]]:
        """The references, each with its places and their pages."""
        return [(line.reference, [(row, self.pages.get(row.anchor)) for row in line.mentions]) for line in self.lines]


def index_chapter(data: Data, chapters: Sequence[Chapter], pages: Mapping[str, str] | None = None) -> Chapter:
    """List the outcomes and inputs of a snapshot with their places, in the order of their references.

    `chapters` are all others, `pages` as in IndexLines.
    """
    places: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions_in(chapters):
        places[mention.reference].append(mention)
    known = {row["reference"] for row in data["outcomes"]}
    outcomes = [IndexLine(reference, places[reference]) for reference in sorted(places.keys() & known)]
    inputs = [IndexLine(reference, places[reference]) for reference in sorted(places.keys() - known)]
    sections = [
        Section(id, title, [IndexLines(title, lines, pages or {})])
        for id, title, lines in [("index-outcomes", _("Outcomes"), outcomes), ("index-inputs", _("Inputs"), inputs)]
    ]
    number = chapters[-1].number + 1
    return Chapter("index", _("Index of references"), sections, is_annex=True, number=number, lead=_lead(pages))


def _lead(pages: Iterable[str] | None) -> str:
    if not pages:
        return _("Behind each reference stand the numbers of the paragraphs that tell of it.")
    return _(
        "Behind each reference stand the numbers of the paragraphs that tell of it, with their pages in brackets. The "
        "reference itself leads to its page on the site, where it has one."
    )
