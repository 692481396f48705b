"""Binds the drawn parts into one PDF, with one structure, one outline, and links from part to part.

What stands once in a file comes from the first part: metadata, output intent, language, attachments.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from reports.pages.drawing import Bookmark, Pdf


@dataclass(frozen=True)
class Leaf:
    """One drawn part; `pages_of` stands before the numbers of its pages, which are Roman without it.

    The bookmarks of one that `goes_on` stand under the last of those before it. Where pages are not counted `pages_of`
    is all that they are called.
    """

    pdf: Pdf
    pages_of: str
    goes_on: bool = False
    is_counted: bool = True


class BrokenLink(Exception):
    """A link leads to what is in no part."""


def page_label(pages_of: str, page: int) -> str:
    """Give the number of a page as people call it: “2-14”; `page` counts from 0 within its part."""
    return f"{pages_of}{page + 1}"


def bind(leaves: Sequence[Leaf]) -> bytes:
    """Bind the parts in their order. The same parts give the same bytes. Raises BrokenLink."""
    first, *others = leaves
    with pikepdf.open(io.BytesIO(first.pdf.content)) as whole:
        structure = _Structure(whole)
        colors = whole.pages[0].Resources.ColorSpace
        starts = [0]
        for leaf in others:
            starts.append(len(whole.pages))
            # One after the other: each takes a hundred times its size. What is in its streams the whole can still read.
            with pikepdf.open(io.BytesIO(leaf.pdf.content)) as part:
                for page in part.pages:
                    whole.pages.append(page)
                structure.join(part, first_page=starts[-1])
            # All parts have the same colours, which take a profile of their own.
            whole.pages[starts[-1]].Resources.ColorSpace = colors
        structure.finish()
        pages = [page.obj for page in whole.pages]
        _name_places(whole, leaves, starts, pages)
        _label_pages(whole, leaves, starts)
        _outline(whole, leaves, starts, pages)
        bound = io.BytesIO()
        whole.save(bound, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return bound.getvalue()


class _Structure:
    """The one structure tree: under its document each part of the file keeps the tree that it came with.

    Pages and links know their places in it by a number, which is counted on from part to part.
    """

    def __init__(self, whole: pikepdf.Pdf) -> None:
        self.whole = whole
        self.root = whole.Root.StructTreeRoot
        first = self.root.K[0]
        self.document = whole.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Document, P=self.root, K=Array([first]))
        )
        self.root.K = Array([self.document])
        first.S, first.P = Name.Part, self.document
        self.numbers: list[Any] = list(self.root.ParentTree.Nums)

    def join(self, part: pikepdf.Pdf, *, first_page: int) -> None:
        """Take over the tree of a part whose pages are in the file already, from `first_page` on."""
        shift = len(self.numbers) // 2
        for page in self.whole.pages[first_page:]:
            page.obj.StructParents = page.obj.StructParents + shift
            for annotation in page.obj.get(Name.Annots, []):
                annotation.StructParent = annotation.StructParent + shift
        root = part.Root.StructTreeRoot
        top = root.K[0]
        # Without its parent: else the root of the part, and all that it knows, came with it.
        del top.P
        joined = self.whole.copy_foreign(top)
        joined.S, joined.P = Name.Part, self.document
        self.document.K.append(joined)
        numbers = self.whole.copy_foreign(part.make_indirect(root.ParentTree.Nums))
        for place in range(0, len(numbers), 2):
            self.numbers += [numbers[place] + shift, numbers[place + 1]]

    def finish(self) -> None:
        self.root.ParentTree = self.whole.make_indirect(Dictionary(Nums=Array(self.numbers)))
        self.root.ParentTreeNextKey = len(self.numbers) // 2


def _name_places(whole: pikepdf.Pdf, leaves: Sequence[Leaf], starts: list[int], pages: list[Any]) -> None:
    """Links lead to names; say where in the file each name is."""
    places = {
        name: Array([pages[start + page], Name.XYZ, _number(x), _number(y), 0])
        for leaf, start in zip(leaves, starts, strict=True)
        for name, (page, x, y) in leaf.pdf.anchors.items()
    }
    if missing := sorted({name for leaf in leaves for name in leaf.pdf.elsewhere} - set(places)):
        raise BrokenLink(", ".join(missing))
    names = [entry for name in sorted(places, key=lambda name: bytes(String(name))) for entry in (name, places[name])]
    if Name.Names not in whole.Root:
        whole.Root.Names = Dictionary()
    whole.Root.Names.Dests = whole.make_indirect(Dictionary(Names=Array(names)))


def _label_pages(whole: pikepdf.Pdf, leaves: Sequence[Leaf], starts: list[int]) -> None:
    labels: list[Any] = []
    for leaf, start in zip(leaves, starts, strict=True):
        how = Dictionary(P=String(leaf.pages_of)) if leaf.pages_of else Dictionary(S=Name.r)
        if leaf.pages_of and leaf.is_counted:
            how.S = Name.D
        labels += [start, how]
    whole.Root.PageLabels = Dictionary(Nums=Array(labels))


def _outline(whole: pikepdf.Pdf, leaves: Sequence[Leaf], starts: list[int], pages: list[Any]) -> None:
    tree: list[Any] = []
    for leaf, start in zip(leaves, starts, strict=True):
        moved = [_moved(bookmark, start) for bookmark in leaf.pdf.bookmarks]
        (tree[-1][2] if leaf.goes_on else tree).extend(moved)
    outlines = whole.make_indirect(Dictionary(Type=Name.Outlines))
    whole.Root.Outlines = outlines
    _hang(whole, outlines, tree, pages)


def _moved(bookmark: Bookmark, start: int) -> list[Any]:
    title, (page, x, y), under, state = bookmark
    return [title, (page + start, x, y), [_moved(child, start) for child in under], state]


def _hang(whole: pikepdf.Pdf, parent: Any, bookmarks: list[Any], pages: list[Any]) -> int:
    """Hang bookmarks under `parent`; give how many of all under it are to be seen."""
    seen = len(bookmarks)
    before = None
    for title, (page, x, y), under, state in bookmarks:
        place = Array([pages[page], Name.XYZ, _number(x), _number(y), 0])
        item = whole.make_indirect(Dictionary(Title=String(title), Parent=parent, Dest=place))
        if before is None:
            parent.First = item
        else:
            before.Next, item.Prev = item, before
        before = item
        if under:
            opened = _hang(whole, item, under, pages)
            seen += opened if state == "open" else 0
            item.Count = opened if state == "open" else -opened
    if before is not None:
        parent.Last, parent.Count = before, seen
    return seen


def _number(points: float) -> Any:
    return round(points, 2)
