"""The document for Word and LibreOffice, to be worked on: the same chapters with real headings, tables and contents."""

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from reports.chapters import compose
from reports.chapters.blocks import (
    Asked,
    Chapter,
    Data,
    Entry,
    LineageTable,
    Listing,
    Paragraph,
    Pointer,
    Quote,
    Said,
    Section,
    Table,
)
from reports.chapters.cover import HOUSE, Cover, cover_of
from reports.chapters.index import IndexLines, index_chapter
from reports.chapters.wording import listed
from reports.choices import Paper
from reports.formats.packages import settled
from reports.formats.statements import paragraphs_of, paragraphs_of_statement
from reports.formats.written import Written
from reports.references import addresses_in, parts

MILLIMETRES = {Paper.A4: (210, 297), Paper.LETTER: (215.9, 279.4)}


def write(data: Data, progress: Callable[[float, str], None]) -> Written:
    """Write the document as a Word file, in the language of its data. The same data gives the same bytes."""
    progress(0.0, _("Writing the Word document"))
    with translation.override(data["language"]):
        return Written(_Manuscript(data).as_bytes())


class _Manuscript:
    """The Word document while it is written, chapter by chapter."""

    def __init__(self, data: Data) -> None:
        from docx import Document

        from reports.formats import wordlanguages, wordparts

        self.parts, self.languages = wordparts, wordlanguages
        self.data = data
        self.addresses = addresses_in(data)
        self.cover = cover_of(data)
        self.at = datetime.fromisoformat(data["frozen_at"]).astimezone(UTC)
        self.document: Any = Document()
        chapters = compose(data)
        self.chapters = [*chapters, index_chapter(data, chapters)]
        self.anchors = {part.id: f"_Toc{number:08}" for number, (_style, part) in enumerate(self._headed(), start=1)}

    def as_bytes(self) -> bytes:
        """Write the whole, in its order."""
        self.parts.prepare_styles(self.document)
        self.styles = self.parts.ids_of_styles(self.document)
        self._set_properties(self.cover)
        self._set_pages(self.cover)
        self.languages.say_language(self.document, language=self.data["language"])
        self._write_cover(self.cover)
        for chapter in self.chapters:
            self._heading(chapter, self._title_of(chapter), 1)
            if chapter.lead:
                self._say(chapter.lead, "Normal")
            for section in chapter.sections:
                self._heading(section, section.title, 2)
                for block in section.blocks:
                    self._write(block)
        file = io.BytesIO()
        self.document.save(file)
        return settled(file.getvalue(), at=self.at)

    def _title_of(self, chapter: Chapter) -> str:
        title = f"{_('Annex')}: {chapter.title}" if chapter.is_annex else chapter.title
        return f"{chapter.number} {title}"

    def _set_properties(self, cover: Cover) -> None:
        properties, moment = self.document.core_properties, self.at.replace(tzinfo=None)
        properties.title, properties.subject, properties.author = cover.name, cover.question, HOUSE
        properties.language, properties.last_modified_by, properties.comments = self.data["language"], HOUSE, ""
        properties.created, properties.modified, properties.revision = moment, moment, 1

    def _set_pages(self, cover: Cover) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        section = self.document.sections[0]
        section.page_width, section.page_height = (Mm(size) for size in MILLIMETRES[self.data["choices"]["paper"]])
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
        section.different_first_page_header_footer = True
        self.parts.add_run(section.header.paragraphs[0], cover.kind)
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.parts.add_field(footer, "PAGE", "1")

    def _write_cover(self, cover: Cover) -> None:
        own, language = self.data["language"], self.data["series"]["language"]
        for text, style, written_in in [
            (HOUSE, "Normal", own),
            (cover.kind, "Subtitle", own),
            (cover.title, "Title", language),
            (cover.question, "Quote", language),
            (cover.edition, "Normal", own),
        ]:
            self._say(text, style, language=written_in)
        contents = self._say(_("Contents"), "TOC Heading")
        contents.paragraph_format.page_break_before = True
        entries = [(self.styles[style], part.title, self.anchors[part.id]) for style, part in self._headed()]
        self.parts.add_contents(self.document, entries)

    def _headed(self) -> Iterator[tuple[str, Chapter | Section]]:
        """Everything that stands in the table of contents, with its style there."""
        for chapter in self.chapters:
            yield "toc 1", chapter
            for section in chapter.sections:
                yield "toc 2", section

    def _heading(self, part: Chapter | Section, text: str, level: int) -> None:
        heading = self._say(text, f"Heading {level}", linked=False, language=part.language)
        self.parts.add_bookmark(heading, self.anchors[part.id], int(self.anchors[part.id][4:]))

    def _say(self, text: str, style: str, *, linked: bool = True, language: str = "") -> Any:
        """Write a paragraph; `language` is its own, where it was not written for this document."""
        paragraph = self.parts.add_paragraph(self.document, self.styles[style])
        self._add(paragraph, text, linked=linked)
        turns = style in {"Quote", self.parts.NUMBERED, self.parts.STATEMENT, self.parts.SOURCE}
        self.languages.say_language_of(paragraph, language=language, document=self.data["language"], turns=turns)
        return paragraph

    def _add(self, paragraph: Any, text: str, *, linked: bool = True) -> None:
        """Add a text whose references are links to the site."""
        for part, address in parts(text, self.addresses) if linked else [(text, "")]:
            if address:
                self.parts.add_link(paragraph, part, address=address)
            else:
                self.parts.add_run(paragraph, part)

    def _write(self, block: Any) -> None:
        match block:
            case Paragraph():
                self._say(f"{block.number}\t{block.text}", self.parts.NUMBERED, language=block.language)
            case Pointer():
                paragraph = self._say(f"{block.number}\t{block.text} ", self.parts.NUMBERED, language=block.language)
                self.parts.add_link(paragraph, block.where, anchor=self.anchors[block.heading])
            case Listing():
                for language, item in block.marked_items:
                    self._say(item, "List Bullet", language=language)
            case Table():
                self._table(block)
            case IndexLines():
                rows = [
                    [reference, listed(row.paragraph or _("Register") for row, _page in mentions)]
                    for reference, mentions in block.marked_lines
                ]
                heads = [_("Reference"), _("Paragraphs that tell of it")]
                self._table(Table(block.title, heads, rows, empty=_("None yet."), widest=2))
            case LineageTable():
                heads = [_("Outcome"), *(event.code for event in block.table.events), _("Goes on in")]
                rows = [
                    [row.reference, *(cell or "–" for cell in row.cells), row.children or "–"]
                    for row in block.table.rows
                ]
                self._table(Table(block.title, heads, rows))
            case Entry():
                self._outcome(block)
            case Asked():
                self._asked(block)
            case Said():
                self._said(block)

    def _list(self, items: Iterable[str]) -> None:
        for item in items:
            self._say(item, "List Bullet")

    def _table(self, block: Table) -> None:
        if not block.rows:
            self._say(block.empty, "Normal")
            return
        self._say(block.caption, "Caption", linked=False)
        lines = [block.headers, *block.rows]
        table = self.document.add_table(rows=len(lines), cols=len(block.headers), style="Table Grid")
        for place, (row, texts) in enumerate(zip(table.rows, lines, strict=True)):
            for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                paragraph = cell.paragraphs[0]
                paragraph._p.style = self.styles[self.parts.CELL]
                self._add(paragraph, text)
                for run in paragraph.runs:
                    run.bold = place == 0 or column == 0
        page = self.document.sections[0]
        width = page.page_width - page.left_margin - page.right_margin
        self.parts.finish_table(table, caption=block.caption, width=width, widest=block.widest)
        if self.languages.is_mirrored(self.data["language"]):
            self.languages.mirror_table(table)
        self.document.add_paragraph()

    def _outcome(self, block: Entry) -> None:
        outcome = block.outcome
        title, language = f"{outcome['reference']} {outcome['title']}", outcome["language"]
        self._say(title, "Heading 3", linked=False, language=language)
        facts = self._say(block.facts, "Normal")
        self.parts.add_run(facts, " ")
        self.parts.add_link(facts, _("On the site"), address=self.addresses[outcome["reference"]])
        self._statement(outcome, block.number)
        for label, items in [
            (_("Its way"), block.way),
            (_("Agreement"), block.positions),
            (_("Reservations and dissent"), block.reservations),
        ]:
            if items:
                self._say(label, self.parts.LABEL)
                self._list(items)
        self._say(_("What it rests on"), self.parts.LABEL)
        for quote in block.quotes:
            self._quotation(quote)
        if block.unquoted:
            self._say(block.unquoted, "Normal")

    def _asked(self, block: Asked) -> None:
        outcome = block.outcome
        contested = f" {_('(contested)')}" if block.is_contested else ""
        self._say(f"{outcome['reference']} {outcome['title']}{contested}", self.parts.LABEL)
        self._statement(outcome, block.number)

    def _statement(self, outcome: Data, number: str) -> None:
        for place, text in enumerate(paragraphs_of_statement(outcome["statement"])):
            numbered = f"{'' if place else number}\t{text}"
            self._say(numbered, self.parts.STATEMENT, language=outcome["language"])

    def _quotation(self, quote: Quote) -> None:
        line = quote.line
        if line["quote"]:
            self._say(f"“{line['quote']}”", "Quote", linked=False, language=quote.language)
        else:
            self._say(line["title"], self.parts.SOURCE, linked=False, language=quote.language)
        through = _("through %(reference)s") % {"reference": line["through"]} if line["through"] else ""
        told = listed(filter(None, [f"{line['source']} {line['input']}", line["relation_label"], through]))
        self._say(told, self.parts.SOURCE)

    def _said(self, block: Said) -> None:
        row = block.input
        self._say(f"{row['reference']} {block.kind}: {row['title']}", self.parts.LABEL, linked=False)
        for text in paragraphs_of(row["text"]):
            self._say(text, "Quote", linked=False, language=row["language"])
        self._say(row["source"], self.parts.SOURCE, linked=False)
        if block.note:
            self._say(block.note, self.parts.SOURCE)
