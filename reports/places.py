"""Where an edition tells of what: read back from its finished PDF, never guessed from how it was made."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import translation

from reports.chapters import compose
from reports.chapters.mentions import mentions_in
from reports.models import Edition, Place

if TYPE_CHECKING:
    from consultations.queries import Viewer


@dataclass(frozen=True)
class Page:
    """A page of a PDF: its number from 1, and what it is called on the page."""

    number: int
    label: str


@dataclass(frozen=True)
class Told:
    """The places of one edition that are about the same outcome or input."""

    edition: Edition
    places: list[Place]


def pages_of_anchors(content: bytes) -> dict[str, Page]:
    """Read a PDF for the page on which each of its named destinations lies (ISO 32000-2, 12.3.2.4)."""
    # Here, since it says so in the log as soon as it is loaded, whatever is run.
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        tree = pdf.Root.get("/Names", pikepdf.Dictionary()).get("/Dests")
        numbers: dict[Any, int] = {page.objgen: number for number, page in enumerate(pdf.pages)}
        found = {}
        for name, target in pikepdf.NameTree(tree).items() if tree is not None else []:
            array = target.D if isinstance(target, pikepdf.Dictionary) else target
            if (number := numbers.get(array[0].objgen)) is not None:
                found[name] = Page(number + 1, pdf.pages[number].label)
        return found


def read_places(data: dict[str, Any], content: bytes) -> list[Place]:
    """Find where the PDF that was made from a snapshot tells of each outcome and input; nothing is stored yet.

    What the file has no destination for is left out.
    """
    pages = pages_of_anchors(content)
    with translation.override(data["language"]):
        mentions = mentions_in(compose(data))
    return [
        Place(
            reference=mention.reference,
            chapter=mention.chapter[: Place._meta.get_field("chapter").max_length],
            paragraph=mention.paragraph,
            page=pages[mention.anchor].number,
            label=pages[mention.anchor].label,
        )
        for mention in mentions
        if mention.anchor in pages
    ]


def keep_places(edition: Edition, places: Iterable[Place]) -> None:
    """Keep what `read_places` found as the places of an edition."""
    rows = list(places)
    for row in rows:
        row.edition = edition
    Place.objects.bulk_create(rows, batch_size=1000)


def places_of(references: Iterable[str], user: Viewer) -> dict[str, list[Told]]:
    """Give where the editions that somebody may read tell of each reference, in one query; the newest edition first."""
    found: dict[str, dict[int, Told]] = defaultdict(dict)
    for place in Place.objects.telling_of(references, editions=Edition.objects.visible_to(user)):
        found[place.reference].setdefault(place.edition_id, Told(place.edition, [])).places.append(place)
    return {reference: list(by_edition.values()) for reference, by_edition in found.items()}
