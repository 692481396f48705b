"""Makes the PDF of a document: draws the parts that are not kept, then what stands round them, and binds them all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from jobs.running import JobFailed
from reports.chapters.blocks import Data
from reports.pages.binding import Leaf, bind, page_label
from reports.pages.drawing import Attached, Pdf
from reports.pages.drawing_room import ENDED, DrawingRoom, Order
from reports.pages.keeping import NO_ROOM, Shelf, key_of, read, styles_key
from reports.pages.parts import Part, chapter_parts, chapters_of, parts_around

Progress = Callable[[float, str], None]


def make_pdf(data: Data, *, attached: Attached, progress: Progress) -> Pdf:
    """Give the PDF of a document, PDF/A-3a and PDF/UA-1, with its data attached. The same data gives the same bytes.

    Raises JobFailed where a part cannot be drawn; what is drawn by then is kept for the next time.
    """
    progress(0.0, _("Writing the chapters"))
    with translation.override(data["language"]):
        chapters = chapters_of(data)
        parts = chapter_parts(data, chapters)
        first, last = parts_around(data, chapters, pages={}, attached=attached)
    shelf = the_shelf()
    of_first, *of_others = _marks([first, *parts, *last])
    whole = key_of(*(mark.key for mark in [of_first, *of_others]))
    if kept := shelf.find(whole):
        return kept
    with DrawingRoom() as room:
        drawn = _drawn(parts, of_others[: len(parts)], room=room, shelf=shelf, progress=progress)
        progress(0.85, _("Writing contents and index"))
        with translation.override(data["language"]):
            pages = _pages_of_anchors(parts, drawn)
            first, last = parts_around(data, chapters, pages=pages, attached=attached)
        around = [first, *last]
        front, *back = _drawn(around, _marks(around), room=room, shelf=shelf)
    progress(0.9, _("Binding the chapters"))
    bound = zip([first, *parts, *last], [front, *drawn, *back], strict=True)
    leaves = [Leaf(pdf, part.pages_of, part.goes_on, part.is_counted) for part, pdf in bound]
    # A long document takes much memory while it is bound: what it was made from goes first.
    del attached, chapters, first, parts, last, around, bound
    made = Pdf(bind(leaves), sum(leaf.pdf.pages for leaf in leaves))
    with room_on_disk(shelf.folder):
        shelf.keep(whole, made)
        shelf.tidy(at=timezone.now())
    return made


def the_shelf() -> Shelf:
    """The shelf on which all drawn parts are kept."""
    return Shelf(settings.PAGES_DIR, megabytes=settings.PAGES_SHELF_MB)


@dataclass(frozen=True)
class Mark:
    """The key of a part on the shelf, and how much HTML it is, in characters."""

    key: str
    size: int


def _marks(parts: Sequence[Part]) -> list[Mark]:
    styles = styles_key([Path(folder) for folder in settings.STATICFILES_DIRS])
    return [_mark(part, part.html(), styles) for part in parts]


def _mark(part: Part, html: str, styles: str) -> Mark:
    attached = part.attached.content if part.attached else ""
    return Mark(key_of(styles, part.name, html, attached), len(html))


def _drawn(
    parts: Sequence[Part],
    marks: Sequence[Mark],
    *,
    room: DrawingRoom,
    shelf: Shelf,
    progress: Progress | None = None,
) -> list[Pdf]:
    """Give the drawn parts in their order: from the shelf, or drawn now and put there.

    Raises JobFailed when all is done that can be done.
    """
    found = [shelf.find(mark.key) for mark in marks]
    missing = {mark: part for mark, part, pdf in zip(marks, parts, found, strict=True) if pdf is None}
    orders = [_order(part, mark, shelf) for mark, part in missing.items()]
    titles = {part.name: part.title for part in parts}
    done = len(parts) - len(orders)
    faults: dict[str, str] = {}
    with room_on_disk(shelf.folder):
        shelf.folder.mkdir(parents=True, exist_ok=True)
    for order, fault in room.draw(orders):
        done += 1
        if progress:
            text = _("Chapter %(done)s of %(all)s is drawn: %(title)s")
            named = {"done": done, "all": len(parts), "title": titles[order.name]}
            progress(0.05 + 0.8 * done / len(parts), (text % named)[:200])
        if fault:
            faults[order.name] = fault
        if fault == "disk":
            break
    if faults:
        raise JobFailed(_in_words(faults, titles))
    return [pdf or read(shelf.file(mark.key)) for mark, pdf in zip(marks, found, strict=True)]


def _order(part: Part, mark: Mark, shelf: Shelf) -> Order:
    attached = part.attached
    told = asdict(attached) | {"at": attached.at.isoformat()} if attached else None
    return Order(part.name, shelf.file(mark.key), part.html, mark.size, told)


def _pages_of_anchors(parts: Sequence[Part], drawn: Sequence[Pdf]) -> dict[str, str]:
    return {
        name: page_label(part.pages_of, page)
        for part, pdf in zip(parts, drawn, strict=True)
        for name, (page, _x, _y) in pdf.anchors.items()
    }


def _in_words(faults: dict[str, str], titles: dict[str, str]) -> str:
    """Say which chapters were not drawn, and what to do."""
    if "disk" in faults.values():
        return _no_room_left(settings.PAGES_DIR)
    which = ", ".join(f"“{titles[name]}”" for name in faults)
    again = _("The other chapters are kept: trying again draws only what is missing.")
    if set(faults.values()) <= {ENDED, "memory"}:
        why = _(
            "These chapters could not be drawn: %(which)s. The process that draws them needed more than the "
            "%(limit)s MB of memory that it may take, or was ended from outside. If it happens again, whoever keeps "
            "this site raises PAGES_MEMORY_MB."
        )
    else:
        why = _("These chapters could not be drawn: %(which)s. The log says why. Tell the people who run this site.")
    return f"{why % {'which': which, 'limit': settings.PAGES_MEMORY_MB}} {again}"


@contextmanager
def room_on_disk(folder: Path) -> Iterator[None]:
    """Turn a full disk under `folder` into a JobFailed that says where to make room."""
    try:
        yield
    except OSError as fault:
        if fault.errno not in NO_ROOM:
            raise
        raise JobFailed(_no_room_left(folder)) from fault


def _no_room_left(folder: Path) -> str:
    return _(
        "There is no room left on the disk. Make room in %(folder)s, then try again: the pages that are drawn already "
        "are kept."
    ) % {"folder": folder}
