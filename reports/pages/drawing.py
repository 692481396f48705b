"""From HTML to a tagged PDF. The only module that imports WeasyPrint; it knows nothing of Django.

A document may fetch our own static files and nothing else. What comes out is PDF/A-3a and PDF/UA-1 at once, and the
same HTML gives the same bytes.
"""

import fcntl
import hashlib
import io
import mimetypes
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from unicodedata import bidirectional
from urllib.parse import unquote

from reports.pages.tags import lighten, tell_languages

SCHEME = "static:"
ELSEWHERE = "elsewhere:"
"""Begins the address of what stands in another part, as long as WeasyPrint has the document in hand."""
Bookmark = tuple[str, tuple[int, float, float], list[Any], str]
"""A title, the place of what it stands for (page, x, y), those under it, and `open` or `closed`."""
POINTS = 0.75
"""A CSS pixel in points."""
IS_PDF_UA = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF>"""
"""Stands in the one block of metadata that validators read; a block of its own they would not see.

PDF/A knows no property of PDF/UA: it wants each described that is not its own (ISO 19005-3, 6.6.2.3.2).
"""


@dataclass(frozen=True)
class Attached:
    """A file to be put into the PDF as the source of what it says; `at` is its date, as it would be today otherwise."""

    name: str
    content: str
    description: str
    at: datetime


@dataclass(frozen=True)
class Pdf:
    """A rendered PDF: the file itself, and how many pages it has.

    `anchors` gives where each id stands: page from 0 on, x and y in points from the lower left corner. `elsewhere` are
    the ids that links lead to and that are not in it.
    """

    content: bytes
    pages: int
    anchors: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    bookmarks: list[Bookmark] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


class Drawer:
    """Draws documents one after the other, with style sheets and faces that are read once; `folders` hold both.

    Unpacking the faces takes longer than drawing ten pages: with `unpacked`, a folder, it is done once for all Drawers.
    """

    def __init__(self, folders: Sequence[Path], *, unpacked: Path | None = None) -> None:
        """Raises OSError where the libraries that WeasyPrint draws with are missing."""
        from weasyprint.text.fonts import FontConfiguration

        _keep_letters_together()
        tell_languages()
        self._fonts = FontConfiguration()
        self._fetcher = static_files_only(folders, unpacked)
        self._sheets: dict[str, Any] = {}

    def draw(self, html: str, *, part: str = "", attached: Attached | None = None) -> Pdf:
        """Draw a document; as a `part` of another its links may lead out of it, and its names are its own."""
        from weasyprint import HTML

        source = HTML(string=html, base_url=SCHEME, url_fetcher=self._fetcher)
        elsewhere = _lead_elsewhere(source.etree_element) if part else []
        sheets = [self._sheet(name) for name in _named_sheets(source.etree_element)]
        document = source.render(font_config=self._fonts, stylesheets=sheets)
        drawn_from = html + (attached.content if attached else "")
        content: bytes = document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_tags=True,
            output_intent="srgb",
            pdf_identifier=hashlib.sha256(drawn_from.encode()).hexdigest()[:32].encode(),
            attachments=[_attachment(attached, self._fetcher)] if attached else None,
            finisher=partial(_finish, part=part),
        )
        bookmarks = document.make_bookmark_tree(POINTS, transform_pages=True)
        return Pdf(content, len(document.pages), _anchors(document), bookmarks, elsewhere)

    def _sheet(self, address: str) -> Any:
        """To read a style sheet takes as long as to draw a third of a page."""
        from weasyprint import CSS

        if address not in self._sheets:
            self._sheets[address] = CSS(url=address, url_fetcher=self._fetcher, font_config=self._fonts)
        return self._sheets[address]


class _OneSign(str):
    """A text that is laid out as one sign would be."""

    def __iter__(self) -> Iterator[str]:
        yield self


def _keep_letters_together() -> None:
    """Have WeasyPrint lay out Arabic texts in drawings as a whole, from right to left.

    By itself it sets each letter on its own, the first one leftmost, so that none joins its neighbours.
    """
    from weasyprint import svg

    letter_by_letter = svg.TAGS["text"]
    if letter_by_letter.__module__ == __name__:
        return

    def text(image: Any, node: Any, font_size: float) -> None:
        if any(bidirectional(letter) in {"R", "AL"} for letter in node.text or ""):
            node._etree_node.text = _OneSign(node.text)
            node.attrib["direction"] = "rtl"
        letter_by_letter(image, node, font_size)

    svg.text = text
    svg.TAGS.update(text=text, textPath=text, tspan=text)


def _named_sheets(root: Any) -> list[str]:
    """Take the links to style sheets out of a document, and give their addresses."""
    head = root.find("head")
    links = [] if head is None else [link for link in head.iter("link") if link.get("rel") == "stylesheet"]
    for link in links:
        head.remove(link)
    return [link.get("href") for link in links]


def _lead_elsewhere(root: Any) -> list[str]:
    """Turn links to ids that are not in this document into addresses, which WeasyPrint does not drop. Give the ids."""
    here = {item.get("id") for item in root.iter()}
    found = []
    for link in root.iter("a"):
        target = link.get("href", "")
        if target.startswith("#") and target[1:] not in here:
            link.set("href", ELSEWHERE + target[1:])
            found.append(target[1:])
    return sorted(set(found))


def _anchors(document: Any) -> dict[str, tuple[int, float, float]]:
    found: dict[str, tuple[int, float, float]] = {}
    for number, page in enumerate(document.pages):
        for name, (x, y, *_size) in page.anchors.items():
            found.setdefault(name, (number, x * POINTS, (page.height - y) * POINTS))
    return found


def _attachment(attached: Attached, fetcher: Any) -> Any:
    """WeasyPrint's attachments can be written once, so each drawing makes its own."""
    from weasyprint import Attachment

    return Attachment(
        string=attached.content,
        name=attached.name,
        description=attached.description,
        created=attached.at,
        modified=attached.at,
        relationship="Source",
        url_fetcher=fetcher,
    )


def _finish(document: Any, pdf: Any, *, part: str) -> None:
    for item in pdf.objects:
        if getattr(item, "extra", {}).get("Type") == "/Metadata":
            item.stream = [piece.replace(b"</rdf:RDF>", IS_PDF_UA) for piece in item.stream]
        elif part and isinstance(item, dict):
            _make_own(item, part)
    if "AF" in pdf.catalog:
        # WeasyPrint lists an attachment once for its name and once for its object.
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
    lighten(pdf)


def _make_own(item: Any, part: str) -> None:
    """Name what other parts have under the same name, and let links that lead out of the part do so by name."""
    if "ID" in item and item.get("Type") == "/StructElem":
        # The very object that the cells under this head refer to.
        item["ID"].string = f"{part}/{item['ID'].string}"
    for key in ("BaseFont", "FontName"):
        if key in item:
            # Each part has a selection of the face's signs: the tag before its name has to tell them apart.
            old = item[key] if isinstance(item[key], bytes) else item[key].encode()
            tag = hashlib.sha256(part.encode() + old).digest()[:6]
            item[key] = b"/" + bytes(65 + letter % 26 for letter in tag) + b"+" + old.partition(b"+")[2]
    action = item.get("A")
    if item.get("Subtype") == "/Link" and action and action["URI"].string.startswith(ELSEWHERE):
        name = unquote(action["URI"].string.removeprefix(ELSEWHERE))
        del item["A"]
        item["Dest"] = type(action["URI"])(name)
        item["Contents"] = type(action["URI"])(name)


def static_files_only(folders: Sequence[Path], unpacked: Path | None = None) -> Any:
    """Give WeasyPrint what fetches `static:…` from our own static files; everything else is refused."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class StaticFiles(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            name = url.removeprefix(SCHEME).lstrip("/")
            inside = [path for path in ((folder / name).resolve() for folder in folders) if path.is_file()]
            found = [path for path in inside if any(path.is_relative_to(folder.resolve()) for folder in folders)]
            if not url.startswith(SCHEME) or not found:
                raise ValueError(f"a dossier does not fetch {url}")
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            content = found[0].read_bytes()
            if unpacked and name.endswith(".woff2"):
                # A fault here WeasyPrint would take for a missing face, and take another one.
                with suppress(OSError):
                    content = _unpacked(content, unpacked)
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return StaticFiles()


def _unpacked(packed: bytes, folder: Path) -> bytes:
    """Give a face as WeasyPrint would unpack it, from the folder if it is there."""
    from fontTools.ttLib import woff2

    folder.mkdir(parents=True, exist_ok=True)
    face = folder / hashlib.sha256(packed).hexdigest()
    with (folder / "lock").open("w") as lock:
        # Who comes second waits, and finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not face.exists():
            content = io.BytesIO()
            woff2.decompress(io.BytesIO(packed), content)
            half = folder / "half"
            half.write_bytes(content.getvalue())
            half.replace(face)
    return face.read_bytes()
